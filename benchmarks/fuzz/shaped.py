"""Ways to spoil a body that know its data: keys, values, ids, storefronts, markup."""

import json
import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from benchmarks.fuzz.bytewise import Spoil

_KEY = re.compile(rb'"(\w{1,40})"\s*:')
_BLOCK = re.compile(r"\bdata:(?:function\(\)\{return )?|application/(?:ld\+)?json\"[^<>]{0,200}>")
_SPACE = re.compile(r"\s*")
_TAG = re.compile(rb"<[^<>]{1,2000}>")
_VALUES: Sequence[Any] = (
    *(None, True, False, 0, 1, 2, -1, 0.5),
    *("", "x", "us", [], [2], [1], {}, [[]]),
)
_SWAPS: Sequence[tuple[bytes, bytes]] = (
    (b"966129812", b"361309726"),
    (b"966129812", b"966129813"),
    (b"com.ruguoapp.jike", b"com.google.android.youtube"),
    (b"com.ruguoapp.jike", b"com.ruguoapp.Jike"),
    (b"/cn/", b"/us/"),
    (b"_us/", b"_kr/"),
    (b"gl=us", b"gl=kr"),
    (b"United States", b"South Korea"),
    (b'"software"', b'"podcast"'),
    (b"Not Found", b"Not Here"),
    (b"<head>", b'<head><meta charset="a\x01b">'),
    (b"<head>", b'<head><meta charset="utf-16">'),
    (b'itemprop="offers"', b'itemprop="offer"'),
    (b"Ws7gDc", b"xs7gDc"),
    (b'"resultCount":2', b'"resultCount":0'),
    (b'"resultCount":2', b'"resultCount":1'),
)


def _again(body: bytes, _other: bytes, random: Random) -> bytes:
    """Write a key a second time, right before or behind where it stands."""
    keys = list(_KEY.finditer(body))
    if not keys:
        return body
    key = random.choice(keys)
    extra = key[0] + json.dumps(random.choice(_VALUES)).encode() + b","
    at = random.choice((key.start(), random.choice(keys).start()))
    return body[:at] + extra + body[at:]


def _swap(body: bytes, _other: bytes, random: Random) -> bytes:
    told = [pair for pair in _SWAPS if pair[0] in body]
    if not told:
        return body
    one, other = random.choice(told)
    return body.replace(one, other, random.choice((1, -1)))


def _value(body: bytes, _other: bytes, random: Random) -> bytes:
    """Change one value somewhere in the data; or lose it, or move it."""
    text = _text(body)
    blocks = list(_blocks(text))
    if not blocks:
        return body
    start, end, value = random.choice(blocks)
    for _ in range(random.choice((1, 1, 3))):
        value = _changed(value, random)
    return _bytes(text[:start] + json.dumps(value, ensure_ascii=False) + text[end:])


def _foreign_value(body: bytes, other: bytes, random: Random) -> bytes:
    """Put a piece of the other body's data in the place of one of this."""
    text, foreign = _text(body), _text(other)
    ours, theirs = list(_blocks(text)), list(_blocks(foreign))
    if not ours or not theirs:
        return body
    start, end, _ = random.choice(ours)
    start_there, end_there, _ = random.choice(theirs)
    return _bytes(text[:start] + foreign[start_there:end_there] + text[end:])


def _markup(body: bytes, other: bytes, random: Random) -> bytes:
    """Lose a tag, or put in one of the other body's."""
    tags, theirs = list(_TAG.finditer(body)), list(_TAG.finditer(other))
    if not tags:
        return body
    tag = random.choice(tags)
    put = random.choice(theirs)[0] if theirs and random.random() < 0.5 else b""
    return body[: tag.start()] + put + body[tag.end() :]


SHAPED: Sequence[Spoil] = (_again, _swap, _swap, _value, _value, _value, _foreign_value, _markup)


def _blocks(text: str) -> Iterator[tuple[int, int, Any]]:
    """Yield where each block of JSON begins and ends, and its value."""
    starts = [0] if text[:200].lstrip()[:1] == "{" else [m.end() for m in _BLOCK.finditer(text)]
    for start in starts[:40]:
        at = _SPACE.match(text, start)
        try:
            value, end = json.JSONDecoder().raw_decode(text, at.end() if at else start)
        except (ValueError, RecursionError):
            continue
        yield start, end, value


def _text(body: bytes) -> str:
    return body.decode("utf-8", "surrogateescape")


def _bytes(text: str) -> bytes:
    # A lone half of a pair may come from the data's own \\u escapes.
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def _changed(value: Any, random: Random) -> Any:  # noqa: ANN401 - any JSON
    """Return the value with one thing in it changed: the deeper, the likelier."""
    if isinstance(value, dict) and value and random.random() < 0.9:
        key = random.choice(list(value))
        return _changed_key(dict(value), key, random)
    if isinstance(value, list) and value and random.random() < 0.9:
        return _changed_item(list(value), random.randrange(len(value)), random)
    return random.choice(_VALUES)


def _changed_key(value: dict[str, Any], key: str, random: Random) -> dict[str, Any]:
    chance = random.random()
    if chance < 0.1:
        del value[key]
    elif chance < 0.2:
        value[random.choice(("x", key.upper(), f"{key}2"))] = value.pop(key)
    else:
        value[key] = _changed(value[key], random)
    return value


def _changed_item(value: list[Any], at: int, random: Random) -> list[Any]:
    chance = random.random()
    if chance < 0.08:
        del value[at]
    elif chance < 0.16:
        value.insert(at, random.choice(_VALUES))
    elif chance < 0.24:
        random.shuffle(value)
    else:
        value[at] = _changed(value[at], random)
    return value
