"""Bundles that a timestamp authority vouches for, and authorities that lie or fail."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from hashlib import sha256
from threading import Event, Thread

import pytest
from rfc3161_client._rust import parse_timestamp_request

from tests.cli.conftest import Office
from tests.cli.evidence.conftest import bundled, change_of, elsewhere
from tests.evidence.authority import Authority, make_authority
from tests.evidence.posts import Posts


@pytest.fixture
def posts() -> Iterator[Posts]:
    """Return a server that answers every POST as it is told to."""
    with Posts() as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority()


def test_a_bundle_is_stamped_by_the_authority_of_the_settings(
    gone: Office, posts: Posts, authority: Authority
) -> None:
    gone.environment["APPWATCH_TIMESTAMP_URL"] = posts.url
    posts.answer = authority.answer
    file = bundled(gone, "--timestamp")
    pem = gone.folder / "roots.pem"
    pem.write_bytes(authority.pem)
    result = elsewhere("evidence", "verify", str(file), "--roots", str(pem))
    assert result.exit_code == 0
    assert "signed by CN=Test Authority" in result.stdout
    assert "timestamp" not in result.stderr
    assert posts.types == ["application/timestamp-query"]


@pytest.mark.parametrize(
    ("status", "answer", "told"),
    [
        (502, b"<html>", "status 502"),
        (200, b"<html>", "timestamp authority"),
        (200, b"x" * 100_000, "more than 65536 bytes"),
    ],
)
def test_nonsense_of_an_authority_is_told_and_nothing_is_written(
    gone: Office, posts: Posts, status: int, answer: bytes, told: str
) -> None:
    gone.environment["APPWATCH_TIMESTAMP_URL"] = posts.url
    posts.status, posts.answer = status, lambda _query: answer
    file = gone.folder / "jike.wacz"
    wanted = ("evidence", "bundle", change_of(gone), "--to", str(file))
    result = gone.call(*wanted, "--timestamp")
    assert (result.exit_code, file.exists()) == (2, False)
    assert told in result.stderr
    tried = gone.call(*wanted, "--try-timestamp")
    assert (tried.exit_code, file.exists()) == (0, True)
    assert "The bundle carries no timestamp." in tried.stderr


def imprint(query: bytes) -> bytes:
    return bytes(parse_timestamp_request(query).message_imprint.message)


LIES: dict[str, Callable[[Authority, bytes], bytes]] = {
    "another request": lambda authority, query: authority.stamp(imprint(query), 1),
    "something else": lambda authority, _: authority.stamp(sha256(b"else").digest(), 1),
    "signature does not hold": lambda authority, query: authority.answer(query)[:-1] + b"!",
    "not valid then": lambda _, query: make_authority(timedelta(days=-1)).answer(query),
    "no timestamp": lambda authority, query: authority.answer(query)[:-100],
}


@pytest.mark.parametrize("told", LIES)
def test_a_lie_of_an_authority_is_told_and_nothing_is_written(
    gone: Office, posts: Posts, authority: Authority, told: str
) -> None:
    gone.environment["APPWATCH_TIMESTAMP_URL"] = posts.url
    posts.answer = lambda query: LIES[told](authority, query)
    file = gone.folder / "jike.wacz"
    result = gone.call("evidence", "bundle", change_of(gone), "--to", str(file), "--timestamp")
    assert (result.exit_code, file.exists()) == (2, False)
    assert told in result.stderr


def test_an_authority_that_hangs_or_is_not_there_is_told(gone: Office, posts: Posts) -> None:
    gone.environment["APPWATCH_REQUEST_TIMEOUT"] = "0.2"
    awake = Event()
    posts.answer = lambda _: bytes(awake.wait())
    for url, told in ((posts.url, "no answer within 0.2 s"), ("http://127.0.0.1:9", "gave no")):
        gone.environment["APPWATCH_TIMESTAMP_URL"] = url
        result = gone.call("evidence", "bundle", change_of(gone), "--timestamp")
        assert result.exit_code == 2
        assert told in result.stderr
    awake.set()


def test_a_timestamp_needs_an_authority(gone: Office) -> None:
    result = gone.call("evidence", "bundle", change_of(gone), "--timestamp")
    assert result.exit_code == 2
    assert "APPWATCH_TIMESTAMP_URL is not set" in result.stderr
