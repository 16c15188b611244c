"""Whether what a bundle says of a change agrees with the answers that it holds."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from appwatch.domain.model import State
from appwatch.domain.state import SETTLED
from appwatch.evidence import wacz
from appwatch.evidence.documents import (
    FORMAT,
    LAST_GOOD,
    ChangeDocument,
    ExchangePart,
    ExtractDocument,
    RulesDocument,
    page_title,
)
from appwatch.evidence.proof import LookProof
from appwatch.evidence.records import Record, Refused
from appwatch.evidence.warc import Written, media_type

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


@dataclass(frozen=True, slots=True)
class Head:
    """A response record without its body: `sha256` and `size` are the body's."""

    id: str
    url: str
    date: str
    status: int
    mime: str
    sha256: str
    size: int
    offset: int
    length: int


def head_of(record: Record) -> Head:
    """Return what a response record says, without its body."""
    lines = record.block.partition(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
    headers = [(name, value) for name, _, value in (line.partition(": ") for line in lines)]
    payload = record.payload
    return Head(
        record.id,
        record.headers.get("warc-target-uri", ""),
        record.headers.get("warc-date", ""),
        record.status,
        media_type(headers),
        sha256(payload).hexdigest(),
        len(payload),
        record.offset,
        record.length,
    )


def check_times(document: ChangeDocument) -> str:
    """Check that the change's moments and those of its looks lie in order.

    Where it was seen last when it was first seen otherwise, the clock had been ahead: then only
    the order in which the looks were made dates the change, and nothing need lie around `after_at`.
    """
    if document.format != FORMAT:
        raise Refused(f"{wacz.CHANGE} is of another format than {FORMAT}")
    change = document.change
    before, after = moment(change.before_at), moment(change.after_at)
    confirmed = moment(change.confirmed_at)
    if not before <= after <= confirmed:
        raise Refused("before_at, after_at and confirmed_at are not in order")
    clock_was_set = before == after
    for look in document.looks:
        at = moment(look.seen_at)
        if at > confirmed or (at < after and not clock_was_set):
            raise Refused(f"a look at {look.seen_at} lies outside after_at and confirmed_at")
    good = document.last_good
    # It may be later than before_at: seen once, the old state between two others is no change.
    if good and moment(good.seen_at) >= after and not clock_was_set:
        raise Refused("the last good listing is no earlier than after_at")
    said = f"seen last at {change.before_at}, otherwise from {change.after_at} on"
    return f"{said}: the same moment, so a clock was set" if clock_was_set else said


def check_looks(document: ChangeDocument) -> str:
    """Check that enough looks saw the new state, each by an answer that is there."""
    change = document.change
    confirming = [look for look in document.looks if look.role != "between"]
    if len(confirming) != change.looks or not confirming:
        raise Refused(f"{change.looks} looks are claimed, {len(confirming)} are shown")
    outcome = _outcome(change.to_state)
    exchanges = {one.id: one for one in document.exchanges}
    for look in confirming:
        if look.outcome != outcome:
            raise Refused(f"the look at {look.seen_at} saw {look.outcome}, not {outcome}")
        _check_decided(look, exchanges)
    if {look.rule for look in confirming} != set(change.rules):
        raise Refused("the looks were read by other rules than the change names")
    return f"{len(confirming)} looks saw {outcome}, each decided by an answer that is named"


def _outcome(state: str) -> str:
    try:
        return SETTLED[State(state)].value
    except (KeyError, ValueError) as error:
        raise Refused(f"{state!r} is no state that a change leads to") from error


def _check_decided(look: LookProof[str], exchanges: Mapping[int, ExchangePart]) -> None:
    """Check that the answer a look rests on is there, whole, and not later than the look."""
    if not look.exchanges or any(number not in exchanges for number in look.exchanges):
        raise Refused(f"an answer behind the look at {look.seen_at} is missing")
    deciding = exchanges[look.exchanges[0]]
    if deciding.fault or not deciding.status:
        raise Refused(f"the look at {look.seen_at} rests on an answer that did not arrive")
    if moment(deciding.finished_at) > moment(look.seen_at):
        raise Refused(f"the look at {look.seen_at} rests on a later answer")


def check_exchanges(document: ChangeDocument, heads: Sequence[Head]) -> str:
    """Check that every exchange stands in the records as it is told, and nothing else does."""
    told = {one.id: one for one in document.exchanges}
    if len(told) != len(document.exchanges):
        raise Refused("an exchange is told twice")
    by_id = {head.id: head for head in heads}
    whole = [one for one in document.exchanges if one.record is not None]
    if len(by_id) != len(heads) or {one.record for one in whole} != set(by_id):
        raise Refused(f"the records and the exchanges of {wacz.CHANGE} are not the same")
    for one in document.exchanges:
        _check_exchange(one, by_id.get(one.record or ""))
    bodiless = len(told) - len(whole)
    return f"answers whole and as told: {len(whole)}; told without a body: {bodiless}"


def _check_exchange(told: ExchangePart, head: Head | None) -> None:
    if moment(told.started_at) > moment(told.finished_at):
        raise Refused(f"exchange {told.id} ends before it begins")
    if head is None:
        if told.status and not told.extract:
            raise Refused(f"the answer of exchange {told.id} is missing")
        return
    said = (told.final_url or told.url, told.started_at, told.status, told.sha256, told.size)
    if said != (head.url, head.date, head.status, head.sha256, head.size):
        raise Refused(f"exchange {told.id} is told otherwise than its record has it")


def check_extract(told: ExchangePart, extract: ExtractDocument) -> None:
    """Check that an extract is about the exchange that names it."""
    if (extract.exchange, extract.sha256, extract.size) != (told.id, told.sha256, told.size):
        raise Refused(f"{told.extract} is about another answer than exchange {told.id}")
    if sha256(extract.extract.encode()).hexdigest() != extract.extract_sha256:
        raise Refused(f"{told.extract} does not match its own SHA-256")
    if extract.lists_the_app != bool(extract.extract):
        raise Refused(f"{told.extract} says that it lists the app, or not, against what it holds")


def check_members(document: ChangeDocument, names: Sequence[str]) -> str:
    """Check that the extracts and the last good listing are those that the change names."""
    named = {one.extract for one in document.exchanges if one.extract}
    if document.last_good is not None:
        named.add(document.last_good.member)
    there = set(names) - wacz.REQUIRED
    if named != there:
        odd = min(named ^ there)
        raise Refused(f"{odd} is {'missing' if odd in named else 'named nowhere'}")
    if document.last_good is not None and document.last_good.member != LAST_GOOD:
        raise Refused("the last good listing stands in the wrong member")
    return f"members beside the records: {len(named)}, each of them named"


def check_rules(document: ChangeDocument, rules: RulesDocument) -> str:
    """Check that every rule that read a look is told."""
    told = {rule.id for rule in rules.rules}
    used = {*document.change.rules, *(look.rule for look in document.looks)}
    if told != used or rules.rules_version != document.change.rules_version:
        raise Refused(f"{wacz.RULES} tells of other rules than those that read the looks")
    return f"rules: {len(told)}, of version {rules.rules_version}"


def check_index(heads: Sequence[Head], index: bytes) -> str:
    """Check that the index is the one that the records make."""
    try:
        made = wacz.index_of(map(_written, heads))
    except ValueError as error:
        raise Refused("a record's address cannot be read") from error
    if made != index:
        raise Refused(f"{wacz.INDEX} does not match the records")
    return f"{len(heads)} records are where the index says"


def check_pages(document: ChangeDocument, heads: Sequence[Head], pages: bytes) -> str:
    """Check that the list of pages is the one that the records make."""
    titles = {one.record: page_title(one) for one in document.exchanges if one.record}
    if wacz.pages_of(map(_written, heads), titles) != pages:
        raise Refused(f"{wacz.PAGES} does not match the records")
    return f"{len(heads)} answers are listed as pages"


def _written(head: Head) -> Written:
    return Written(
        0,
        head.id,
        head.url,
        moment(head.date),
        head.status,
        head.mime,
        f"sha256:{head.sha256}",
        head.offset,
        head.length,
    )


def moment(text: str) -> datetime:
    """Return a moment as a bundle writes it. Raises Refused."""
    if not _MOMENT.fullmatch(text):
        raise Refused(f"{text[:40]!r} is no moment")
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise Refused(f"{text!r} is no moment") from error
