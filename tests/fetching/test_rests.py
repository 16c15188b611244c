"""How a host that refuses is left to rest, and who heeds it."""

import asyncio
from datetime import timedelta

import pytest

from appwatch.domain.model import Reason
from appwatch.domain.timing import Rest
from appwatch.fetching import Fetcher, Fetching, NoRests
from appwatch.stores.base import Answer
from tests.fetching.asking import MINUTE, OK, START, Clock, ask, world
from tests.fetching.servers import Server, reply, says, says_and_leaves


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
