"""How a content coding comes off a body, and what stops it."""

import gzip
import tracemalloc
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appwatch.domain.model import Reason
from appwatch.fetching.decoding import Undecodable, decode

CAP = 1_000_000


def fault(raw: bytes, coding: str = "gzip", cap: int = CAP) -> Reason:
    with pytest.raises(Undecodable) as raised:
        decode(raw, coding, cap)
    assert raised.value.detail
    return raised.value.fault


@pytest.mark.parametrize("coding", ["", "identity", " Identity "])
def test_a_body_without_coding_stays_as_it_is(coding: str) -> None:
    assert decode(b"abc", coding, CAP) == b"abc"


@pytest.mark.parametrize("coding", ["gzip", "GZIP", "x-gzip"])
def test_gzip_comes_off(coding: str) -> None:
    assert decode(gzip.compress(b"abc", mtime=0), coding, CAP) == b"abc"


def test_an_empty_body_is_empty_whatever_its_coding() -> None:
    assert decode(b"", "gzip", CAP) == b""


def test_several_members_are_one_body() -> None:
    raw = (
        gzip.compress(b"abc", mtime=0)
        + gzip.compress(b"", mtime=0)
        + gzip.compress(b"def", mtime=0)
    )
    assert decode(raw, "gzip", CAP) == b"abcdef"
    assert decode(gzip.compress(b"x", mtime=0) * 16, "gzip", CAP) == b"x" * 16


def test_the_length_that_the_last_bytes_name_is_not_taken_for_the_whole() -> None:
    long, short = gzip.compress(b"x" * 5000, mtime=0), gzip.compress(b"yz", mtime=0)
    assert decode(long + short, "gzip", CAP) == b"x" * 5000 + b"yz"
    assert decode(short + long, "gzip", CAP) == b"yz" + b"x" * 5000
    for named in (0, 2, 4999, 5001, 2**32 - 1):
        assert fault(long[:-4] + named.to_bytes(4, "little")) is Reason.BAD_ANSWER
    assert fault(long + short, cap=4999) is Reason.TOO_LARGE


def test_a_body_of_countless_members_is_given_up() -> None:
    # 16 MB of these would keep the process busy for hours.
    assert fault(gzip.compress(b"", mtime=0) * 800_000) is Reason.BAD_ANSWER


@pytest.mark.parametrize("coding", ["br", "zstd", "deflate", "gzip, gzip", "x" * 1000])
def test_a_coding_that_was_not_asked_for_is_a_bad_answer(coding: str) -> None:
    assert fault(gzip.compress(b"abc", mtime=0), coding) is Reason.BAD_ANSWER


@pytest.mark.parametrize(
    "raw", [b"<html>", zlib.compress(b"abc"), gzip.compress(b"abc", mtime=0) + b"more"]
)
def test_what_is_no_gzip_is_a_bad_answer(raw: bytes) -> None:
    assert fault(raw) is Reason.BAD_ANSWER


def test_a_wrong_checksum_is_a_bad_answer() -> None:
    raw = bytearray(gzip.compress(b"abc", mtime=0))
    raw[-8] ^= 1
    assert fault(bytes(raw)) is Reason.BAD_ANSWER


@pytest.mark.parametrize("parts", [1, 2])
def test_a_body_that_ends_early_is_a_network_fault(parts: int) -> None:
    raw = gzip.compress(b"abc" * 1000, mtime=0) * parts
    for length in (len(raw) - 1, len(raw) - 9, len(raw) - 15):
        assert fault(raw[:length]) is Reason.NETWORK


def test_the_cap_is_exact() -> None:
    raw = gzip.compress(b"x" * 1000, mtime=0)
    assert decode(raw, "gzip", 1000) == b"x" * 1000
    assert fault(raw, cap=999) is Reason.TOO_LARGE
    assert fault(raw + raw, cap=1999) is Reason.TOO_LARGE
    assert decode(raw + gzip.compress(b"", mtime=0), "gzip", 1000) == b"x" * 1000


def test_a_bomb_costs_no_more_memory_than_the_cap() -> None:
    press = zlib.compressobj(9, zlib.DEFLATED, 31)
    zeros = b"\0" * 1_000_000
    raw = b"".join(press.compress(zeros) for _ in range(200)) + press.flush()
    assert len(raw) < 200_000
    tracemalloc.start()
    try:
        assert fault(raw, cap=16 * 1024 * 1024) is Reason.TOO_LARGE
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 16 * 1024 * 1024


@given(st.binary(max_size=500), st.sampled_from(["gzip", "", "br"]))
def test_no_bytes_raise_anything_else(raw: bytes, coding: str) -> None:
    try:
        body = decode(raw, coding, 100)
    except Undecodable as error:
        assert error.fault in {Reason.NETWORK, Reason.BAD_ANSWER, Reason.TOO_LARGE}  # noqa: PT017
    else:
        assert coding != "br"
        assert raw == body or coding == "gzip"
