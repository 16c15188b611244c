"""The public columns of every listing and export: their names, order and meanings."""

from collections.abc import Mapping
from types import MappingProxyType

from appwatch.exports.listings.alerts import ALARMS, ATTEMPTS, CHANNELS, DELIVERIES, SILENCES
from appwatch.exports.listings.proof import DOCTOR, EVIDENCE, HOLDS, INCIDENTS, REREAD, VERIFY
from appwatch.exports.listings.watching import CHANGES, CHECK, COVERAGE, STATUS, TIMELINE
from appwatch.exports.listings.watchlists import CANDIDATES, IMPORTED, LINT, VERSIONS, WATCHLIST
from appwatch.exports.rows import VERSION, Listing

LISTINGS: Mapping[str, Listing] = MappingProxyType(
    {
        listing.name: listing
        for listing in (
            CHECK,
            STATUS,
            CHANGES,
            COVERAGE,
            TIMELINE,
            WATCHLIST,
            VERSIONS,
            CANDIDATES,
            IMPORTED,
            LINT,
            CHANNELS,
            DELIVERIES,
            ATTEMPTS,
            SILENCES,
            ALARMS,
            DOCTOR,
            HOLDS,
            INCIDENTS,
            EVIDENCE,
            VERIFY,
            REREAD,
        )
    }
)


def data_dictionary() -> str:
    """Return every public column and its meaning in Markdown, for the documentation."""
    parts = [f"Version {VERSION} of the columns. New columns only ever come last.\n"]
    for listing in LISTINGS.values():
        rows = [f"| `{column.name}` | {column.meaning} |" for column in listing.columns]
        parts.append(
            "\n".join([f"## {listing.name}\n", "| column | meaning |", "|---|---|", *rows])
        )
    return "\n\n".join(parts) + "\n"
