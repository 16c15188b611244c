"""Spoils whole answers: body, status, type, address, and the compressed bytes on the wire."""

import gzip
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from appwatch.domain.model import Reason
from appwatch.fetching.decoding import Undecodable, decode
from appwatch.stores.base import Answer
from benchmarks.fuzz.bytewise import BYTEWISE
from benchmarks.fuzz.seeds import Seed
from benchmarks.fuzz.shaped import SHAPED

CAP = 16 * 1024 * 1024  # bytes of a body, as the settings have it
_STATUSES = (200, 200, 200, 200, 204, 206, 301, 302, 304, 400, 401, 403, 404, 404, 410, 429, 500)
_TYPES = (
    "",
    "text/html",
    "text/html; charset=utf-16",
    "text/html; charset=utf-7",
    "application/json; charset=iso-8859-1",
    "text/javascript",
    "text/plain",
    "image/png",
    "\0",
)
_ADDRESSES = (
    "https://consent.google.com/m?continue=x",
    "https://www.google.com/sorry/index",
    "http://[::1",
    "/cn/app/x/id966129812",
    "https://apps.apple.com/us/app/id966129812",
    "//play.google.com/store/apps/details?id=com.ruguoapp.jike&gl=us",
    "https://play.google.com/store/apps/details?id=com.ruguoapp.jike&gl=kr",
    "\\\\x",
    "",
)


def spoiled(seed: Seed, others: Sequence[Seed], random: Random) -> Answer:
    """Return the seed's answer, spoiled in one to four ways, others' bytes among them."""
    answer = seed.answer
    for _ in range(random.choice((1, 1, 2, 4))):
        spoil = random.choice((*BYTEWISE, *SHAPED))
        body = spoil(answer.body, _other(seed, others, random), random)
        answer = replace(answer, body=body[:CAP])
    if random.random() < 0.3:
        answer = _as_another(answer, random)
    return _unpacked(answer, random) if random.random() < 0.15 else answer


def _other(seed: Seed, others: Sequence[Seed], random: Random) -> bytes:
    """Return another body, most often one for the same reader."""
    akin = [one for one in others if one.reader == seed.reader]
    return random.choice(akin if random.random() < 0.7 else others).answer.body


def _as_another(answer: Answer, random: Random) -> Answer:
    """Return the answer under another status, type or address."""
    kind, address = random.choice(_TYPES), random.choice(_ADDRESSES)
    headers = random.choice((answer.headers, (("content-type", kind),), (("location", address),)))
    url = address if random.random() < 0.3 else answer.url
    return replace(answer, status=random.choice(_STATUSES), headers=headers, url=url)


def _unpacked(answer: Answer, random: Random) -> Answer:
    """Return the answer as it is after its packed bytes were spoiled on the wire."""
    packed = _packed(answer.body, random)
    coding = random.choice(("gzip", "gzip", "x-gzip", "br", "gzip, gzip", "identity"))
    try:
        body = decode(packed, coding, CAP)
    except Undecodable as error:
        return replace(answer, body=b"", fault=error.fault, detail=error.detail)
    if len(body) > max(CAP, len(packed)):
        return replace(answer, fault=Reason.INTERNAL_ERROR, detail="over the cap")
    return replace(answer, body=body)


def _packed(body: bytes, random: Random) -> bytes:
    packed = gzip.compress(body, 1)
    cut = packed[: random.randint(0, len(packed))]
    return random.choice(
        (
            packed,
            cut,
            packed + cut,
            packed * random.choice((2, 15, 40)),
            gzip.compress(b"") * random.choice((3, 20_000)) + packed,
            gzip.compress(bytes(random.choice((CAP, 4 * CAP))), 1),
            b"".join(gzip.compress(body[at : at + 1_000], 1) for at in range(0, 9_000, 1_000)),
            BYTEWISE[5](packed, b"", random),
        )
    )
