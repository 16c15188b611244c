"""How a dialogue is carried: one exchange, cookies, proxies, tries again."""

import asyncio
from datetime import timedelta

import httpx
import pytest

from appwatch.domain.model import Reason
from appwatch.fetching import Fetcher, Fetching
from appwatch.stores.base import Dialogue, Findings
from tests.fetching import servers
from tests.fetching.asking import OK, START, Clock, ask, world
from tests.fetching.servers import reply, says, says_and_leaves, serving

BUSY = reply(503)


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


@pytest.mark.parametrize("proxy", ["me:s3cret@proxy.example:3128", "http://me:s3cret@a:b"])
def test_a_proxy_that_cannot_be_used_is_not_shown(proxy: str) -> None:
    answer, _ = ask(says(OK), proxies={"cn": proxy}, attempts=1)
    told = "ValueError: the proxy has no address that can be used; see: appwatch doctor"
    assert answer.detail == told


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
