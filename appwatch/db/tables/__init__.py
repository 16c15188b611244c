"""The tables, and why each index is there. Times are milliseconds since 1970 in UTC."""

from appwatch.db.tables.changes import (
    captures,
    changes,
    claims,
    holds,
    incidents,
    last_good,
)
from appwatch.db.tables.kept import (
    EPOCH,
    Moment,
    from_ms,
    metadata,
    to_ms,
)
from appwatch.db.tables.looking import (
    controls,
    exchanges,
    glances,
    instrument_faults,
    lapses,
    listings,
    observation_exchanges,
    observations,
    rests,
    sweep_days,
    sweeps,
)
from appwatch.db.tables.telling import (
    attempts,
    deliveries,
    delivery_changes,
    delivery_notices,
    notices,
)
from appwatch.db.tables.watching import (
    apps,
    periods,
    places,
    targets,
    watchlists,
)

__all__ = [
    "EPOCH",
    "Moment",
    "apps",
    "attempts",
    "captures",
    "changes",
    "claims",
    "controls",
    "deliveries",
    "delivery_changes",
    "delivery_notices",
    "exchanges",
    "from_ms",
    "glances",
    "holds",
    "incidents",
    "instrument_faults",
    "lapses",
    "last_good",
    "listings",
    "metadata",
    "notices",
    "observation_exchanges",
    "observations",
    "periods",
    "places",
    "rests",
    "sweep_days",
    "sweeps",
    "targets",
    "to_ms",
    "watchlists",
]
