"""How a dialogue is carried: redirects, cookies, proxies, tries again, rests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from appwatch.domain.model import Reason
from appwatch.domain.timing import Rest
from appwatch.fetching import Fetcher, Fetching, NoRests
from appwatch.fetching.redirects import REDIRECTS, followed
from appwatch.stores.base import Answer, Dialogue, Findings, Request
from tests.fetching import servers
from tests.fetching.servers import Server, reply, says, says_and_leaves, serving

START = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
OK = reply(200, b"{}")
BUSY = reply(503)
MINUTE = timedelta(minutes=1)
CONSENT = "https://consent.google.com/m?continue=x"


class Clock:
    """A clock in the hand of the test."""

    def __init__(self) -> None:
        self.moment = START

    def __call__(self) -> datetime:
        return self.moment


@asynccontextmanager
async def world(
    talk: servers.Talk, rests: NoRests | None = None, clock: Clock | None = None, **more: object
) -> AsyncIterator[tuple[Fetcher, Server]]:
    """Give a fetcher and a server; fields of Fetching may be given by name."""
    fields: dict[str, object] = {"timeout": 20, "backoff": 0.001} | more
    fetching = Fetching(**fields)  # type: ignore[arg-type]
    async with serving(talk) as server, Fetcher(fetching, clock or Clock(), rests) as fetcher:
        yield fetcher, server


def ask(talk: servers.Talk, path: str = "/", **more: object) -> tuple[Answer, Server]:
    """Return the answer to one request, and what the server saw."""

    async def main() -> tuple[Answer, Server]:
        async with world(talk, **more) as (fetcher, server):  # type: ignore[arg-type]
            return await fetcher.ask(server.request(path)), server

    return asyncio.run(main())


def header(head: str, name: str) -> str | None:
    lines = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if line)
    return lines.get(name)


# --- one exchange --------------------------------------------------------------------------


def test_an_answer_is_given_as_it_came() -> None:
    sent = servers.zipped(b"{}")
    answer, server = ask(says(sent), "/lookup?id=1&_=x")
    assert (answer.status, answer.fault, answer.body) == (200, None, b"{}")
    assert answer.raw == sent.partition(b"\r\n\r\n")[2]
    assert answer.header("content-ENCODING") == "gzip"
    assert ("Content-Length", str(len(answer.raw))) in answer.headers
    assert (answer.url, answer.request.url) == (f"{server.url}/lookup?id=1&_=x",) * 2


def test_only_gzip_is_asked_for() -> None:
    _, server = ask(says(OK))
    assert header(server.heads[0], "accept-encoding") == "gzip"


def test_a_clock_that_is_set_back_ends_no_exchange_before_it_began() -> None:
    clock = Clock()

    async def talk(writer: asyncio.StreamWriter, _number: int) -> None:
        clock.moment -= timedelta(hours=1)
        writer.write(OK)

    answer, _ = ask(talk, clock=clock)
    assert (answer.started_at, answer.finished_at) == (START, START)


def test_a_dialogue_is_carried_to_its_end() -> None:
    async def main() -> None:
        async with world(says(reply(200, b"first"), reply(200, b"second"))) as (fetcher, server):

            def dialogue() -> Dialogue:
                first = yield server.request("/1")
                second = yield server.request("/2")
                assert (first.body, second.body) == (b"first", b"second")
                return Findings([], {"x": True})

            carried = await fetcher.carry(dialogue())
            assert [answer.body for answer in carried.exchanges] == [b"first", b"second"]
            assert carried.findings == Findings([], {"x": True})

    asyncio.run(main())


def test_a_dialogue_without_requests_is_carried_too() -> None:
    def dialogue() -> Dialogue:
        yield from ()
        return Findings([])

    async def main() -> None:
        async with Fetcher(Fetching(), Clock()) as fetcher:
            assert (await fetcher.carry(dialogue())).exchanges == []

    asyncio.run(main())


def test_secrets_of_proxies_are_not_shown() -> None:
    fetching = Fetching(proxy="http://u:secret@p", proxies={"cn": "http://u:secret@p"})
    assert "secret" not in repr(fetching)


# --- redirects -----------------------------------------------------------------------------


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_within_the_store_is_followed(status: int) -> None:
    answer, server = ask(says(reply(status, b"", "Location: /cn/app?x=1"), OK))
    assert (answer.status, answer.body, answer.url) == (200, b"{}", f"{server.url}/cn/app?x=1")
    assert answer.request.url == f"{server.url}/"
    assert [head.split()[1] for head in server.heads] == ["/", "/cn/app?x=1"]


@pytest.mark.parametrize("location", [CONSENT, "http://elsewhere.invalid/", "//x.invalid/", ""])
def test_a_redirect_elsewhere_is_given_as_it_came(location: str) -> None:
    moved = reply(302, b"Moved", *([f"Location: {location}"] if location else []))
    answer, server = ask(says(moved, OK))
    assert (answer.status, answer.fault, answer.body) == (302, None, b"Moved")
    assert (answer.header("location"), answer.url) == (location, f"{server.url}/")
    assert len(server.heads) == 1


def test_redirects_without_end_are_a_bad_answer() -> None:
    answer, server = ask(says(reply(302, b"", "Location: /")))
    assert (answer.fault, answer.detail) == (Reason.BAD_ANSWER, "endless redirects")
    assert len(server.heads) == REDIRECTS + 1


def test_nothing_of_a_redirect_stays_in_what_came_of_it() -> None:
    async def talk(writer: asyncio.StreamWriter, number: int) -> None:
        await (says_and_leaves(b"") if number else says(reply(302, b"Moved", "Location: /x")))(
            writer, number
        )

    answer, server = ask(talk, attempts=1)
    assert (answer.fault, answer.url) == (Reason.NETWORK, f"{server.url}/x")
    assert (answer.status, answer.headers, answer.body, answer.raw) == (0, (), b"", b"")


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("https://store.example/x", "https://store.example/x"),
        ("/x", "https://store.example/x"),
        ("http://store.example/x", None),
        ("https://other.example/x", None),
        ("https://store.example@other.example/x", None),
        ("https://store.example:8443/x", None),
        ("ftp://store.example/x", None),
        ("http://[oops", None),
        ("", None),
    ],
)
def test_a_redirect_leads_nowhere_less_secure_and_to_no_other_host(
    location: str, target: str | None
) -> None:
    request = Request("https://store.example/", "s", "cn", frozenset({"store.example"}))
    headers = (("Location", location),)
    assert followed(Answer(request, START, START, 302, request.url, headers)) == target
    assert followed(Answer(request, START, START, 200, request.url, headers)) is None


# --- whom we are, and through whom we ask --------------------------------------------------


def test_no_cookie_is_kept_or_sent_back() -> None:
    async def main() -> list[str]:
        crumb = reply(302, b"", "Set-Cookie: country=cn; Path=/", "Location: /x")
        async with world(says(crumb, reply(200, b"", "Set-Cookie: a=b"), OK)) as (fetcher, server):
            for storefront in ("cn", "us", "cn"):
                await fetcher.ask(server.request(storefront=storefront))
            return server.heads

    heads = asyncio.run(main())
    assert len(heads) == 4
    assert [header(head, "cookie") for head in heads] == [None] * 4


def test_a_constant_cookie_is_sent_as_it_is() -> None:
    async def main() -> list[str]:
        async with world(says(reply(200, b"", "Set-Cookie: a=b"))) as (fetcher, server):
            for _ in range(2):
                await fetcher.ask(server.request(headers={"Cookie": "SOCS=x"}))
            return server.heads

    assert [header(head, "cookie") for head in asyncio.run(main())] == ["socs=x"] * 2


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, servers.closed().url)
    monkeypatch.setenv("NO_PROXY", "")
    assert ask(says(OK))[0].status == 200


def test_each_storefront_leaves_through_its_own_proxy() -> None:
    async def main() -> None:
        async with serving(says(OK)) as chinese, serving(says(OK)) as default:
            proxies = {"proxy": default.url, "proxies": {"cn": chinese.url}}
            async with world(says(OK), **proxies) as (fetcher, server):  # type: ignore[arg-type]
                for storefront in ("cn", "us", "cn"):
                    assert (await fetcher.ask(server.request(storefront=storefront))).status == 200
                asked = f"GET {server.url}/ HTTP/1.1"
                assert [head.split("\r\n")[0] for head in chinese.heads] == [asked] * 2
                assert [head.split("\r\n")[0] for head in default.heads] == [asked]
                assert server.heads == []

    asyncio.run(main())


@pytest.mark.parametrize(
    ("proxy", "fault"),
    [("socks5://127.0.0.1:1", Reason.INTERNAL_ERROR), ("", Reason.INTERNAL_ERROR)],
)
def test_a_proxy_that_cannot_be_used_is_never_gone_around(proxy: str, fault: Reason) -> None:
    answer, server = ask(says(OK), proxies={"cn": proxy}, attempts=1)
    assert (answer.fault, server.heads) == (fault, [])


def test_a_proxy_that_is_down_is_a_network_fault() -> None:
    answer, server = ask(says(OK), proxy=servers.closed().url, attempts=1)
    assert (answer.fault, server.heads) == (Reason.NETWORK, [])


def test_connections_are_used_again_unless_a_fresh_one_is_wanted() -> None:
    async def main() -> list[int]:
        connections = []
        async with world(says(OK)) as (fetcher, server):
            for fresh in (False, False, True, True, False):
                await fetcher.ask(server.request(fresh=fresh))
                connections.append(server.connections)
        return connections

    assert asyncio.run(main()) == [1, 1, 2, 3, 3]


def test_a_given_transport_serves_fresh_requests_too() -> None:
    async def main() -> int:
        async with (
            serving(says(OK)) as server,
            Fetcher(Fetching(), Clock(), transport=httpx.AsyncHTTPTransport()) as fetcher,
        ):
            for fresh in (False, True):
                await fetcher.ask(server.request(fresh=fresh))
            return server.connections

    assert asyncio.run(main()) == 1


# --- tried again ---------------------------------------------------------------------------


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_failure_of_the_store_is_asked_again(status: int) -> None:
    answer, server = ask(says(reply(status), reply(status), OK))
    assert (answer.status, len(server.heads)) == (200, 3)


def test_a_broken_connection_is_asked_again() -> None:
    async def talk(writer: asyncio.StreamWriter, number: int) -> None:
        await (says(OK) if number else says_and_leaves(b"HTTP/1.1 200"))(writer, number)

    answer, server = ask(talk)
    assert (answer.status, len(server.heads)) == (200, 2)


@pytest.mark.parametrize("attempts", [1, 2, 4])
def test_the_last_answer_stands_when_tries_run_out(attempts: int) -> None:
    answer, server = ask(says(BUSY), attempts=attempts)
    assert (answer.status, answer.fault, len(server.heads)) == (503, None, attempts)


@pytest.mark.parametrize("status", [200, 204, 302, 400, 403, 404, 410, 429])
def test_what_the_store_has_decided_is_not_asked_again(status: int) -> None:
    answer, server = ask(says(reply(status)))
    assert (answer.status, len(server.heads)) == (status, 1)


def test_a_timeout_is_not_asked_again() -> None:
    answer, server = ask(servers.hangs, timeout=0.2)
    assert (answer.fault, len(server.heads)) == (Reason.TIMEOUT, 1)
    failing = servers.drips(b"HTTP/1.1 503 Busy\r\nContent-Length: 99\r\n\r\n", b"")
    answer, server = ask(failing, timeout=0.2)
    assert (answer.fault, answer.status, len(server.heads)) == (Reason.TIMEOUT, 503, 1)


def test_a_short_retry_after_takes_the_place_of_our_own_wait() -> None:
    wait = reply(503, b"", "Retry-After: 1")
    answer, server = ask(says(wait, OK), backoff=600)
    assert (answer.status, len(server.heads)) == (200, 2)


def test_a_long_retry_after_becomes_a_rest() -> None:
    rests = NoRests()
    answer, server = ask(says(reply(503, b"", "Retry-After: 3600")), rests=rests)
    assert (answer.status, len(server.heads)) == (503, 1)
    assert rests.get("lookup", server.host) == Rest(START + 60 * MINUTE, 1)


def test_a_retry_after_may_be_a_date() -> None:
    rests = NoRests()
    moment = "Mon, 02 Nov 2026 12:20:00 GMT"
    _, server = ask(says(reply(429, b"", f"Retry-After: {moment}")), rests=rests)
    assert rests.get("lookup", server.host) == Rest(START + 20 * MINUTE, 1)


# --- rests ---------------------------------------------------------------------------------


def statuses(answers: list[Answer]) -> list[int | Reason]:
    return [answer.fault or answer.status for answer in answers]


async def after(fetcher: Fetcher, server: Server, clock: Clock, *minutes: int) -> list[Answer]:
    """Return the answers to requests made at these minutes from the start."""
    answers = []
    for minute in minutes:
        clock.moment = START + minute * MINUTE
        answers.append(await fetcher.ask(server.request()))
    return answers


@pytest.mark.parametrize(("status", "length"), [(403, 30), (429, 1)])
def test_a_host_that_refuses_is_left_to_rest(status: int, length: int) -> None:
    async def main() -> None:
        clock = Clock()
        async with world(says(reply(status), OK), clock=clock) as (fetcher, server):
            answers = await after(fetcher, server, clock, 0, 0, length)
            assert statuses(answers) == [status, Reason.RATE_LIMITED, 200]
            assert answers[1].detail.endswith(f"rests until 2026-11-02 12:{length:02}:00Z")
            assert len(server.heads) == 2

    asyncio.run(main())


def test_a_robot_check_is_left_to_rest_too() -> None:
    rests = NoRests()
    sorry = reply(302, b"", "Location: https://www.google.com/sorry/index?continue=x")
    _, server = ask(says(sorry), rests=rests)
    assert rests.get("lookup", server.host) == Rest(START + 30 * MINUTE, 1)


def test_a_rest_is_of_one_surface() -> None:
    async def main() -> int:
        async with world(says(reply(429), OK)) as (fetcher, server):
            await fetcher.ask(server.request())
            return (await fetcher.ask(server.request(surface="details"))).status

    assert asyncio.run(main()) == 200


def test_strikes_grow_and_are_forgotten_after_a_200() -> None:
    async def main() -> None:
        clock, rests = Clock(), NoRests()
        refusals = [reply(429)] * 2 + [reply(404), OK, reply(429)]
        async with world(says(*refusals), rests, clock) as (fetcher, server):
            await after(fetcher, server, clock, 0, 1)
            assert rests.get("lookup", server.host) == Rest(START + 3 * MINUTE, 2)
            await after(fetcher, server, clock, 3)
            assert rests.get("lookup", server.host) is not None
            await after(fetcher, server, clock, 4)
            assert rests.get("lookup", server.host) is None
            await after(fetcher, server, clock, 5)
            assert rests.get("lookup", server.host) == Rest(START + 6 * MINUTE, 1)

    asyncio.run(main())


def test_an_answer_that_is_not_whole_forgets_no_strike() -> None:
    async def main() -> None:
        clock, rests = Clock(), NoRests()
        cut = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"
        talk = says_and_leaves(reply(429), cut)
        async with world(talk, rests, clock, attempts=1) as (fetcher, server):
            answers = await after(fetcher, server, clock, 0, 1)
            assert statuses(answers) == [429, Reason.NETWORK]
            assert rests.get("lookup", server.host) == Rest(START + MINUTE, 1)

    asyncio.run(main())


def test_a_refusal_whose_body_breaks_off_is_a_refusal_still() -> None:
    rests = NoRests()
    cut = b"HTTP/1.1 429 No\r\nRetry-After: 300\r\nContent-Length: 9\r\n\r\nx"
    answer, server = ask(says_and_leaves(cut), rests=rests)
    assert (answer.fault, len(server.heads)) == (Reason.NETWORK, 1)
    assert rests.get("lookup", server.host) == Rest(START + 5 * MINUTE, 1)


def test_refusals_of_requests_in_flight_together_are_one() -> None:
    async def main() -> Rest | None:
        rests, all_there = NoRests(), asyncio.Event()

        async def talk(writer: asyncio.StreamWriter, number: int) -> None:
            if number == 9:
                all_there.set()
            await all_there.wait()
            writer.write(reply(429))

        async with world(talk, rests) as (fetcher, server):
            await asyncio.gather(*(fetcher.ask(server.request()) for _ in range(10)))
            return rests.get("lookup", server.host)

    assert asyncio.run(main()) == Rest(START + MINUTE, 1)


def test_an_answer_to_what_was_in_flight_ends_no_rest() -> None:
    async def main() -> Rest | None:
        rests, refused = NoRests(), asyncio.Event()

        async def talk(writer: asyncio.StreamWriter, number: int) -> None:
            if number == 0:
                await refused.wait()
            writer.write(reply(429) if number else OK)

        async with world(talk, rests) as (fetcher, server):
            slow = asyncio.create_task(fetcher.ask(server.request()))
            while not server.heads:
                await asyncio.wait([slow], timeout=0.01)
            assert (await fetcher.ask(server.request())).status == 429
            refused.set()
            assert (await slow).status == 200
            return rests.get("lookup", server.host)

    assert asyncio.run(main()) == Rest(START + MINUTE, 1)


def test_whoever_waits_for_a_turn_heeds_a_rest_that_began_meanwhile() -> None:
    async def main() -> None:
        async with world(says(reply(429))) as (fetcher, server):
            turns = (fetcher.ask(server.request(per_minute=1200)) for _ in range(3))
            answers = await asyncio.gather(*turns)
            assert sorted(map(str, statuses(answers))) == ["429", "rate_limited", "rate_limited"]
            assert len(server.heads) == 1

    asyncio.run(main())


def test_processes_share_rests() -> None:
    async def main() -> None:
        clock, rests = Clock(), NoRests()
        async with world(says(reply(429), OK), rests, clock) as (fetcher, server):
            await fetcher.ask(server.request())
            async with Fetcher(Fetching(), clock, rests) as other:
                assert statuses(await after(other, server, clock, 0)) == [Reason.RATE_LIMITED]

    asyncio.run(main())


def test_whoever_persists_asks_a_resting_host_once() -> None:
    async def main() -> None:
        clock, rests = Clock(), NoRests()
        async with world(says(reply(429)), rests, clock, persist=True) as (fetcher, server):
            rests.put("lookup", server.host, Rest(START + 30 * MINUTE, 3))
            answers = await after(fetcher, server, clock, 0, 0)
            assert statuses(answers) == [429, Reason.RATE_LIMITED]
            # It was refused as before: the rest is not shortened, and it is no further strike.
            assert rests.get("lookup", server.host) == Rest(START + 30 * MINUTE, 3)

    asyncio.run(main())


def test_a_host_that_answers_whoever_persists_rests_no_longer() -> None:
    async def main() -> None:
        clock, rests = Clock(), NoRests()
        async with world(says(OK), rests, clock, persist=True) as (fetcher, server):
            rests.put("lookup", server.host, Rest(START + 30 * MINUTE, 3))
            answers = await after(fetcher, server, clock, 0, 0)
            assert statuses(answers) == [200, 200]
            assert rests.get("lookup", server.host) is None

    asyncio.run(main())


def test_a_rest_made_under_a_clock_that_was_ahead_has_ended() -> None:
    async def main() -> None:
        clock, rests = Clock(), NoRests()
        async with world(says(reply(429)), rests, clock) as (fetcher, server):
            rests.put("lookup", server.host, Rest(START + timedelta(days=400), 1))
            answers = await after(fetcher, server, clock, 0, 0)
            assert statuses(answers) == [429, Reason.RATE_LIMITED]
            assert rests.get("lookup", server.host) == Rest(START + 2 * MINUTE, 2)

    asyncio.run(main())


def test_the_longest_rest_of_a_machine_whose_clock_differs_a_little_is_kept() -> None:
    async def main() -> None:
        clock, rests = Clock(), NoRests()
        async with world(says(OK), rests, clock) as (fetcher, server):
            rests.put("lookup", server.host, Rest(START + timedelta(days=1, minutes=1), 1))
            assert statuses(await after(fetcher, server, clock, 0)) == [Reason.RATE_LIMITED]

    asyncio.run(main())


def test_whoever_was_refused_while_persisting_asks_no_more() -> None:
    async def main() -> None:
        async with world(says(reply(403)), persist=True) as (fetcher, server):
            answers = [await fetcher.ask(server.request()) for _ in range(3)]
            assert statuses(answers) == [403, Reason.RATE_LIMITED, Reason.RATE_LIMITED]

    asyncio.run(main())
