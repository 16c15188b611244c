"""The JSON in a bundle: what its members say, as types that writing and checking share."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from typing import TypeVar
from urllib.parse import urlsplit, urlunsplit

import msgspec

from appwatch.domain.moments import moment_text
from appwatch.domain.verdict import RULES_VERSION, Rule
from appwatch.evidence.proof import ExchangeProof, LookProof, Proof
from appwatch.evidence.warc import Written, public_url

FORMAT = "appwatch-proof/1"
LAST_GOOD = "appwatch/last-good.txt"  # plain text: a store's page is not to be run


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of a document; what it does not know is refused. Times are RFC 3339 in UTC."""


_P = TypeVar("_P", bound=_Part)


class ChangePart(_Part, frozen=True):
    """The change, as its row has it."""

    id: str
    kind: str
    app: str
    name: str
    store: str
    listing: str
    storefront: str
    from_state: str
    to_state: str
    before_at: str
    after_at: str
    confirmed_at: str
    looks: int
    rules: list[str]
    surfaces: list[str]
    rules_version: int
    missed_rounds: int
    scope: str | None
    incident: str
    waived: bool
    retracted_at: str | None
    retracted_why: str | None


class PeriodPart(_Part, frozen=True):
    """A period that the change ended or began."""

    state: str
    started_earliest_at: str | None
    started_at: str
    ended_earliest_at: str | None
    ended_at: str | None
    looks: int | None
    inconclusive_looks: int | None


class SweepPart(_Part, frozen=True):
    """The round of looks in which the app was last seen in its old state.

    `answer` is the SHA-256 of the answer that showed it, where it is known.
    """

    vantage: str
    started_at: str
    finished_at: str | None
    answer: str | None


class GoodListingPart(_Part, frozen=True):
    """The listing as last kept; `body` and `answer` are SHA-256, `member` is where it stands."""

    seen_at: str
    facts: dict[str, str]
    body: str
    answer: str
    member: str


class LookPart(_Part, frozen=True):
    """One look; the first of its exchanges is the one that the verdict rests on."""

    role: str
    seen_at: str
    outcome: str
    reason: str | None
    rule: str
    rules_version: int
    surfaces: list[str]
    detail: str
    facts: dict[str, str]
    exchanges: list[int]


class ExchangePart(_Part, frozen=True):
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


class CapturePart(_Part, frozen=True):
    """A page that the Wayback Machine was to capture; `words` is what it said last."""

    page: str
    storefront: str
    url: str
    status: str
    capture_url: str | None
    asked_at: str | None
    settled_at: str | None
    words: str | None


class ChangeDocument(_Part, frozen=True):
    """appwatch/change.json."""

    format: str
    software: str
    made_at: str
    change: ChangePart
    ended: PeriodPart | None
    began: PeriodPart | None
    before: SweepPart | None
    last_good: GoodListingPart | None
    looks: list[LookPart]
    exchanges: list[ExchangePart]
    captures: list[CapturePart]


class RulePart(_Part, frozen=True):
    """One rule; empty texts where today's rules have none of that id."""

    id: str
    outcome: str
    looks_for: str
    because: str


class RulesDocument(_Part, frozen=True):
    """appwatch/rules.json: the rules by which the looks were read."""

    rules_version: int
    rules_version_now: int
    rules: list[RulePart]


class ExtractDocument(_Part, frozen=True):
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
        _told(ChangePart, proof.change),
        _told_if(PeriodPart, proof.ended),
        _told_if(PeriodPart, proof.began),
        _told_if(SweepPart, proof.before),
        _told_if(GoodListingPart, proof.last_good, member=LAST_GOOD),
        [_look(look) for look in proof.looks],
        [_exchange(one, written.get(one.id), extracts.get(one.id)) for one in proof.exchanges],
        [_told(CapturePart, one) for one in proof.captures],
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


def _told(part: type[_P], proof: object, **more: object) -> _P:
    """Return what the proof says as this part of a document; `more` stands instead of it."""
    names = (name for name in part.__struct_fields__ if name not in more)
    return msgspec.convert({name: _plain(getattr(proof, name)) for name in names} | more, part)


def _told_if(part: type[_P], proof: object | None, **more: object) -> _P | None:
    return None if proof is None else _told(part, proof, **more)


def _plain(value: object) -> object:
    return moment_text(value) if isinstance(value, datetime) else value


def _look(look: LookProof) -> LookPart:
    # What an answer that proves nothing said may name others that are watched.
    return _told(LookPart, look, detail="" if look.role == "between" else look.detail)


def _exchange(
    exchange: ExchangeProof, written: Written | None, extract: str | None
) -> ExchangePart:
    show = _without_query if extract else public_url
    return _told(
        ExchangePart,
        exchange,
        url=show(exchange.url),
        final_url=show(exchange.final_url),
        sha256=exchange.body,
        record=written.record if written else None,
        extract=extract,
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
