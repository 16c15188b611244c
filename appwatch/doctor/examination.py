"""The examination: every check after the other, none of which ends the others."""

import asyncio
from pathlib import Path

from appwatch.doctor import places, reaching
from appwatch.doctor.findings import Finding, Patient, fine, wrong
from appwatch.doctor.instrument import instrument_findings
from appwatch.doctor.load import load_of
from appwatch.errors import AppwatchError, WatchlistError
from appwatch.watchlist import Channel, Watchlist


def examine(patient: Patient) -> list[Finding]:
    """Return everything that was looked at. Asks each store for a few pages; writes nothing."""
    found = places.database(patient.database)
    if all(one.ok for one in found) and places.is_there(patient.database):
        found += instrument_findings(patient.database)
    found += [places.evidence(patient.evidence.folder), places.disk(patient.evidence.folder)]
    try:
        watchlist = patient.read_watchlist()
    except WatchlistError as error:
        count = len(error.problems)
        says = (
            error.problems[0]
            if count == 1
            else f"{count} problems, the first: " + (error.problems[0])
        )
        return [*found, wrong("watchlist", says, "run: appwatch watchlist validate")]
    found += _watchlist(patient, watchlist)
    found += [_channel(patient, channel) for channel in watchlist.channels]
    found += asyncio.run(reaching.reach(patient, watchlist))
    return found


def _watchlist(patient: Patient, watchlist: Watchlist) -> list[Finding]:
    load = load_of(watchlist, patient.stores)
    first = Path(watchlist.files[0]).name
    if not load.targets:
        return [wrong("watchlist", f"{first} names no listing", "add an app with a listing")]
    read = fine("watchlist", f"{first}: {load.apps} apps in {load.targets} targets")
    says = load.sentences()[-1]
    if load.held:
        return [read, fine("every", says)]
    return [read, wrong("every", says, "raise every: or watch fewer storefronts")]


def _channel(patient: Patient, channel: Channel) -> Finding:
    """Return whether the channel's address is there and of a usable form; nothing is sent."""
    check = f"channel {channel.name}"
    try:
        address = patient.secret(channel.reference)
    except AppwatchError as error:
        return wrong(check, str(error), f"set {channel.reference}")
    if not address:
        return wrong(check, f"{channel.reference} is not set", f"set {channel.reference}")
    refused = patient.refuse_address(channel.name, address)
    if refused:
        return wrong(check, refused, f"mend the address in {channel.reference}")
    return fine(check, f"{channel.reference} holds an address of a usable form")
