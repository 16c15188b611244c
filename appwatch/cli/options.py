"""Options that several commands share: --format, filters, --since and --until."""

import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import click

from appwatch.errors import UsageError

Command = TypeVar("Command", bound=Callable[..., Any])

FORMAT_NAMES = ("table", "json", "jsonl", "csv")
_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}


def listing_format(command: Command) -> Command:
    """Add --format: `form` is None where the terminal decides."""
    return click.option(
        "--format",
        "form",
        type=click.Choice(FORMAT_NAMES),
        help="How to write it; a table on a terminal, else jsonl.",
    )(command)


def place_filters(command: Command) -> Command:
    """Add --app, --store and --storefront."""
    for name, metavar, told in (
        ("--storefront", "CC", "Only this storefront, a country code such as gb."),
        ("--store", "STORE", "Only this store: app_store or google_play."),
        ("--app", "ID", "Only this app, by its id in the watchlist."),
    ):
        command = click.option(name, metavar=metavar, help=told)(command)
    return command


def since_option(default: str | None = None) -> Callable[[Command], Command]:
    """Add --since: a moment, or a length of time until now such as 7d."""
    told = "From then on: 7d, 12h, 30m, or a moment such as 2020-06-09T14:00Z (UTC if unsaid)."
    return click.option("--since", metavar="TIME", default=default, show_default=True, help=told)


def until_option(command: Command) -> Command:
    """Add --until: a moment, or a length of time until now."""
    told = "Until then, written the same way; until now unless given."
    return click.option("--until", metavar="TIME", help=told)(command)


def read_since(text: str | None, now: datetime, option: str = "--since") -> datetime | None:
    """Return the moment that this option means. Raises UsageError.

    Without a zone it is UTC.
    """
    if text is None:
        return None
    return _read_time(option, text, now, forward=False)


def read_length(option: str, text: str, now: datetime) -> datetime:
    """Return the moment that a length of time from now, or a moment, means. Raises UsageError."""
    return _read_time(option, text, now, forward=True)


def _read_time(option: str, text: str, now: datetime, *, forward: bool) -> datetime:
    length = re.fullmatch(r"([0-9]{1,9})([dhms])", text.strip())
    try:
        if length:
            away = timedelta(**{_UNITS[length[2]]: int(length[1])})
            return now + away if forward else now - away
        moment = datetime.fromisoformat(text.strip())
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(
            f"{option} {text!r} is no time; expected one such as 7d, 12h, 30m or 2020-06-09T14:00Z."
        ) from error


def require_known(noun: str, value: str | None, known: Sequence[str]) -> None:
    """Raise UsageError, naming what there is, unless the value is one of it (or None)."""
    if value is None or value in known:
        return
    raise UsageError(f"There is no {noun} {value!r}; {named(known)}.")


def named(known: Sequence[str], most: int = 30) -> str:
    """Return what there is, in words; a list of more than `most` is cut."""
    if not known:
        return "there is none at all yet"
    more = f" and {len(known) - most} more" if len(known) > most else ""
    return f"there {'is' if len(known) == 1 else 'are'} {', '.join(known[:most])}{more}"
