"""The JSON in a bundle: what its members say, as types that writing and checking share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import msgspec

from appwatch.domain.moments import moment_text
from appwatch.domain.verdict import RULES_VERSION, Rule
from appwatch.evidence.proof import (
    CaptureProof,
    ExchangeProof,
    GoodListingProof,
    LookProof,
    Part,
    PeriodProof,
    Proof,
    ProvenChange,
    SweepProof,
)
from appwatch.evidence.warc import Written, public_url

FORMAT = "appwatch-proof/1"
LAST_GOOD = "appwatch/last-good.txt"  # plain text: a store's page is not to be run


_P = TypeVar("_P", bound=Part)


class GoodListingPart(GoodListingProof[str], frozen=True):
    """The listing as last kept; `member` is where it stands in the bundle."""

    member: str


class ExchangePart(Part, frozen=True):
    """One exchange: a WARC record, or of a batch the extract that stands for it."""

    id: int
    surface: str
    storefront: str
    vantage: str
    url: str
    final_url: str
    status: int
    fault: str | None
    started_at: str
    finished_at: str
    sha256: str
    size: int
    record: str | None
    extract: str | None


class ChangeDocument(Part, frozen=True):
    """appwatch/change.json."""

    format: str
    software: str
    made_at: str
    change: ProvenChange[str]
    ended: PeriodProof[str] | None
    began: PeriodProof[str] | None
    before: SweepProof[str] | None
    last_good: GoodListingPart | None
    looks: Sequence[LookProof[str]]
    exchanges: list[ExchangePart]
    captures: Sequence[CaptureProof[str]]


class RulePart(Part, frozen=True):
    """One rule; empty texts where today's rules have none of that id."""

    id: str
    outcome: str
    looks_for: str
    because: str


class RulesDocument(Part, frozen=True):
    """appwatch/rules.json: the rules by which the looks were read."""

    rules_version: int
    rules_version_now: int
    rules: list[RulePart]


class ExtractDocument(Part, frozen=True):
    """One app's part of an answer that holds others too; `sha256` is of the whole answer."""

    exchange: int
    sha256: str
    size: int
    lists_the_app: bool
    extract: str
    extract_sha256: str


def encode(document: msgspec.Struct) -> bytes:
    """Return the document as JSON for people: indented, one line end at the end."""
    return msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"


def change_document(
    proof: Proof,
    software: str,
    made_at: datetime,
    written: Mapping[int, Written],
    extracts: Mapping[int, str],
) -> ChangeDocument:
    """Return appwatch/change.json; `written` and `extracts` say where each exchange stands."""
    return ChangeDocument(
        FORMAT,
        software,
        moment_text(made_at),
        _told(ProvenChange[str], proof.change),
        _told_if(PeriodProof[str], proof.ended),
        _told_if(PeriodProof[str], proof.began),
        _told_if(SweepProof[str], proof.before),
        _told_if(GoodListingPart, proof.last_good, member=LAST_GOOD),
        [_look(look) for look in proof.looks],
        [_exchange(one, written.get(one.id), extracts.get(one.id)) for one in proof.exchanges],
        [_told(CaptureProof[str], one) for one in proof.captures],
    )


def rules_document(proof: Proof, rules: Sequence[Rule]) -> RulesDocument:
    """Return appwatch/rules.json: every rule that read one of the looks."""
    known = {rule.id: rule for rule in rules}
    used = dict.fromkeys([*proof.change.rules, *(look.rule for look in proof.looks)])
    parts = [_rule(name, known.get(name)) for name in used]
    return RulesDocument(proof.change.rules_version, RULES_VERSION, parts)


def extract_document(exchange: ExchangeProof, extract: bytes) -> ExtractDocument:
    """Return this app's part of a batch."""
    text = extract.decode("utf-8", "backslashreplace")
    return ExtractDocument(
        exchange.id, exchange.body, exchange.size, bool(extract), text, text_digest(text)
    )


def text_digest(text: str) -> str:
    """Return the SHA-256 of a text in UTF-8, in hex."""
    return sha256(text.encode()).hexdigest()


def _told(part: type[_P], proof: Part, **more: object) -> _P:
    """Return the same as a bundle has it, times as text; `more` stands instead of it or beside."""
    told = {name: _plain(value) for name, value in msgspec.structs.asdict(proof).items()}
    return msgspec.convert(told | more, part)


def _told_if(part: type[_P], proof: Part | None, **more: object) -> _P | None:
    return None if proof is None else _told(part, proof, **more)


def _plain(value: object) -> object:
    return moment_text(value) if isinstance(value, datetime) else value


def _look(look: LookProof[datetime]) -> LookProof[str]:
    # What an answer that proves nothing said may name others that are watched.
    return _told(LookProof[str], look, detail="" if look.role == "between" else look.detail)


def _exchange(
    exchange: ExchangeProof, written: Written | None, extract: str | None
) -> ExchangePart:
    show = _without_query if extract else public_url
    return ExchangePart(
        exchange.id,
        exchange.surface,
        exchange.storefront,
        exchange.vantage,
        show(exchange.url),
        show(exchange.final_url),
        exchange.status,
        exchange.fault,
        moment_text(exchange.started_at),
        moment_text(exchange.finished_at),
        exchange.body,
        exchange.size,
        written.record if written else None,
        extract,
    )


def _without_query(url: str) -> str:
    """Return the address without what it asks for: a batch's names what else is watched."""
    parts = urlsplit(public_url(url))
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))


def _rule(name: str, rule: Rule | None) -> RulePart:
    if rule is None:
        return RulePart(name, "", "", "")
    return RulePart(name, rule.outcome.value, rule.looks_for, rule.because)


def page_title(exchange: ExchangePart) -> str:
    """Return what an answer is called in the list of pages."""
    return f"{exchange.surface}, {exchange.storefront}, {exchange.started_at}"
