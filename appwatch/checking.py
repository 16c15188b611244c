"""The use case: look, observe, judge, record. Scheduler, command line and tests all call it."""

import asyncio
import secrets
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Coroutine, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from itertools import chain
from time import monotonic
from typing import Any

import structlog

from appwatch import instrument
from appwatch.db import due, keeping, reach, record, telling
from appwatch.db import instrument as faults
from appwatch.db.due import Due
from appwatch.db.engine import Database
from appwatch.db.holds import LISTED
from appwatch.db.keeping import GoodListing, hash_of
from appwatch.db.standing import tallies_of
from appwatch.db.sweeping import Recorded, Seen, Sweep, Terms
from appwatch.domain.clocks import Beat
from appwatch.domain.model import Observation, Outcome, Place, Reason, State, Verdict
from appwatch.domain.state import SETTLED, Suspected
from appwatch.domain.timing import is_late, rounds_missed
from appwatch.domain.verdict import RULES_VERSION
from appwatch.errors import Defect, EvidenceError, defects
from appwatch.evidence import Evidence
from appwatch.evidence.proof import Exchange
from appwatch.fetching import Carried, Fetcher
from appwatch.instrument import Instrument
from appwatch.stores.base import Answer, Asked, Batch, Findings, Store
from appwatch.stores.faults import NO_ANSWER

REFRESHED = timedelta(days=1)  # a last good listing is kept anew at most this often
TOGETHER = 0.25  # seconds within which what was found is recorded, with what else is found then
MOST_TOGETHER = 16  # batches that wait to be recorded; their bodies are in memory
MOST_AROUND = 3  # newly suspected targets of one batch that are looked for elsewhere
REFERENCES = ("us", "gb", "jp")  # large storefronts of both stores
_ABSENT = State.NEVER_SEEN.value
_ABSENCES = (State.GONE.value, State.NEVER_SEEN.value)
_SETTLED = {state.value: outcome for state, outcome in SETTLED.items()}
_log = structlog.get_logger()


@dataclass(slots=True)
class Looking:
    """What looks need: where to look, what to keep, by which terms to judge.

    `terms` and `controls` change with the watchlist: they are read when something is recorded.
    """

    database: Database
    fetcher: Fetcher
    stores: Mapping[str, Store]
    evidence: Evidence
    now: Callable[[], datetime]
    terms: Terms
    controls: Mapping[str, Sequence[str]]
    vantage: str
    beat: Callable[[], Beat | None] = lambda: None


Report = Callable[[Sequence[Recorded]], None]
Looked = tuple[Sequence[Due], Carried]  # a batch and what was found about it


async def sweep(looking: Looking, place: Place, targets: Sequence[Due], report: Report) -> None:
    """Look at these targets of one storefront, and record what was found a moment later.

    What is recorded together is one transaction; what was not recorded stays due. Raises
    DatabaseError.
    """
    under_way, examined = await asyncio.to_thread(_open, looking, place, targets, looking.now())
    recorder = _Recorder(looking, under_way, report)
    disbelief = await examined.try_nonsense(looking.fetcher)
    for batch in _batches(looking.stores[place.store].batch_size, targets):
        if disbelief is not None:
            carried = _unlooked(looking.now(), place, batch, disbelief)
        else:
            carried = await recorder.during(_look(looking, examined, batch))
            examined.take(carried.findings)
        await recorder.take(batch, carried)
    await recorder.flush()
    if disbelief is None:
        await examined.look_at_controls(looking.fetcher)
    await asyncio.to_thread(_close, looking, under_way, examined)


class _Recorder:
    """Gathers what is found, to record it together: a transaction costs more than its looks."""

    def __init__(self, looking: Looking, under_way: Sweep, report: Report) -> None:
        self._looking = looking
        self._under_way = under_way
        self._report = report
        self._waiting: list[Looked] = []
        self._recorded_at = monotonic()

    async def during(self, look: Coroutine[Any, Any, Carried]) -> Carried:
        """Return what the look finds; if that takes long, record meanwhile what waits."""
        if not self._waiting:
            return await look
        task = asyncio.create_task(look)
        try:
            await asyncio.wait({task}, timeout=TOGETHER)
            if not task.done():
                await self.flush()
            return await task
        finally:
            task.cancel()

    async def take(self, batch: Sequence[Due], carried: Carried) -> None:
        """Take what was found about a batch, to be recorded within TOGETHER."""
        self._waiting.append((batch, carried))
        waited = monotonic() - self._recorded_at
        if len(self._waiting) >= MOST_TOGETHER or waited >= TOGETHER:
            await self.flush()

    async def flush(self) -> None:
        """Record what waits, and report it."""
        waiting, self._waiting = self._waiting, []
        if waiting:
            record_all = partial(_record, self._looking, self._under_way, waiting)
            recorded = await asyncio.to_thread(record_all)
            self._report(recorded)
            await _look_around(self._looking, self._under_way.place, recorded)
        self._recorded_at = monotonic()


