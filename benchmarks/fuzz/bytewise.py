"""Ways to spoil a body that know nothing of what it says."""

from collections.abc import Callable, Sequence
from random import Random

Spoil = Callable[[bytes, bytes, Random], bytes]  # a body, another one, a source of choices
_MARKS = (b"<", b">", b"{", b"}", b"[", b"]", b",", b"</script>", b"<script", b"\n", b'":')
_NUMBERS = (b"-1", b"1.0", b"1e999", b"9" * 5_000, b"true", b"null", b"0", b"18446744073709551616")
_MARKERS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"+/v8-")
_FILLINGS = (b"a", b"<a>", b'","', b" ", b"\\u0061", b"'ds:")
_DEEP = 100_000


def _cut(body: bytes, _other: bytes, random: Random) -> bytes:
    return body[: _place(body, random)]


def _splice(body: bytes, other: bytes, random: Random) -> bytes:
    return body[: _place(body, random)] + other[_place(other, random) :]


def _one_in_the_other(body: bytes, other: bytes, random: Random) -> bytes:
    at = _place(body, random)
    return body[:at] + other + body[at:]


def _behind(body: bytes, other: bytes, random: Random) -> bytes:
    return random.choice((body + other, other + body, body + body, body + b"\n\n" + other))


def _flip(body: bytes, _other: bytes, random: Random) -> bytes:
    spoiled = bytearray(body)
    for _ in range(random.choice((1, 1, 2, 20, 1_000))):
        if spoiled:
            spoiled[random.randrange(len(spoiled))] ^= 1 << random.randrange(8)
    return bytes(spoiled)


def _lose(body: bytes, _other: bytes, random: Random) -> bytes:
    start, end = sorted((_place(body, random), _place(body, random)))
    return body[:start] + body[end:]


def _repeat(body: bytes, _other: bytes, random: Random) -> bytes:
    start, end = sorted((_place(body, random), _place(body, random)))
    return body[:end] + body[start:end] * random.choice((1, 2, 50)) + body[end:]


def _recode(body: bytes, _other: bytes, random: Random) -> bytes:
    text = body.decode(random.choice(("utf-8", "latin-1", "cp1252")), "replace")
    coding = random.choice(("utf-16", "utf-16-le", "utf-32", "latin-1", "utf-7", "cp037"))
    return text.encode(coding, "replace")


def _mark(body: bytes, _other: bytes, random: Random) -> bytes:
    return random.choice(_MARKERS) + body


def _nothing(body: bytes, _other: bytes, random: Random) -> bytes:
    at = _place(body, random)
    return body[:at] + b"\0" * random.choice((1, 3, 4_096)) + body[at:]


def _nest(body: bytes, _other: bytes, random: Random) -> bytes:
    opening, closing = random.choice(((b"[", b"]"), (b'{"a":', b"}"), (b"<div>", b"</div>")))
    depth, at = random.choice((40, 1_100, _DEEP)), _place(body, random)
    end = closing * depth if random.random() < 0.5 else b""
    return body[:at] + opening * depth + end + body[at:]


def _number(body: bytes, _other: bytes, random: Random) -> bytes:
    places = [at for at in (_place(body, random) for _ in range(40)) if body[at : at + 1].isdigit()]
    at = random.choice(places) if places else _place(body, random)
    end = at
    while body[end : end + 1].isdigit():
        end += 1
    return body[:at] + random.choice(_NUMBERS) + body[end:]


def _swell(body: bytes, _other: bytes, random: Random) -> bytes:
    at, filling = _place(body, random), random.choice(_FILLINGS)
    return body[:at] + filling * (random.choice((10_000, 4_000_000)) // len(filling)) + body[at:]


BYTEWISE: Sequence[Spoil] = (
    _cut,
    _splice,
    _splice,
    _one_in_the_other,
    _behind,
    _flip,
    _lose,
    _repeat,
    _recode,
    _mark,
    _nothing,
    _nest,
    _number,
    _swell,
)


def _place(body: bytes, random: Random) -> int:
    """Return a place in the body: any, or one where something begins or ends."""
    at = random.randint(0, len(body))
    if random.random() < 0.4:
        return at
    mark = random.choice(_MARKS)
    found = body.find(mark, at)
    if found < 0:
        return at
    return found if random.random() < 0.5 else found + len(mark)
