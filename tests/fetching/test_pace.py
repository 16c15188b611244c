"""How often a host is asked, and how long it is left to rest."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appwatch.domain.timing import Rest
from appwatch.fetching import NoRests
from appwatch.fetching.pace import LONGEST, Pace, rest_after, rest_asked, retry_after
from appwatch.stores.base import Answer, Request

NOW = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def request(host: str = "store.example", per_minute: float = 600) -> Request:
    return Request(f"https://{host}/", "lookup", "cn", frozenset(), per_minute=per_minute)


def answer(status: int, retry: str = "", location: str = "", url: str = "") -> Answer:
    named = {"Retry-After": retry, "Location": location}
    headers = tuple((name, value) for name, value in named.items() if value)
    return Answer(request(), NOW, NOW, status, url, headers)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("99999999999999999999", 86_400),
        ("Mon, 02 Nov 2026 12:00:30 GMT", 30),
        ("Mon, 02 Nov 2026 13:00:30 +0100", 30),
        ("Mon, 02 Nov 2026 12:00:30 -0000", 30),
        ("Mon, 02 Nov 2020 12:00:30 GMT", 0),
        ("Mon, 02 Nov 2099 12:00:30 GMT", 86_400),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("٤٢", None),
        ("Mon, 99 Nov 2026 12:00:30 GMT", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert retry_after(answer(503, value)) == expected


@given(st.text(st.characters(max_codepoint=255), max_size=60))
def test_no_retry_after_raises_or_lasts_for_ever(value: str) -> None:
    wait = retry_after(answer(503, value))
    assert wait is None or timedelta(0) <= wait <= timedelta(days=1)


@pytest.mark.parametrize(
    ("refusal", "minutes"),
    [
        (answer(429), 1),
        (answer(429, "0"), 1),
        (answer(429, "120"), 2),
        (answer(403), 30),
        (answer(403, "120"), 2),
        (answer(302, location="https://www.google.com/sorry/index?continue=x"), 30),
        (answer(200, url="https://www.google.com/sorry/index"), 30),
        (answer(503, "120"), 2),
        (answer(500, "Mon, 02 Nov 2026 12:02:00 GMT"), 2),
        (answer(503, "10"), None),
        (answer(503), None),
        (answer(200), None),
        (answer(404), None),
        (answer(302, location="https://consent.example/?continue=/sorry/"), None),
    ],
)
def test_an_answer_may_ask_for_a_rest(refusal: Answer, minutes: int | None) -> None:
    expected = None if minutes is None else minutes * MINUTE
    assert rest_asked(refusal) == expected


def test_a_rest_grows_with_each_refusal_in_a_row() -> None:
    rest, minutes = None, []
    for _ in range(12):
        # Asked again once the last rest was over.
        moment = rest.until if rest else NOW
        refusal = Answer(request(), moment, moment, 429)
        rest = rest_after(refusal, MINUTE, rest)
        minutes.append((rest.until - moment) / MINUTE)
    assert minutes[:4] == [1, 2, 4, 8]
    assert minutes[-1] == LONGEST / MINUTE
    assert rest == Rest(rest.until, 12)  # type: ignore[union-attr]


def test_a_long_rest_that_was_asked_for_is_kept() -> None:
    day = timedelta(days=1)
    assert rest_after(answer(429), day, Rest(NOW, 5)).until == NOW + day


def test_what_was_in_flight_during_a_refusal_is_no_further_one() -> None:
    first = rest_after(answer(429), MINUTE, None)
    assert rest_after(answer(429), MINUTE, first) == first


def test_a_rest_never_becomes_shorter() -> None:
    long = Rest(NOW + timedelta(hours=1), 1)
    assert rest_after(answer(429), MINUTE, long) == long


def test_rests_in_memory_are_kept_until_they_are_forgotten() -> None:
    rests = NoRests()
    rests.put("lookup", "a", Rest(NOW, 1))
    assert (rests.get("lookup", "a"), rests.get("lookup", "b")) == (Rest(NOW, 1), None)
    rests.put("lookup", "a", None)
    rests.put("lookup", "a", None)
    assert rests.get("lookup", "a") is None


async def taken(pace: Pace, requests: list[Request]) -> list[float]:
    """Return when each request got its turn, in order."""

    async def turn(one: Request) -> float:
        await pace.wait(one)
        return time.monotonic()

    return sorted(await asyncio.gather(*(turn(one) for one in requests)))


def test_requests_to_a_host_are_spread_without_bursts() -> None:
    async def main() -> list[float]:
        return await taken(Pace(), [request()] * 6)

    times = asyncio.run(main())
    # 600 a minute is one every 0.1 seconds, the first of them at once.
    assert times[5] - times[0] > 0.49
    assert all(later - sooner > 0.05 for sooner, later in pairwise(times))


def test_hosts_do_not_wait_for_each_other() -> None:
    async def main() -> list[float]:
        return await taken(Pace(), [request(f"{n}.example", per_minute=0.01) for n in range(50)])

    assert len(asyncio.run(main())) == 50


def test_a_pace_of_0_is_none() -> None:
    async def main() -> list[float]:
        return await taken(Pace(), [request(per_minute=0)] * 500)

    assert len(asyncio.run(main())) == 500
