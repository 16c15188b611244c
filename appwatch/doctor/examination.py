"""The examination: every check after the other, none of which ends the others."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path

from appwatch.db.channels import ChannelState, states
from appwatch.doctor import machine, places, reaching, standing
from appwatch.doctor.findings import Finding, Patient, fine, wrong
from appwatch.doctor.instrument import instrument_findings
from appwatch.doctor.load import load_of
from appwatch.errors import AppwatchError, Defect, WatchlistError, defects
from appwatch.settings import refuse_proxy
from appwatch.watchlist import Channel, Watchlist, nobody_is_told


def examine(patient: Patient) -> list[Finding]:
    """Return everything that was looked at. Asks each store for a few pages; writes nothing."""
    folder = patient.evidence.folder
    database = tried("database", lambda: places.database(patient.database))
    there = all(one.ok for one in database) and not patient.database.missing
    return [
        *tried("python", lambda: [machine.python()]),
        *tried("time zones", lambda: [machine.time_zones()]),
        *tried("settings", lambda: machine.settings(patient)),
        *database,
        *(_standing(patient) if there else ()),
        *tried("evidence folder", lambda: [places.evidence(folder)]),
        *tried("disk", lambda: [_disk(patient)]),
        *tried("watchlist", lambda: _by_watchlist(patient, there=there)),
    ]


def tried(check: str, look: Callable[[], Iterable[Finding]]) -> list[Finding]:
    """Return what a check finds; one that breaks is a finding itself, without any value in it."""
    found: list[Finding] = []
    try:
        with defects():
            found.extend(look())
    except AppwatchError as error:
        found.append(wrong(check, str(error), "see what the sentence says; then run it again"))
    except Defect as error:
        says = f"this check failed itself: {type(error.__cause__).__name__}"
        found.append(wrong(check, says, "this is a bug in appwatch; please report it"))
    return found


def _standing(patient: Patient) -> list[Finding]:
    """Return what the database tells of the looks and messages so far."""
    return [
        *tried("instrument", lambda: instrument_findings(patient.database)),
        *tried("alarms", lambda: standing.told_alarms(patient)),
        *tried("holds", lambda: standing.open_holds(patient)),
        *tried("watchlist in force", lambda: standing.watchlist_in_force(patient)),
        *tried("messages", lambda: [standing.outbox(patient)]),
        *tried("last round", lambda: [standing.last_round(patient)]),
    ]


def _by_watchlist(patient: Patient, *, there: bool) -> Iterator[Finding]:
    """Yield what depends on the watchlist. `there`: the database is.

    A bad one is a finding, and what was in force before it is examined, or at least each store.
    """
    try:
        watchlist = patient.read_watchlist()
    except WatchlistError as error:
        first, count = error.problems[0], len(error.problems)
        says = first if count == 1 else f"{count} problems, the first: {first}"
        yield wrong("watchlist", says, "run: appwatch watchlist validate")
        before = _last_good(patient) if there else None
        if before is None:
            yield from tried("stores", lambda: asyncio.run(reaching.reach_all(patient)))
            return
        watchlist = before
    else:
        yield from _watchlist(patient, watchlist)
    if there:
        yield from tried("looks", lambda: [standing.due(patient, watchlist.every)])
    fares = _fares(patient) if there else {}
    if hint := nobody_is_told(watchlist):
        yield fine("channels", hint)
    for channel in watchlist.channels:
        state = fares.get(channel.name, ChannelState(channel.name))
        yield from tried(f"channel {channel.name}", partial(_channel, patient, channel, state))
    yield from _stores(patient, watchlist)


def _last_good(patient: Patient) -> Watchlist | None:
    try:
        return patient.last_good()
    except AppwatchError:  # kept by another appwatch, perhaps
        return None


def _disk(patient: Patient) -> Finding:
    return places.disk(patient.database, patient.evidence, patient.room_mb)


def _watchlist(patient: Patient, watchlist: Watchlist) -> list[Finding]:
    load = load_of(watchlist, patient.stores)
    first = Path(watchlist.files[0]).name
    if not load.targets:
        return [wrong("watchlist", f"{first} names no listing", "add an app with a listing")]
    read = fine("watchlist", f"{first}: {load.watched}")
    says = load.sentences()[-1]
    if load.held:
        return [read, fine("every", says)]
    return [read, wrong("every", says, "raise every: or watch fewer storefronts")]


def _fares(patient: Patient) -> dict[str, ChannelState]:
    with patient.database.read() as connection:
        return states(connection)


def _channel(patient: Patient, channel: Channel, state: ChannelState) -> list[Finding]:
    """Return whether the channel can be used and fares well; nothing is sent."""
    check, name = f"channel {channel.name}", channel.reference
    address = patient.secret(name)
    unusable = _unusable(check, name, address, patient.refuse_address(channel.name, address))
    usable = fine(check, f"{name} holds an address of a usable form")
    return [unusable or standing.channel(state) or usable]


def _stores(patient: Patient, watchlist: Watchlist) -> Iterator[Finding]:
    """Yield which proxies cannot be used, and how the stores answer by all other ways."""
    names = dict.fromkeys(watchlist.proxies.values())
    found = {name: tried(f"proxy {name}", partial(_proxy, patient, name)) for name in names}
    unusable = [name for name in names if found[name]]
    for name in unusable:
        yield from found[name]
    yield from tried("stores", lambda: asyncio.run(reaching.reach(patient, watchlist, unusable)))


def _proxy(patient: Patient, name: str) -> list[Finding]:
    """Return that a proxy cannot be used, if so; else the stores are asked through it."""
    address = patient.secret(name)
    expected = refuse_proxy(address)
    refused = f"{name} cannot be used; expected {expected}" if expected else None
    unusable = _unusable(f"proxy {name}", name, address, refused)
    return [unusable] if unusable else []


def _unusable(check: str, name: str, address: str, refused: str | None) -> Finding | None:
    """Return that a variable holds no address, or one that is refused; None if it can be used."""
    if not address:
        return wrong(check, f"{name} is not set", f"set {name}")
    return wrong(check, refused, f"mend the address in {name}") if refused else None
