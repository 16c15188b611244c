"""Ids for changes and incidents: opaque, short enough to read out, in order of time."""

import secrets
from datetime import datetime

from appwatch.db.tables import to_ms

_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"  # Crockford's: none is mistaken for another


def make_id(prefix: str, now: datetime) -> str:
    """Return a new id, such as c-01kb2x9hq4m7p3ad: nine letters of time, seven of chance."""
    number = (to_ms(now) << 35) | secrets.randbits(35)
    letters = [_LETTERS[(number >> shift) & 31] for shift in range(75, -1, -5)]
    return f"{prefix}-{''.join(letters)}"
