"""How often the processes that look search their memory for cycles."""

import gc

# Python's own 700 is reached every few looks: what they make is many small values, no cycles.
_THRESHOLDS = (20_000, 20, 20)


def collect_seldom() -> None:
    """Search for cycles less often, and never again among what was loaded so far."""
    gc.freeze()
    gc.set_threshold(*_THRESHOLDS)
