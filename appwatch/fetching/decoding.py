"""Takes the content coding off a body, never beyond a cap."""

from isal.igzip_lib import DECOMP_GZIP, IgzipDecompressor, IsalError

from appwatch.domain.model import Reason

ACCEPTED = "gzip"  # the only coding that is asked for
_HEAD = b"\x1f\x8b\x08"  # how every gzip member begins
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
        if not rest.startswith(_HEAD[: len(rest)]):
            raise Undecodable(Reason.BAD_ANSWER, "the body is no gzip")
        member = IgzipDecompressor(DECOMP_GZIP)
        most = cap + 1 - len(body)
        # The last bytes name a length: a place of just that length saves a third of the work.
        named = int.from_bytes(raw[-4:], "little") + 1
        try:
            body += member.decompress(rest, min(named, most))
            if not member.eof and len(body) <= cap:  # they are not this member's
                body += member.decompress(b"", cap + 1 - len(body))
        except IsalError as error:  # type: ignore[misc]  # its stubs type it loosely
            raise Undecodable(Reason.BAD_ANSWER, str(error)[:200]) from error
        if len(body) > cap:
            raise Undecodable(Reason.TOO_LARGE, f"more than {cap} bytes when decompressed")
        if not member.eof:
            raise Undecodable(Reason.NETWORK, "the compressed body ends early")
        rest = member.unused_data
        if not rest:
            return body
    raise Undecodable(Reason.BAD_ANSWER, f"more than {_MEMBERS} gzip members")
