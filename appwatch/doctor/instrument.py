"""What is wrong with the instrument, as the looks of `appwatch run` have found it."""

from collections.abc import Mapping
from types import MappingProxyType

from appwatch.db import instrument
from appwatch.db.engine import Database
from appwatch.doctor.findings import Finding, fine, wrong
from appwatch.domain.instrument import FaultKind

REPLACE = "replace it under controls: in the watchlist"
_REMEDIES: Mapping[FaultKind, str] = MappingProxyType(
    {
        FaultKind.PARSER: "look for a newer appwatch: the store may answer in a new way",
        FaultKind.ENDPOINT: "ask less often, or look from another vantage",
        FaultKind.VANTAGE: "check this machine's connection, its DNS and APPWATCH_PROXY",
        FaultKind.CONTROLS: "wait: the storefront itself is sick; if it lasts, check controls:",
        FaultKind.SURFACES: "look at such an app in a browser; report what it shows",
        FaultKind.NONSENSE: "check what answers at the store's address: a cache, a proxy",
        FaultKind.APPWATCH: "see the log, and whether the evidence folder can be written",
    }
)


def instrument_findings(database: Database) -> list[Finding]:
    """Return the faults that last and the controls that are lost, or that there are none."""
    with database.read() as connection:
        faults = instrument.open_faults(connection)
        lost = instrument.lost_controls(connection)
    found = [
        wrong("instrument", fault.since, _REMEDIES[fault.trouble.kind]) for fault in faults
    ] or [fine("instrument", "no trouble across apps in the looks so far")]
    return found + [wrong(f"control of {one.place}", one.says, REPLACE) for one in lost]