async def _look_around(looking: Looking, place: Place, recorded: Sequence[Recorded]) -> None:
    """Glance at what is newly suspected in reference storefronts that are not watched.

    It tells how far an absence reaches; nothing is judged by it. When much is missing at once
    the store is doubted, and is not asked for more.
    """
    moved = [one for one in recorded if one.events]
    suspected = [r.due for r in moved if any(isinstance(e, Suspected) for e in r.events)]
    if len(suspected) > MOST_AROUND:
        return
    for target in suspected:
        others = await asyncio.to_thread(_references, looking, place, target.listing)
        seen: list[Observation] = []
        for other in others:
            # As if long absent: an absence there is not asked twice.
            glance = Due(target.id, target.app_id, target.listing, _ABSENT, None, looking.now())
            beside = Instrument(looking.stores[other.store], other, _controls(looking, other))
            carried = await _look(looking, beside, [glance])
            seen += carried.findings.observations
        await asyncio.to_thread(_keep_glances, looking, place.store, seen)


def _references(looking: Looking, place: Place, listing: str) -> list[Place]:
    """Return the reference storefronts in which this listing is not watched."""
    with looking.database.read() as connection:
        watched = reach.storefronts_of(connection, place.store, listing)
    return [Place(place.store, code) for code in REFERENCES if code not in watched]


def _keep_glances(looking: Looking, store: str, seen: Sequence[Observation]) -> None:
    with looking.database.write() as connection:
        reach.keep_glances(connection, store, seen)


def _batches(size: int, targets: Sequence[Due]) -> Iterator[Sequence[Due]]:
    for start in range(0, len(targets), size):
        yield targets[start : start + size]


def _open(
    looking: Looking, place: Place, targets: Sequence[Due], now: datetime
) -> tuple[Sweep, Instrument]:
    every, vantage = looking.terms.every, looking.vantage
    planned = Counter(target.next_look_at for target in targets)
    late = sum(count for due_at, count in planned.items() if is_late(due_at, now, every))
    missed = rounds_missed(min(planned, default=now), now, every)
    store, controls = looking.stores[place.store], _controls(looking, place)
    with looking.database.write() as connection:
        number = due.open_sweep(connection, place, vantage, now, len(targets))
        under_way = Sweep(number, place, now, late=late, missed_rounds=missed, vantage=vantage)
        doubts = faults.doubts(connection, place)
    arrives = any(one.unsettled and one.state in _ABSENCES for one in targets)
    return under_way, instrument.prepare(store, under_way, controls, doubts, arrives=arrives)


def _controls(looking: Looking, place: Place) -> Sequence[str]:
    return looking.controls.get(place.store) or looking.stores[place.store].default_controls


def _close(looking: Looking, under_way: Sweep, examined: Instrument) -> None:
    now = looking.now()
    with looking.database.write() as connection:
        asked = (examined.seen, examined.missed, examined.left_out)
        keeping.note_controls(connection, under_way.place, *asked, now)
        replaced = examined.lost.difference(examined.controls)
        keeping.forget_controls(connection, under_way.place, replaced)
        found = faults.conclude(connection, under_way, examined.lost, now)
        due.close_sweep(connection, under_way.id, now)
        telling.report_baseline(connection, looking.terms.routes, now)
    instrument.tell_log(found)


async def _look(looking: Looking, examined: Instrument, batch: Sequence[Due]) -> Carried:
    """Carry the store's dialogue about this batch; our own failure is inconclusive too."""
    store, place = examined.store, examined.place
    second = store.second_surfaces
    doubtful = LISTED if second else ()
    asked = [
        Asked(one.listing, _SETTLED.get(one.state), one.state in doubtful and _lacks(one, second))
        for one in batch
    ]
    key = secrets.token_hex(6)
    wanted = Batch(place.storefront, asked, examined.controls, key, examined.vouched)
    try:
        with defects():
            return await looking.fetcher.carry(store.look(wanted))
    except Defect as error:
        _log.exception("look failed", action="look_failed", place=str(place))
        failure = NO_ANSWER[Reason.INTERNAL_ERROR].says(str(error)[:200])
        return _unlooked(looking.now(), place, batch, failure)


def _lacks(target: Due, second: Sequence[str]) -> bool:
    """Whether an absence still needs a second surface: until one of them has agreed."""
    if target.tallies is None:
        return True
    agreed = {surface for tally in tallies_of(target.tallies) for surface in tally.surfaces}
    return agreed.isdisjoint(second)


def _unlooked(now: datetime, place: Place, batch: Sequence[Due], verdict: Verdict) -> Carried:
    """Return findings that prove nothing, for targets that no answer was read of."""
    observations = [_vain(one.listing, place.storefront, verdict, now) for one in batch]
    return Carried(Findings(observations), [])


