"""What trace.yaml says: how often which removal and which fault happens."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("trace.yaml")
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of one file; times are seconds.

    `faults` keeps the shape of the file: each fault has its own few numbers.
    """

    days: int
    apps: int
    storefronts: Mapping[str, int]
    every: float
    removals: Mapping[str, int]
    lengths: Mapping[str, int]
    again: int
    pauses: int
    never_listed: int
    faults: Mapping[str, Any]  # read key by key where each fault is made

    @property
    def length(self) -> float:
        """How long the trace is."""
        return self.days * DAY


def read(text: str) -> Rates:
    """Return the rates that a text like trace.yaml gives. Raises KeyError for a missing one."""
    from ruamel.yaml import YAML

    told = YAML(typ="safe", pure=True).load(text)
    return Rates(
        told["days"],
        told["apps"],
        told["storefronts"],
        seconds(told["every"]),
        told["removals"],
        told["lengths"],
        told["returns_then_goes_again"],
        told["developer_pause"],
        told["never_listed"],
        told["faults"],
    )


def seconds(text: str) -> float:
    """Return a length such as 15m, 24h or 3d in seconds. Raises ValueError for another one."""
    match = re.fullmatch(r"(\d+)([mhd])", text)
    if match is None:
        raise ValueError(f"{text!r} is no length of time; expected a number and m, h or d")
    return int(match[1]) * _UNITS[match[2]]
