"""A timestamp counts only for the very bytes it was asked for, signed by whoever gave it."""

from datetime import timedelta
from hashlib import sha256

import pytest

from appwatch.errors import EvidenceError
from appwatch.evidence.timestamp import accept_answer, examine, make_query
from tests.evidence.authority import AT, Authority, integer, make_authority, sequence

MESSAGE = b"what is stamped"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return make_authority()


def test_an_answer_to_the_request_is_accepted(authority: Authority) -> None:
    query = make_query(MESSAGE)
    answer = authority.answer(query.body)
    assert accept_answer(query, answer) == answer
    stamped = examine(answer, MESSAGE)
    assert (stamped.at, stamped.signed_by) == (AT, "CN=Test Authority")


def test_an_answer_without_its_root_is_read_and_its_signature_left_open(
    authority: Authority,
) -> None:
    answer = authority.without_root().stamp(sha256(MESSAGE).digest())
    assert examine(answer, MESSAGE).signed_by == ""


def test_an_answer_about_something_else_is_refused(authority: Authority) -> None:
    answer = authority.stamp(sha256(b"else").digest())
    with pytest.raises(EvidenceError, match="something else"):
        examine(answer, MESSAGE)


def test_an_answer_to_an_older_request_is_refused(authority: Authority) -> None:
    old = authority.answer(make_query(MESSAGE).body)
    with pytest.raises(EvidenceError, match="another request"):
        accept_answer(make_query(MESSAGE), old)


@pytest.mark.parametrize(
    "nonsense", [b"", b"<html>502</html>", b"0" * 100_000, bytes.fromhex("30053003020102")]
)
def test_nonsense_is_told_in_a_sentence(nonsense: bytes) -> None:
    with pytest.raises(EvidenceError, match="timestamp authority"):
        accept_answer(make_query(MESSAGE), nonsense)


def test_a_signature_that_does_not_hold_is_refused(authority: Authority) -> None:
    answer = bytearray(authority.stamp(sha256(MESSAGE).digest()))
    answer[-1] ^= 1
    with pytest.raises(EvidenceError):
        examine(bytes(answer), MESSAGE)


def test_a_certificate_of_another_root_is_refused(authority: Authority) -> None:
    impostor = Authority(authority.key, authority.certificate, make_authority().root)
    with pytest.raises(EvidenceError, match="signature"):
        examine(impostor.stamp(sha256(MESSAGE).digest()), MESSAGE)


def test_a_root_that_the_reader_trusts_decides(authority: Authority) -> None:
    answer = authority.without_root().stamp(sha256(MESSAGE).digest())
    stamped = examine(answer, MESSAGE, authority.pem)
    assert (stamped.signed_by, stamped.trusted) == ("CN=Test Authority", True)
    with pytest.raises(EvidenceError, match="signature"):
        examine(answer, MESSAGE, make_authority().pem)


def test_roots_that_are_no_certificates_are_told_in_a_sentence(authority: Authority) -> None:
    answer = authority.stamp(sha256(MESSAGE).digest())
    with pytest.raises(EvidenceError, match="signature"):
        examine(answer, MESSAGE, b"no certificate")


def test_a_refusal_is_told_in_a_sentence() -> None:
    refusal = sequence(sequence(integer(2)))
    with pytest.raises(EvidenceError, match="granted no timestamp"):
        examine(refusal, MESSAGE)


def test_a_certificate_that_had_ended_by_then_is_refused_and_one_that_ended_since_is_not() -> None:
    expired, since = make_authority(timedelta(days=-10)), make_authority(timedelta(hours=1))
    for authority in (expired, expired.without_root()):
        with pytest.raises(EvidenceError, match="was not valid then"):
            examine(authority.stamp(sha256(MESSAGE).digest()), MESSAGE, expired.pem)
        with pytest.raises(EvidenceError, match="was not valid then"):
            examine(authority.stamp(sha256(MESSAGE).digest()), MESSAGE)
    assert examine(since.stamp(sha256(MESSAGE).digest()), MESSAGE).at == AT
