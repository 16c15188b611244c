"""How things stand by the database: what waits, what is held, what operators were told of."""

from collections.abc import Iterator
from datetime import timedelta

from appwatch.alerts.alarms import alarm_sentence
from appwatch.db import alarms, deliveries, holds, rounds
from appwatch.db.channels import ChannelState
from appwatch.db.watchlist_problems import Kind, open_problem
from appwatch.doctor.findings import Finding, Patient, fine, wrong
from appwatch.domain.alarms import AlarmKind
from appwatch.domain.timing import BEHIND, SKEW, is_behind

_LONG = timedelta(days=1)  # a digest and quiet hours keep nothing back for longer
# Of what no other check looks at.
_REMEDIES = {
    AlarmKind.COVERAGE: "run: appwatch coverage --since 1d",
    AlarmKind.LATE: "see whether `appwatch run` runs, and whether every: can be held",
    AlarmKind.CLOCK: "set this machine's clock right, and let NTP keep it so",
}


def told_alarms(patient: Patient) -> Iterator[Finding]:
    """Yield the alarms that stand and that no other check is about."""
    with patient.database.read() as connection:
        standing = alarms.standing(connection)
    for alarm in standing:
        if remedy := _REMEDIES.get(alarm.kind):
            yield wrong("alarms", alarm_sentence(alarm, patient.wording), remedy)
    if not any(alarm.kind in _REMEDIES for alarm in standing):
        yield fine("alarms", "no other one stands" if standing else "none stands")


def open_holds(patient: Patient) -> Iterator[Finding]:
    """Yield the holds that keep changes back, or that there are none."""
    with patient.database.read() as connection:
        found = holds.keeping_back(connection)
    for hold in found:
        where = "/".join(filter(None, (hold.store, hold.storefront)))
        says = f"{hold.id}: {hold.missing} of {hold.available} went missing at once in {where}"
        remedy = f"look at some in a browser, then run: appwatch holds release {hold.id}, or drop"
        yield wrong("holds", says, remedy)
    if not found:
        yield fine("holds", "nothing is held back")


def watchlist_in_force(patient: Patient) -> Iterator[Finding]:
    """Yield why the watchlist in the folder is not in force, if it is not."""
    with patient.database.read() as connection:
        problem = open_problem(connection)
    if problem is None:
        return
    waits = problem.kind is Kind.WAITING
    says = f"since {problem.since:%Y-%m-%d %H:%M} UTC: {problem.text.partition(chr(10))[0]}"
    remedy = "run: appwatch watchlist accept" if waits else "run: appwatch watchlist validate"
    yield wrong("watchlist in force", says, remedy)


def channel(state: ChannelState) -> Finding | None:
    """Return that a channel is off or fails, or None if it fares well."""
    check = f"channel {state.name}"
    if state.off_at:
        says = f"switched off since {state.off_at:%Y-%m-%d %H:%M} UTC: {state.off_words}"
        return wrong(check, says, f"mend it, then run: appwatch alerts test {state.name}")
    if state.failing_since:
        says = f"every attempt failed since {state.failing_since:%Y-%m-%d %H:%M} UTC"
        return wrong(check, says, "run: appwatch alerts deliveries --attempts")
    return None


def outbox(patient: Patient) -> Finding:
    """Return how much waits to be told, and for how long."""
    with patient.database.read() as connection:
        waiting, since = deliveries.count_waiting(connection), deliveries.oldest_waiting(connection)
    says = f"{waiting} messages wait" if waiting else "nothing waits"
    says = "1 message waits" if waiting == 1 else says
    if since is not None and patient.now() - since > _LONG:
        says += f", the oldest since {since:%Y-%m-%d %H:%M} UTC"
        return wrong("messages", says, "see whether `appwatch run` runs, and what its log says")
    return fine("messages", says)


def last_round(patient: Patient) -> Finding:
    """Return when a sweep last ended that left nothing out."""
    with patient.database.read() as connection:
        at = rounds.last_completed_at(connection)
    if at is None:
        return fine("last round", "none is complete yet; `appwatch run` and `check` make them")
    says = f"the last whole sweep ended at {at:%Y-%m-%d %H:%M} UTC"
    if at > patient.now() + SKEW:
        remedy = "set this machine's clock: it is behind, or was ahead then"
        return wrong("last round", f"{says}, which is still to come", remedy)
    return fine("last round", says)


def due(patient: Patient, every: timedelta) -> Finding:
    """Return whether looks keep up with what is due."""
    with patient.database.read() as connection:
        since = rounds.due_since(connection)
    if since is None or not is_behind(since, patient.now(), every):
        return fine("looks", "they keep up")
    says = f"the oldest is due since {since:%Y-%m-%d %H:%M} UTC: more than {BEHIND} rounds"
    return wrong("looks", says, "start `appwatch run`, or see what its log says")
