"""Checks a bundle on any machine: no database, no network, nothing of it trusted."""

import base64
import binascii
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TypeVar

import msgspec

from appwatch.errors import EvidenceError
from appwatch.evidence import consistency, wacz
from appwatch.evidence.consistency import Head
from appwatch.evidence.documents import (
    ChangeDocument,
    ExtractDocument,
    RulesDocument,
    encode,
)
from appwatch.evidence.opening import Opened, opened
from appwatch.evidence.records import Refused, read_records
from appwatch.evidence.timestamp import ExtraMissing, examine

_Document = TypeVar("_Document", bound=msgspec.Struct)


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at, and what came of it."""

    name: str
    passed: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked of a bundle, and what was not.

    After a check that failed, only those beside it are still made: what is known to have been
    changed is not read any further. `change` is None unless everything holds.
    """

    checks: Sequence[Check]
    unchecked: Sequence[str]
    change: ChangeDocument | None = None

    @property
    def passed(self) -> bool:
        """Whether every check was made and holds."""
        return self.change is not None and all(check.passed for check in self.checks)


class _Bundle:
    """A bundle under examination; its documents are read when first asked for."""

    def __init__(self, archive: Opened, roots: bytes) -> None:
        self.archive = archive
        self.roots = roots
        self.unchecked: list[str] = []

    @cached_property
    def digest(self) -> wacz.PackageDigest:
        return self.document(wacz.DIGEST, wacz.PackageDigest)

    @cached_property
    def package(self) -> wacz.Package:
        return self.document(wacz.PACKAGE, wacz.Package)

    @cached_property
    def change(self) -> ChangeDocument:
        return self.document(wacz.CHANGE, ChangeDocument)

    @cached_property
    def heads(self) -> list[Head]:
        """Every response record; reading them checks their digests."""
        with self.archive.stream(wacz.WARC) as file:
            records = read_records(file)
            return [consistency.head_of(one) for one in records if one.type == "response"]

    def document(self, name: str, of: type[_Document]) -> _Document:
        """Return a member as the type that it must be. Raises Refused."""
        try:
            return msgspec.json.decode(self.archive.read(name), type=of)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
            raise Refused(f"{name} is not what it should be ({str(error)[:100]})") from error


def verify(path: Path, roots: bytes = b"") -> Verified:
    """Check the bundle at this path. Raises nothing, whatever the file holds.

    `roots` are certificates in PEM of the timestamp authorities that the reader trusts.
    """
    try:
        with opened(path) as archive:
            return _examined(_Bundle(archive, roots))
    except Refused as error:
        return Verified([Check("zip", passed=False, detail=str(error))], ["everything else"])
    except OSError as error:
        detail = f"the file cannot be read ({error.strerror or type(error).__name__})"
        return Verified([Check("zip", passed=False, detail=detail)], ["everything"])


def _examined(bundle: _Bundle) -> Verified:
    checks = [Check("zip", passed=True, detail=f"{len(bundle.archive.names)} members")]
    for stage in _STAGES:
        checks += [_made(name, check, bundle) for name, check in stage]
        if not all(check.passed for check in checks):
            return Verified(checks, ["what is inside: what was changed is not read any further"])
    return Verified(checks, [*bundle.unchecked, *_never_checked(bundle)], bundle.change)


def _made(name: str, check: Callable[[_Bundle], str], bundle: _Bundle) -> Check:
    try:
        return Check(name, passed=True, detail=check(bundle))
    except Refused as error:
        return Check(name, passed=False, detail=str(error))


def _never_checked(bundle: _Bundle) -> Iterator[str]:
    """Say what no check looks at, and what no reader of the file could know from it."""
    yield "who made this file: its hashes show that nothing changed since, not by whom it was made"
    yield f"whether {wacz.SUMMARY} says what {wacz.CHANGE} does: the checks read only the latter"
    withheld = sum(one.extract is not None for one in bundle.change.exchanges)
    if withheld:
        yield f"answers about many apps: of {withheld} only the SHA-256 and a part are here"
    captured = sum(one.capture_url is not None for one in bundle.change.captures)
    if captured:
        yield f"{captured} captures at the Wayback Machine: open their addresses in change.json"
    if not bundle.digest.timestamp:
        yield "since when it exists: it carries no timestamp"


def _check_members(bundle: _Bundle) -> str:
    missing = sorted(wacz.REQUIRED - set(bundle.archive.names))
    if missing:
        raise Refused(f"missing: {', '.join(missing)}")
    return "every member that a bundle needs is there"


