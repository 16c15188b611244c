"""The use case: look, observe, judge, record. Scheduler, command line and tests all call it."""

import asyncio
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from zlib import crc32

import structlog

from appwatch.db import due, keeping, record, telling
from appwatch.db.due import Due
from appwatch.db.engine import Database
from appwatch.db.keeping import Exchange, GoodListing
from appwatch.db.ledger import Recorded, Seen, Sweep, Terms
from appwatch.domain.model import Facts, Observation, Outcome, Place, Reason, State
from appwatch.domain.state import SETTLED
from appwatch.domain.timing import is_late, rounds_missed
from appwatch.domain.verdict import RULES_VERSION
from appwatch.errors import AppwatchError, EvidenceError
from appwatch.evidence import Evidence
from appwatch.fetching import Carried, Fetcher
from appwatch.stores.base import Answer, Asked, Batch, Findings, Store
from appwatch.stores.faults import NO_ANSWER

REFRESHED = timedelta(days=1)  # a last good listing is kept anew at most this often
_SETTLED = {state.value: outcome for state, outcome in SETTLED.items()}
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Looking:
    """What looks need: where to look, what to keep, by which terms to judge."""

    database: Database
    fetcher: Fetcher
    stores: Mapping[str, Store]
    evidence: Evidence
    now: Callable[[], datetime]
    terms: Terms
    controls: Mapping[str, Sequence[str]]
    vantage: str


Report = Callable[[Sequence[Recorded]], None]


async def sweep(looking: Looking, place: Place, targets: Sequence[Due], report: Report) -> None:
    """Look at these targets of one storefront, recording batch by batch.

    Each batch is one transaction; what was not recorded stays due. Raises DatabaseError.
    """
    started_at = looking.now()
    under_way = await asyncio.to_thread(_open, looking, place, targets, started_at)
    vouched = False
    for batch in _batches(looking.stores[place.store].batch_size, targets):
        carried = await _look(looking, place, batch, vouched=vouched)
        vouched = vouched or any(carried.findings.controls.values())
        recorded = await asyncio.to_thread(_record, looking, under_way, batch, carried)
        report(recorded)
    await asyncio.to_thread(_close, looking, under_way)


def _batches(size: int, targets: Sequence[Due]) -> Iterator[Sequence[Due]]:
    for start in range(0, len(targets), size):
        yield targets[start : start + size]


def _open(looking: Looking, place: Place, targets: Sequence[Due], now: datetime) -> Sweep:
    with looking.database.write() as connection:
        number = due.open_sweep(connection, place, looking.vantage, now, len(targets))
    every = looking.terms.every
    late = sum(is_late(target.next_look_at, now, every) for target in targets)
    oldest = min((target.next_look_at for target in targets), default=now)
    return Sweep(number, place, late=late, missed_rounds=rounds_missed(oldest, now, every))


def _close(looking: Looking, under_way: Sweep) -> None:
    with looking.database.write() as connection:
        due.close_sweep(connection, under_way.id, looking.now())
        telling.report_baseline(connection, looking.terms.routes, looking.now())


async def _look(looking: Looking, place: Place, batch: Sequence[Due], *, vouched: bool) -> Carried:
    """Carry the store's dialogue about this batch; our own failure is inconclusive too."""
    store = looking.stores[place.store]
    asked = [Asked(target.listing, _SETTLED.get(target.state)) for target in batch]
    controls = looking.controls.get(place.store) or store.default_controls
    wanted = Batch(place.storefront, asked, controls, secrets.token_hex(6), vouched)
    try:
        return await looking.fetcher.carry(store.look(wanted))
    except AppwatchError:
        raise
    except Exception as error:  # noqa: BLE001 - an error of ours must never look like an answer
        _log.exception("look failed", action="look_failed", place=str(place))
        return _failed(looking.now(), place, batch, error)


def _failed(now: datetime, place: Place, batch: Sequence[Due], error: Exception) -> Carried:
    verdict = NO_ANSWER[Reason.INTERNAL_ERROR].says(f"{type(error).__name__}: {error}"[:200])
    observations = [
        Observation(
            target.listing,
            place.storefront,
            verdict.outcome,
            verdict.rule,
            now,
            verdict.reason,
            verdict.detail,
        )
        for target in batch
    ]
    return Carried(Findings(observations), [])


