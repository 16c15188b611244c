"""How moments are written for machines: in exports, in bundles, on health pages."""

from datetime import UTC, datetime


def moment_text(moment: datetime) -> str:
    """Return the moment as RFC 3339 in UTC, with milliseconds and Z."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="milliseconds")
    return f"{text}Z"
