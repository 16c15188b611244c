"""A change with all that proves it, made by hand: what the tests of bundles start from."""

import gzip
import io
import json
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from msgspec import structs

from appwatch.domain.model import Outcome
from appwatch.domain.verdict import Rule
from appwatch.evidence import Evidence, wacz
from appwatch.evidence.bundle import Packing, make_bundle
from appwatch.evidence.opening import opened
from appwatch.evidence.proof import (
    ExchangeProof,
    GoodListingProof,
    LookProof,
    PeriodProof,
    Proof,
    ProvenChange,
    StoreFacts,
    SweepProof,
)

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
BEFORE = datetime(2026, 11, 23, 12, tzinfo=UTC)
LISTING, CONTROL, SECRET = "1080840241", "361309726", "4815162342"
EMPTY_BATCH = gzip.compress(json.dumps({"results": [{"trackId": int(SECRET)}]}).encode(), mtime=0)
ALONE = gzip.compress(json.dumps({"results": [{"trackId": int(CONTROL)}]}).encode(), mtime=0)
GOOD = json.dumps({"trackId": int(LISTING), "trackName": "Castro"}).encode()


def is_single(url: str, listing: str) -> bool:
    """Whether a lookup asks for nothing but this listing and the control."""
    asked = parse_qs(urlsplit(url).query).get("id", [""])[0].split(",")
    return set(asked) <= {listing, CONTROL}


def extract(body: bytes, listings: Collection[str]) -> dict[str, bytes]:
    """Return the listings' own results."""
    named = {str(one["trackId"]): one for one in json.loads(body)["results"]}
    return {name: json.dumps(one).encode() for name, one in named.items() if name in listings}


RULE = Rule("app_store.absent", Outcome.NOT_FOUND, "an id that was asked is left out", "it <must>")
STORE = StoreFacts(
    "App Store", [RULE], is_single, extract, lambda listing, cc: f"https://x.test/{cc}/{listing}"
)
PACKING = Packing(STORE, NOW)


def exchange(number: int, at: datetime, ids: str, body: bytes) -> ExchangeProof:
    """Return a lookup of these ids."""
    url = f"https://itunes.apple.test/lookup?id={ids}&country=cn&limit=200&_=k{number}"
    return ExchangeProof(
        "lookup",
        url,
        url,
        {"User-Agent": "appwatch/0", "Cookie": "SOCS=operator"},
        200,
        (
            ("Content-Type", "text/javascript; charset=utf-8"),
            ("Content-Encoding", "gzip"),
            ("Transfer-Encoding", "chunked"),
            ("X-Odd", "caf\xe9"),
        ),
        None,
        "",
        at - timedelta(seconds=1),
        at,
        sha256(body).hexdigest(),
        len(body),
        number,
        "cn",
        "local",
    )


def make_proof(evidence: Evidence) -> Proof:
    """Return the proof of a disappearance seen by three looks, each a batch and a lookup alone."""
    looks: list[LookProof[datetime]] = []
    exchanges: list[ExchangeProof] = []
    for number in range(3):
        at = BEFORE + timedelta(minutes=15 * (number + 1))
        batch = exchange(10 + number, at - timedelta(seconds=2), f"{LISTING},{SECRET}", EMPTY_BATCH)
        alone = exchange(20 + number, at, f"{LISTING},{CONTROL}", ALONE)
        exchanges += [batch, alone]
        role = "confirms" if number else "after"
        looks.append(_look(role, at, (alone.id, batch.id)))
    for body in (EMPTY_BATCH, ALONE, GOOD):
        evidence.keep(body)
    period = PeriodProof("available", None, BEFORE, BEFORE, looks[0].seen_at, 1, 0)
    return Proof(
        _change(looks),
        period,
        structs.replace(period, state="gone", ended_at=None, ended_earliest_at=None),
        SweepProof("local", BEFORE, BEFORE, None),
        GoodListingProof(
            BEFORE, {"name": "Castro"}, sha256(GOOD).hexdigest(), sha256(b"all").hexdigest()
        ),
        looks,
        exchanges,
    )


def _look(role: str, at: datetime, numbers: tuple[int, int]) -> LookProof[datetime]:
    return LookProof(
        role, at, "not_found", None, RULE.id, 1, ("lookup",), "", {"name": ""}, numbers
    )


def _change(looks: list[LookProof[datetime]]) -> ProvenChange[datetime]:
    return ProvenChange(
        "c_20261123_abc",
        "disappeared",
        "castro",
        "Castro <b>\u202e",
        "app_store",
        LISTING,
        "cn",
        "available",
        "gone",
        BEFORE,
        looks[0].seen_at,
        looks[-1].seen_at,
        3,
        (RULE.id,),
        ("lookup",),
        1,
        0,
        None,
        "i_1",
        waived=False,
        retracted_at=None,
        retracted_why=None,
    )


def make(folder: Path, packing: Packing = PACKING, proof: Proof | None = None) -> Path:
    """Return a bundle made in this folder."""
    evidence = Evidence(folder / "evidence")
    made = make_proof(evidence)
    return make_bundle(proof or made, evidence, folder / "bundle.wacz", packing)


def members(path: Path) -> dict[str, bytes]:
    """Return every member of a bundle."""
    with opened(path) as archive:
        found = {}
        for name in archive.names:
            with archive.stream(name) as member:
                found[name] = member.read()
    return found


def rewrite(path: Path, changed: Mapping[str, bytes]) -> Path:
    """Write the bundle anew with these members, hashes and all, as only its maker could."""
    parts = {**members(path), **changed}
    del parts[wacz.PACKAGE], parts[wacz.DIGEST]
    streams = {name: io.BytesIO(content) for name, content in parts.items()}
    package = wacz.package_of(dict(streams), "title", "description", "software", NOW)
    digest = wacz.digest_of(package, None)
    streams |= {wacz.PACKAGE: io.BytesIO(package), wacz.DIGEST: io.BytesIO(digest)}
    with path.open("wb") as file:
        wacz.pack(file, dict(streams))
    return path
