"""Whether this machine is one that appwatch can work on: Python, time zones, the settings."""

import platform
import sys
from collections.abc import Iterator
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from appwatch.doctor.findings import Finding, Patient, fine, wrong

_OLDEST = (3, 11)
_ZONES = ("Asia/Shanghai", "Europe/Paris", "America/New_York")


def python() -> Finding:
    """Return whether this Python is one that appwatch runs on."""
    says = f"Python {platform.python_version()} on {platform.system()}"
    if sys.version_info >= _OLDEST:
        return fine("python", says)
    return wrong("python", says, "use Python 3.11 or newer")


def time_zones() -> Finding:
    """Return whether digests and quiet hours can be reckoned in local times."""
    try:
        for zone in _ZONES:
            ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        says = f"there is no data of time zones ({type(error).__name__})"
        return wrong("time zones", says, "install tzdata, with pip or as the system's package")
    return fine("time zones", "their data is there")


def settings(patient: Patient) -> Iterator[Finding]:
    """Yield each setting that looks wrong, or that none does."""
    for warning in patient.warnings:
        yield wrong("settings", warning, "mend it in the environment or in .env")
    if not patient.warnings:
        yield fine("settings", "none looks wrong")