def _record(looking: Looking, under_way: Sweep, looked: Sequence[Looked]) -> list[Recorded]:
    """Keep what proves the findings, then record them in one transaction."""
    proven = [_prove(looking, _seen(*one), one[1].exchanges) for one in looked]
    answers = [carried.exchanges for _, carried in looked]
    place, now, under_way.beat = under_way.place, looking.now(), looking.beat()
    found = zip((seen for seen, _ in proven), answers, strict=True)
    good = _good_listings(looking, place, list(found), now)
    with looking.database.write() as connection:
        rows = [
            (seen, keeping.insert_exchanges(connection, place, looking.vantage, kept))
            for seen, kept in proven
        ]
        keeping.keep_listings(connection, good)
        recorded = record.record(connection, under_way, rows, looking.terms, now)
    _tell_log(place, recorded)
    _tell_holds(under_way)
    return recorded


def _seen(batch: Sequence[Due], carried: Carried) -> list[Seen]:
    """Put each target and what was observed of it together, with its answer's SHA-256."""
    answers = [sha256(answer.raw).digest() for answer in carried.exchanges]
    return [
        Seen(target, saw, answers[saw.exchanges[0]] if saw.exchanges else b"")
        for target, saw in zip(batch, carried.findings.observations, strict=True)
    ]


def _prove(
    looking: Looking, seen: list[Seen], answers: Sequence[Answer]
) -> tuple[list[Seen], dict[int, Exchange]]:
    """Keep the exchanges of every look that moves something.

    Without its proof a look moves nothing: it is inconclusive until evidence can be kept.
    """
    wanted = {n for one in seen if _moves(one) for n in one.observation.exchanges}
    if not wanted:
        return seen, {}
    try:
        return seen, {n: _exchange(looking.evidence, answers[n]) for n in sorted(wanted)}
    except EvidenceError as error:
        return [_unproven(one, str(error)) if _moves(one) else one for one in seen], {}


def _moves(seen: Seen) -> bool:
    """Whether the look speaks against the state, or ends what spoke against it."""
    target, saw = seen.due, seen.observation
    settled = _SETTLED.get(target.state)
    if saw.outcome is settled and target.tallies is None:
        return False
    disagrees = saw.reason is Reason.SURFACES_DISAGREE
    return settled is not None and (saw.conclusive or disagrees)


def _unproven(seen: Seen, detail: str) -> Seen:
    saw = seen.observation
    verdict = NO_ANSWER[Reason.INTERNAL_ERROR].says(detail)
    unproven = _vain(saw.listing, saw.storefront, verdict, saw.seen_at)
    return Seen(seen.due, unproven, seen.answer)


def _vain(listing: str, storefront: str, verdict: Verdict, at: datetime) -> Observation:
    """Return a look that no answer is behind."""
    outcome, rule, reason, detail, _ = verdict
    return Observation(listing, storefront, outcome, rule, at, reason, detail)


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
    looking: Looking,
    place: Place,
    found: Sequence[tuple[Sequence[Seen], Sequence[Answer]]],
    now: datetime,
) -> list[GoodListing]:
    """Keep the listings that are new, or say something new of themselves."""
    told = _outdated(looking, chain.from_iterable(seen for seen, _ in found), now)
    fresh: list[GoodListing] = []
    # Evidence logs that itself; what is missing is kept by a later look.
    with suppress(EvidenceError):
        for one, body in _parts(looking.stores[place.store], found, told):
            target, facts, at = one.due.id, one.observation.facts, one.observation.seen_at
            digest = looking.evidence.keep(body)
            fresh.append(GoodListing(target, facts, told[target], at, digest, one.answer.hex()))
    return fresh


def _outdated(looking: Looking, seen: Iterable[Seen], now: datetime) -> dict[int, int]:
    """Return the targets whose listing is to be kept, each with the hash of what it says."""
    new = {
        one.due.id: told
        for one in seen
        if one.observation.outcome is Outcome.AVAILABLE
        and (told := hash_of(one.observation.facts)) != one.due.facts_hash
    }
    if not new:
        return new
    with looking.database.read() as connection:
        recent = keeping.kept_since(connection, list(new), now - REFRESHED)
    return {target: told for target, told in new.items() if target not in recent}


def _parts(
    store: Store,
    found: Sequence[tuple[Sequence[Seen], Sequence[Answer]]],
    targets: Collection[int],
) -> Iterator[tuple[Seen, bytes]]:
    """Yield what an answer says of each of these targets. An answer is taken apart once."""
    for seen, answers in found:
        by_answer = defaultdict[int, list[Seen]](list)
        for one in seen:
            if one.due.id in targets:
                by_answer[one.observation.exchanges[0]].append(one)
        for number, ones in by_answer.items():
            own = store.extract(answers[number].body, {one.due.listing for one in ones})
            yield from ((one, own.get(one.due.listing, b"")) for one in ones)


def _tell_holds(under_way: Sweep) -> None:
    """Log each hold once, when it begins."""
    for hold in under_way.opened:
        where = f"{hold.store}/{hold.storefront}" if hold.storefront else hold.store
        told = f"{hold.missing} of {hold.available} targets are missing at once in {where}: held."
        _log.warning(told, action="held", id=hold.id)
    under_way.opened.clear()


def _tell_log(place: Place, recorded: Sequence[Recorded]) -> None:
    """Log what moved; looks that changed nothing are counted by the sweep."""
    for one in [one for one in recorded if one.events]:
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