def _record(
    looking: Looking, under_way: Sweep, batch: Sequence[Due], carried: Carried
) -> list[Recorded]:
    """Keep what proves the findings, then record them in one transaction."""
    answers = [sha256(answer.raw).digest() for answer in carried.exchanges]
    seen = [
        Seen(
            target, observation, answers[observation.exchanges[0]] if observation.exchanges else b""
        )
        for target, observation in zip(batch, carried.findings.observations, strict=True)
    ]
    seen, kept = _prove(looking, seen, carried.exchanges)
    good = _good_listings(looking, under_way.place, seen, carried.exchanges)
    place, now = under_way.place, looking.now()
    with looking.database.write() as connection:
        rows = keeping.insert_exchanges(connection, place, looking.vantage, kept)
        keeping.note_controls(connection, place, carried.findings.controls, now)
        keeping.keep_listings(connection, good)
        recorded = record.record(connection, under_way, seen, rows, looking.terms, now)
    _tell_log(place, recorded)
    return recorded


def _prove(
    looking: Looking, seen: list[Seen], answers: Sequence[Answer]
) -> tuple[list[Seen], dict[int, Exchange]]:
    """Keep the exchanges of every look that moves something.

    Without its proof a look moves nothing: it is inconclusive until evidence can be kept.
    """
    wanted = {n for one in seen if _moves(one) for n in one.observation.exchanges}
    try:
        return seen, {n: _exchange(looking.evidence, answers[n]) for n in sorted(wanted)}
    except EvidenceError as error:
        _log.error("evidence not kept", action="evidence_failed", error=str(error))
        return [_unproven(one, str(error)) if _moves(one) else one for one in seen], {}


def _moves(seen: Seen) -> bool:
    """Whether the look speaks against the state, or ends what spoke against it."""
    if seen.due.state == State.UNKNOWN.value:
        return False
    against = seen.observation.outcome is not _SETTLED.get(seen.due.state)
    return seen.observation.conclusive and (against or seen.due.unsettled)


def _unproven(seen: Seen, detail: str) -> Seen:
    verdict = NO_ANSWER[Reason.INTERNAL_ERROR].says(detail)
    saw = seen.observation
    unproven = Observation(
        saw.listing,
        saw.storefront,
        verdict.outcome,
        verdict.rule,
        saw.seen_at,
        verdict.reason,
        verdict.detail,
    )
    return Seen(seen.due, unproven, seen.answer)


def _exchange(evidence: Evidence, answer: Answer) -> Exchange:
    return Exchange(
        answer.request.surface,
        answer.request.url,
        answer.url,
        answer.request.headers,
        answer.status,
        answer.headers,
        answer.fault.value if answer.fault else None,
        answer.detail,
        answer.started_at,
        answer.finished_at,
        evidence.keep(answer.raw),
        len(answer.raw),
    )


def _good_listings(
    looking: Looking, place: Place, seen: Sequence[Seen], answers: Sequence[Answer]
) -> list[GoodListing]:
    """Keep the listings that are new, or say something new of themselves."""
    good = {s.due.id: s for s in seen if s.observation.outcome is Outcome.AVAILABLE}
    with looking.database.read() as connection:
        known = keeping.known_listings(connection, list(good))
    store = looking.stores[place.store]
    fresh: list[GoodListing] = []
    for target_id, one in good.items():
        facts_hash = _hash(one.observation.facts)
        if target_id in known and not _changed(known[target_id], facts_hash, one):
            continue
        answer = answers[one.observation.exchanges[0]]
        body = store.extract(answer.body, one.due.listing)
        try:
            digest = looking.evidence.keep(body)
        except EvidenceError as error:
            _log.error("listing not kept", action="evidence_failed", error=str(error))
            break
        facts, at = one.observation.facts, one.observation.seen_at
        fresh.append(GoodListing(target_id, facts, facts_hash, at, digest, one.answer.hex()))
    return fresh


def _changed(known: tuple[int, datetime], facts_hash: int, seen: Seen) -> bool:
    last_hash, kept_at = known
    return facts_hash != last_hash and seen.observation.seen_at - kept_at >= REFRESHED


def _hash(facts: Facts) -> int:
    told = (facts.name, facts.developer, facts.version, facts.price, facts.updated, facts.url)
    return crc32("\x1f".join(told).encode(errors="replace"))


def _tell_log(place: Place, recorded: Sequence[Recorded]) -> None:
    """Log what moved; looks that changed nothing are counted by the sweep."""
    for one in recorded:
        for event in one.events:
            _log.info(
                type(event).__name__.lower(),
                action="state_moved",
                app=one.due.app_id,
                store=place.store,
                storefront=place.storefront,
                listing=one.due.listing,
                state=one.state,
                rule=one.observation.rule,
                rules_version=RULES_VERSION,
            )
