"""Makes the one file to hand over: a WACZ with everything that proves a change."""

import io
import os
import secrets
import tempfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import IO

from appwatch import __version__
from appwatch.errors import EvidenceError
from appwatch.evidence import wacz
from appwatch.evidence.documents import (
    LAST_GOOD,
    ChangeDocument,
    change_document,
    encode,
    extract_document,
    page_title,
    rules_document,
)
from appwatch.evidence.folder import Evidence
from appwatch.evidence.proof import ExchangeProof, Proof, StoreFacts
from appwatch.evidence.summary import headline, summary_of
from appwatch.evidence.warc import Written, write_warc

SOFTWARE = f"appwatch {__version__}"
_SPOOLED = 16 * 2**20  # bytes of records that are gathered in memory
_DECODED_CAP = 64 * 2**20  # bytes of a batch without its content coding
_GZIP = 31  # window bits that mean "a gzip header and trailer"


@dataclass(frozen=True, slots=True)
class Packing:
    """How a bundle is to be made.

    A batch enters as its hash and this app's part of it, unless `include_batches`: it shows
    what else is watched. `stamp` is given the bytes of datapackage.json and returns a
    timestamp authority's answer about them.
    """

    store: StoreFacts
    now: datetime
    include_batches: bool = False
    stamp: wacz.Stamp | None = None


def make_bundle(proof: Proof, evidence: Evidence, to: Path, packing: Packing) -> Path:
    """Write the bundle whole or not at all, and return where it is.

    Raises EvidenceError when the file exists, cannot be written, or evidence is missing.
    """
    if to.suffix != ".wacz":
        raise EvidenceError(f"A bundle is a WACZ file; give it a name that ends in .wacz: {to}")
    try:
        with tempfile.SpooledTemporaryFile(_SPOOLED) as records:
            _publish(to, _members(proof, evidence, packing, records))
    except FileExistsError as error:
        raise EvidenceError(f"{to} exists already; give the bundle another name.") from error
    except OSError as error:
        raise EvidenceError(
            f"The bundle {to} cannot be written ({error.strerror}); "
            "free some space, or choose a folder that can be written."
        ) from error
    return to


def _members(
    proof: Proof, evidence: Evidence, packing: Packing, records: IO[bytes]
) -> dict[str, IO[bytes]]:
    """Return everything that stands in the bundle, by name."""
    whole, parts = _sort_out(proof, packing)
    kept = ((one, evidence.read(one.body)) for one in whole)
    written = write_warc(records, SOFTWARE, packing.now, kept)
    extracts = {one.id: wacz.extract_name(one.id) for one in parts}
    document = change_document(
        proof, SOFTWARE, packing.now, {one.exchange: one for one in written}, extracts
    )
    members: dict[str, IO[bytes]] = {wacz.WARC: records}
    for name, content in _texts(proof, document, written, packing):
        members[name] = io.BytesIO(content)
    for one in parts:
        extract = _extract(evidence.read(one.body), one, packing.store, proof.change.listing)
        members[extracts[one.id]] = io.BytesIO(encode(extract_document(one, extract)))
    if proof.last_good is not None:
        members[LAST_GOOD] = io.BytesIO(evidence.read(proof.last_good.body))
    return members | _hashes(members, document, packing)


def _sort_out(proof: Proof, packing: Packing) -> tuple[list[ExchangeProof], list[ExchangeProof]]:
    """Part what enters whole from the batches that enter by their extract."""
    listing = proof.change.listing
    whole: list[ExchangeProof] = []
    parts: list[ExchangeProof] = []
    for one in proof.exchanges:
        urls = [url for url in (one.url, one.final_url) if url]
        single = all(packing.store.is_single(url, listing) for url in urls)
        (whole if single or packing.include_batches else parts).append(one)
    return whole, parts


def _texts(
    proof: Proof, document: ChangeDocument, written: Sequence[Written], packing: Packing
) -> Iterator[tuple[str, bytes]]:
    store = packing.store
    rules = rules_document(proof, store.rules)
    titles = {one.record: page_title(one) for one in document.exchanges if one.record}
    yield wacz.INDEX, wacz.index_of(written)
    yield wacz.PAGES, wacz.pages_of(written, titles)
    yield wacz.CHANGE, encode(document)
    yield wacz.RULES, encode(rules)
    yield wacz.SUMMARY, summary_of(document, rules, store)


def _hashes(
    members: dict[str, IO[bytes]], document: ChangeDocument, packing: Packing
) -> dict[str, IO[bytes]]:
    """Return the two members that say what all the others are."""
    title = _plain(headline(document, packing.store))
    description = "What a store answered, kept by appwatch. Read appwatch/summary.html first."
    package = wacz.package_of(members, title, description, SOFTWARE, packing.now)
    digest = wacz.digest_of(package, packing.stamp)
    return {wacz.PACKAGE: io.BytesIO(package), wacz.DIGEST: io.BytesIO(digest)}


def _plain(heading: str) -> str:
    return unescape(heading.replace("<bdi>", "").replace("</bdi>", ""))


def _extract(body: bytes, exchange: ExchangeProof, store: StoreFacts, listing: str) -> bytes:
    """Return the listing's own part of a batch, or nothing where it has none or cannot be read."""
    said = (value for name, value in exchange.headers if name.lower() == "content-encoding")
    if next(said, "identity").strip().lower() in ("gzip", "x-gzip"):
        stream = zlib.decompressobj(_GZIP)
        try:
            body = stream.decompress(body, _DECODED_CAP)
        except zlib.error:
            return b""
    return store.extract(body, [listing]).get(listing, b"")


def _publish(to: Path, members: dict[str, IO[bytes]]) -> None:
    """Write the file under another name, then give it its own: it is never seen half written."""
    if to.exists():
        raise FileExistsError(to)
    draft = to.with_name(f".{to.name}.{secrets.token_hex(4)}")
    try:
        with draft.open("xb") as file:
            wacz.pack(file, members)
            file.flush()
            os.fsync(file.fileno())
        _name(draft, to)
    finally:
        # Where the folder cannot be written, that is the error to tell.
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _name(draft: Path, to: Path) -> None:
    """Give the draft its name, unless something has that name by now."""
    try:
        to.hardlink_to(draft)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if to.exists():
            raise FileExistsError(to) from None
        draft.replace(to)
