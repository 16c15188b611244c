"""What troubles appwatch by what its database tells: each as a fact, for alarms to be made of."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection

from appwatch.db import holds, instrument, queries, rounds
from appwatch.db.holds import Hold
from appwatch.db.instrument import InstrumentFault
from appwatch.db.queries import Coverage
from appwatch.db.watchlist_problems import open_problem
from appwatch.domain.alarms import AlarmKind, CoverageRule, Fact
from appwatch.domain.instrument import FaultKind
from appwatch.domain.timing import is_behind

_WORST = 10  # storefronts of which a message says how little was proved


def troubles(
    connection: Connection, every: timedelta, rule: CoverageRule, now: datetime
) -> list[Fact]:
    """Return the trouble that the database tells of, to whoever asks."""
    facts = [_of_fault(fault) for fault in instrument.open_faults(connection)]
    facts += [_of_hold(hold) for hold in holds.keeping_back(connection)]
    if problem := open_problem(connection):
        kind = AlarmKind(f"watchlist_{problem.kind.value}")
        facts.append(Fact(kind, "", {"words": problem.text.partition("\n")[0]}, problem.since))
    due_at = rounds.due_since(connection)
    if due_at and is_behind(due_at, now, every):
        content = {"seconds": round((now - due_at).total_seconds())}
        facts.append(Fact(AlarmKind.LATE, "", content, due_at))
    over = rule.counted(every)
    covered = queries.coverage(connection, now - over, now, every)
    watched = instrument.watched_targets(connection)
    here = [one for one in covered if (one.store, one.storefront) in watched]
    return [*facts, *_uncovered(here, rule.least, over)]


def _of_fault(fault: InstrumentFault) -> Fact:
    trouble = fault.trouble
    sick = trouble.kind is FaultKind.CONTROLS
    kind = AlarmKind.SICK if sick else AlarmKind.INSTRUMENT
    content = {
        "fault": trouble.kind.value,
        "store": trouble.store or "",
        "storefronts": [trouble.storefront] if trouble.storefront else [],
        "count": trouble.failing,
        "of": trouble.of,
        "words": f"{trouble.rule} ({trouble.reason.value}, {trouble.vantage})",
    }
    return Fact(kind, trouble.key, content, fault.opened_at)


def _of_hold(hold: Hold) -> Fact:
    content = {
        "store": hold.store,
        "storefronts": [hold.storefront] if hold.storefront else [],
        "count": hold.missing,
        "of": hold.available,
    }
    about = "/".join(filter(None, (hold.store, hold.storefront)))
    return Fact(AlarmKind.HOLD, about, content, hold.opened_at)


def _uncovered(covered: Sequence[Coverage], least: float, over: timedelta) -> Iterator[Fact]:
    """Yield each store in which too few looks prove anything, somewhere."""
    low = [one for one in covered if one.share is not None and one.share < least]
    for store in sorted({one.store for one in low}):
        mine = sorted((o.share or 0.0, o.storefront) for o in low if o.store == store)
        content = {
            "store": store,
            "storefronts": [storefront for _, storefront in mine],
            "words": ", ".join(f"{code}: {int(share * 100)} %" for share, code in mine[:_WORST]),
            "count": len(mine),
            "percent": int(mine[0][0] * 100),
            "least": round(least * 100),
            "seconds": round(over.total_seconds()),
        }
        yield Fact(AlarmKind.COVERAGE, store, content)
