"""How moments are written for machines."""

from datetime import UTC, datetime


def moment_text(moment: datetime) -> str:
    """Return the moment as RFC 3339 in UTC, with milliseconds and Z."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return f"{text}Z"
