"""Answer bodies as pieces that are compressed once and joined again in any order."""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from random import Random

_GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_LAST_BLOCK = b"\x03\x00"
_RAW_DEFLATE = -15
_WORDS = 1024
_WORD_LENGTH = 13


def steady(seed: str | int) -> Random:
    """Return a source of choices that are the same in every run."""
    return Random(seed)  # noqa: S311 - nothing here is a secret


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes, and the same bytes as byte-aligned deflate blocks of their own."""

    raw: bytes
    deflated: bytes


def piece(raw: bytes) -> Piece:
    """Compress these bytes once, so that bodies made of them need not."""
    deflate = zlib.compressobj(6, zlib.DEFLATED, _RAW_DEFLATE)
    return Piece(raw, deflate.compress(raw) + deflate.flush(zlib.Z_FULL_FLUSH))


def joined(pieces: Sequence[Piece]) -> bytes:
    """Return the plain body."""
    return b"".join(part.raw for part in pieces)


def gzipped(pieces: Sequence[Piece]) -> bytes:
    """Return the body as one gzip member (RFC 1952) without compressing anything again."""
    plain = joined(pieces)
    blocks = b"".join(part.deflated for part in pieces)
    trailer = struct.pack("<II", zlib.crc32(plain), len(plain) & 0xFFFFFFFF)
    return _GZIP_HEAD + blocks + _LAST_BLOCK + trailer


@lru_cache(maxsize=16)
def padding(size: int) -> Piece:
    """Return `size` bytes that compress about as well as a store's scripts and styles."""
    random = steady(size)
    words = [f"{random.getrandbits(56):x}" for _ in range(_WORDS)]
    choices = [words[: 1 << power] for power in range(4, 11)]
    drawn = (random.choice(random.choice(choices)) for _ in range(size // _WORD_LENGTH + 1))
    text = ".".join(drawn)
    return piece(text[:size].ljust(size, ".").encode())


@lru_cache(maxsize=4)
def bomb(size: int) -> bytes:
    """Return a gzip member of a few kB that decodes to `size` bytes of spaces."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, zlib.MAX_WBITS | 16)
    block = b" " * min(size, 1 << 20)
    chunks = [deflate.compress(block) for _ in range(size // len(block))]
    return b"".join(chunks) + deflate.compress(b" " * (size % len(block))) + deflate.flush()