def _check_digest(bundle: _Bundle) -> str:
    digest = bundle.digest
    if encode(digest) != bundle.archive.read(wacz.DIGEST) or digest.path != wacz.PACKAGE:
        raise Refused(f"{wacz.DIGEST} was rewritten")
    found = sha256(bundle.archive.read(wacz.PACKAGE)).hexdigest()
    if digest.hash != f"sha256:{found}":
        raise Refused(f"{wacz.PACKAGE} does not match {wacz.DIGEST}")
    return f"{wacz.PACKAGE} has the SHA-256 {found}"


def _check_hashes(bundle: _Bundle) -> str:
    """Check every member against its SHA-256, and name each that does not match."""
    listed = {one.path: one for one in bundle.package.resources}
    there = set(bundle.archive.names) - {wacz.PACKAGE, wacz.DIGEST}
    changed = [name for name in sorted(there) if not _matches(bundle, name, listed.get(name))]
    changed += sorted(set(listed) - there)
    if changed or len(listed) != len(bundle.package.resources):
        raise Refused(f"not as {wacz.PACKAGE} lists them: {', '.join(changed) or 'twice'}")
    return f"{len(there)} members have the SHA-256 that {wacz.PACKAGE} lists"


def _matches(bundle: _Bundle, name: str, listed: wacz.Resource | None) -> bool:
    if listed is None:
        return False
    try:
        with bundle.archive.stream(name) as member:
            digest, size = wacz.digest_stream(member)
    except Refused:
        return False
    return (listed.hash, listed.bytes) == (f"sha256:{digest}", size)


def _check_layout(bundle: _Bundle) -> str:
    if not bundle.archive.is_as_written():
        raise Refused("the zip file around the members was rewritten, or holds more than them")
    return "the zip file holds its members and not a byte besides"


def _check_records(bundle: _Bundle) -> str:
    return f"{len(bundle.heads)} answers match the digests of their records"


def _check_extracts(bundle: _Bundle) -> str:
    said = consistency.check_members(bundle.change, bundle.archive.names)
    for one in bundle.change.exchanges:
        if one.extract is not None:
            consistency.check_extract(one, bundle.document(one.extract, ExtractDocument))
    good = bundle.change.last_good
    if good and sha256(bundle.archive.read(good.member)).hexdigest() != good.body:
        raise Refused(f"{good.member} is not the listing that was kept")
    return said


def _check_timestamp(bundle: _Bundle) -> str:
    """Check the timestamp if there is one; note what of it cannot be checked here."""
    digest = bundle.digest
    if not digest.timestamp:
        return "none"
    answer = _answer(digest)
    try:
        stamped = examine(answer, bundle.archive.read(wacz.PACKAGE), bundle.roots)
    except ExtraMissing as error:
        bundle.unchecked.append(f"the timestamp: {error}")
        return "there is one; it was not read"
    except EvidenceError as error:
        raise Refused(str(error)) from error
    if not stamped.signed_by:
        bundle.unchecked.append("the timestamp's signature: its root certificate is not with it")
        return f"of this very bundle, at {stamped.at.isoformat()}; the signature was not checked"
    if not stamped.trusted:
        bundle.unchecked.append(
            "whether the timestamp's authority may be trusted: its root came with it"
        )
    return f"of this very bundle, at {stamped.at.isoformat()}, signed by {stamped.signed_by}"


def _answer(digest: wacz.PackageDigest) -> bytes:
    try:
        answer = base64.b64decode(digest.timestamp, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Refused("the timestamp is no base64") from error
    if digest.timestamp_hash != f"sha256:{sha256(answer).hexdigest()}":
        raise Refused("the timestamp was changed")
    return answer


_Stage = Sequence[tuple[str, Callable[[_Bundle], str]]]
_STAGES: Sequence[_Stage] = (
    (("members", _check_members),),
    (("digest", _check_digest), ("hashes", _check_hashes), ("layout", _check_layout)),
    (("timestamp", _check_timestamp), ("records", _check_records)),
    (
        ("times", lambda b: consistency.check_times(b.change)),
        ("looks", lambda b: consistency.check_looks(b.change)),
        ("exchanges", lambda b: consistency.check_exchanges(b.change, b.heads)),
        ("extracts", _check_extracts),
        (
            "rules",
            lambda b: consistency.check_rules(b.change, b.document(wacz.RULES, RulesDocument)),
        ),
        ("index", lambda b: consistency.check_index(b.heads, b.archive.read(wacz.INDEX))),
        (
            "pages",
            lambda b: consistency.check_pages(b.change, b.heads, b.archive.read(wacz.PAGES)),
        ),
    ),
)
