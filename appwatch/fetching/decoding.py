"""Takes the content coding off a body, never beyond a cap."""

from zlib_ng import zlib_ng

from appwatch.domain.model import Reason

ACCEPTED = "gzip"  # the only coding that is asked for
_GZIP = 31  # window bits that mean "a gzip header and trailer"
_MEMBERS = 16  # each costs a copy of what follows it, so thousands of empty ones take minutes


class Undecodable(Exception):
    """The body cannot be decoded; says which fault that is."""

    def __init__(self, fault: Reason, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault
        self.detail = detail


def decode(raw: bytes, coding: str, cap: int) -> bytes:
    """Return the body without its content coding, at most `cap` bytes.

    Raises Undecodable: too_large over the cap, network when a gzip body ends early,
    bad_answer for another coding, bytes that are no gzip, or a body in too many pieces.
    """
    named = coding.strip().lower()
    if named in ("", "identity"):
        return raw
    if named not in ("gzip", "x-gzip"):
        raise Undecodable(Reason.BAD_ANSWER, f"content coding {named[:40]!r} was not asked for")
    return _gunzip(raw, cap) if raw else b""


def _gunzip(raw: bytes, cap: int) -> bytes:
    body = b""
    rest = raw
    for _ in range(_MEMBERS):
        stream = zlib_ng.decompressobj(_GZIP)
        try:
            body += stream.decompress(rest, cap + 1 - len(body))
        except zlib_ng.error as error:  # type: ignore[misc]  # its stubs type it loosely
            raise Undecodable(Reason.BAD_ANSWER, str(error)[:200]) from error
        if len(body) > cap:
            raise Undecodable(Reason.TOO_LARGE, f"more than {cap} bytes when decompressed")
        if not stream.eof:
            raise Undecodable(Reason.NETWORK, "the compressed body ends early")
        rest = stream.unused_data
        if not rest:
            return body
    raise Undecodable(Reason.BAD_ANSWER, f"more than {_MEMBERS} gzip members")
