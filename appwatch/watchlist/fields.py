"""How one written value is read: text in, typed value out, ValueError with what was expected."""

import re
from datetime import time, timedelta
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from appwatch.watchlist.model import INCIDENTS, KINDS, LANGUAGES, Digest
from appwatch.watchlist.problems import quoted, suggestion

_DURATION = re.compile(r"([0-9]{1,9})([smhd])")
_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST = timedelta(days=366)
_LONGEST_NAME = 200
_SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,79}")
_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_DIGEST = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\s+(\S+)")


def spell(text: str) -> timedelta:
    """Read a duration that may be none at all: 0s, 90s, 15m, 6h, 1d."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{quoted(text)} is no duration; expected a whole number and a unit,"
            " such as 90s, 15m, 6h or 1d"
        )
    seconds = int(match[1]) * _UNITS[match[2]]
    if seconds > _LONGEST.total_seconds():
        raise ValueError(f"{quoted(text)} is too long; expected at most {_LONGEST.days}d")
    return timedelta(seconds=seconds)


def duration(text: str) -> timedelta:
    """Read a duration of a second or more."""
    value = spell(text)
    if not value:
        raise ValueError(f"{quoted(text)} is too short; expected 1s or more")
    return value


def count(text: str) -> int:
    """Read a whole number from 1 up."""
    if re.fullmatch("[0-9]{1,6}", text) is None or int(text) < 1:
        raise ValueError(f"{quoted(text)} is no such number; expected a whole number from 1 up")
    return int(text)


def share(text: str) -> float:
    """Read a share from 0 to 1."""
    if re.fullmatch(r"[0-9]*\.?[0-9]+", text) is None or float(text) > 1:
        raise ValueError(f"{quoted(text)} is no share; expected a number from 0 to 1, such as 0.3")
    return float(text)


def truth(text: str) -> bool:
    """Read true or false."""
    if text not in ("true", "false"):
        raise ValueError(f"{quoted(text)} is neither; expected true or false")
    return text == "true"


def line(text: str) -> str:
    """Read free text as one line."""
    value = " ".join(text.split())
    if not value:
        raise ValueError("the value is empty; expected a text")
    return value


def channel(text: str) -> str:
    """Read a channel's name: one line, no longer than the database keeps."""
    value = line(text)
    if len(value) > _LONGEST_NAME:
        raise ValueError(
            f"the name has {len(value)} characters; expected at most {_LONGEST_NAME} of them"
        )
    return value


def app_id(text: str) -> str:
    """Read an app's id."""
    if _SLUG.fullmatch(text) is None:
        raise ValueError(
            f"{quoted(text)} cannot be an id; expected small letters a-z, digits and -,"
            " at most 80 of them, a letter or digit first"
        )
    return text


def group_name(text: str) -> str:
    """Read the name of a group: never two letters, as a storefront is, and never all."""
    if _SLUG.fullmatch(text) is None or len(text) == 2 or text == "all":
        raise ValueError(
            f"{quoted(text)} cannot be a group's name; expected small letters a-z, digits and -,"
            " three of them or more, and not all"
        )
    return text


def tag(text: str) -> str:
    """Read a tag: one word."""
    if not text or len(text.split()) != 1:
        raise ValueError(f"{quoted(text)} cannot be a tag; expected one word, without spaces")
    return text


def address(text: str) -> str:
    """Read the address of a page: http or https, so that it can be shown as a link."""
    try:
        parts = urlsplit(text)
        sound = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        sound = False
    if not sound or len(text.split()) != 1:
        raise ValueError(f"{quoted(text)} is no web address; expected https://...")
    return text


def reference(text: str) -> str:
    """Read ${NAME} and return NAME. The text is never repeated: it may be a secret."""
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise ValueError(
            'an address may not stand here, as it may hold a secret; expected "${NAME}",'
            " and the address in the environment variable NAME"
        )
    return match[1]


def kind(text: str) -> str:
    """Read a kind of message."""
    if text not in KINDS:
        raise ValueError(f"unknown kind {quoted(text)}; {suggestion(text, KINDS)}")
    return text


def incidents(text: str) -> str:
    """Read what makes one incident: app or developer."""
    if text not in INCIDENTS:
        raise ValueError(f"unknown word {quoted(text)}; {suggestion(text, INCIDENTS)}")
    return text


def language(text: str) -> str:
    """Read the language of messages."""
    if text not in LANGUAGES:
        known = ", ".join(LANGUAGES)
        raise ValueError(f"there is no language {quoted(text)}; expected one of {known}")
    return text


def digest(text: str) -> Digest:
    """Read a local time and a zone: 08:00 Europe/Paris."""
    match = _DIGEST.fullmatch(text)
    if match is None:
        raise ValueError(
            f"{quoted(text)} is no daily time; expected hours, minutes and a zone,"
            ' such as "08:00 Europe/Paris"'
        )
    return Digest(time(int(match[1]), int(match[2])), zone(match[3]))


def zone(text: str) -> str:
    """Read the name of a time zone: Europe/Paris."""
    zones = available_timezones()
    if text not in zones:
        close = suggestion(text, sorted(zones, key=str.lower))
        hint = close if close.startswith("did") else "expected one such as Europe/Paris or UTC"
        raise ValueError(f"there is no time zone {quoted(text)}; {hint}")
    return text
