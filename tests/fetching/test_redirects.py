"""Which redirects are followed, and what comes of the others."""

import asyncio

import pytest

from appwatch.domain.model import Reason
from appwatch.fetching.redirects import REDIRECTS, followed
from appwatch.stores.base import Answer, Request
from tests.fetching.asking import OK, START, ask
from tests.fetching.servers import reply, says, says_and_leaves

CONSENT = "https://consent.google.com/m?continue=x"


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
