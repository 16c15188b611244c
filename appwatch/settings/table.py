"""The table of settings: name, default, help, and how each value is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

PREFIX = "APPWATCH_"
_MASK = "***"


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, typed and checked; an empty text means that there is none.

    Paths and a SQLite database are absolute or taken from the watchlist's folder already.
    `request_timeout` is in seconds, `max_body_mb` in MB after decompression, `evidence_max_mb`
    (0: no bound) and `disk_room_mb` in MB, the paces in requests a minute per host (0: unpaced).
    `warnings` are sentences for the operator.
    """

    database_url: str
    watchlist: Path
    evidence_dir: Path
    evidence_max_mb: float
    disk_room_mb: float
    timestamp_url: str
    wayback_url: str
    wayback_key: str
    ping_url: str
    web_host: str
    web_port: int
    base_url: str
    apple_lookup_url: str
    apple_platform_url: str
    apple_web_url: str
    google_play_url: str
    apple_per_minute: float
    google_play_per_minute: float
    request_timeout: float
    max_body_mb: float
    google_play_cookie: str
    vantage: str
    proxy: str
    log_format: str
    warnings: tuple[str, ...] = ()

    def __repr__(self) -> str:
        shown = {item.name: getattr(self, item.name) for item in fields(self)}
        shown["database_url"] = _masked_url(self.database_url)
        shown |= {
            name: _MASK
            for name in ("google_play_cookie", "ping_url", "proxy", "wayback_key")
            if shown[name]
        }
        return f"Settings({', '.join(f'{name}={value!r}' for name, value in shown.items())})"


@dataclass(frozen=True, slots=True)
class Setting:
    """One row of the table. `read` returns the typed value, or raises ValueError: the allowed ones.

    A secret may also come from a file that NAME_FILE names, and no message shows its value.
    """

    field: str
    default: str
    help: str
    read: Callable[[str], object]
    secret: bool = False

    @property
    def name(self) -> str:
        """The variable's name."""
        return PREFIX + self.field.upper()


def _database(text: str) -> str:
    if re.match(r"sqlite(\+pysqlite)?:///(?!:memory:)[^?]", text):
        return text
    if re.match(r"postgresql\+psycopg://.", text):
        return text
    raise ValueError("sqlite:///FILE or postgresql+psycopg://USER@HOST/DATABASE")


def _url(text: str) -> str:
    allowed = "an address such as https://example.org, without user, ? or #"
    parts = _parts(text, allowed)
    if parts.scheme not in ("http", "https") or "@" in parts.netloc or re.search("[?#]", text):
        raise ValueError(allowed)
    return text.rstrip("/")


def refuse_proxy(text: str) -> str | None:
    """Return what was expected, if this is no proxy's address; never shows it."""
    try:
        _proxy(text)
    except ValueError as error:
        return str(error)
    return None


def _proxy(text: str) -> str:
    allowed = "the address of an HTTP proxy, such as http://user:password@proxy.example:3128"
    if _parts(text, allowed).scheme not in ("http", "https"):
        raise ValueError(allowed)
    return text


def _parts(text: str, allowed: str) -> SplitResult:
    """Return the parts of an address that has a host and a sound port."""
    try:
        parts = urlsplit(text)
        sound = bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or re.search(r"[\s\x00-\x1f\x7f]", text):
        raise ValueError(allowed)
    return parts


def _path(text: str) -> Path:
    if "\0" in text:
        raise ValueError("a path")
    return Path(text).expanduser()


def _host(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9.:_-]+", text):
        raise ValueError("an address to listen at, such as 127.0.0.1, ::1 or a host's name")
    return text


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise ValueError("a whole number from 0 to 65535; 0 takes a free port")
    return int(text)


def _number(least: float, most: float, allowed: str) -> Callable[[str], float]:
    """Return the reader of numbers between two bounds; only `least` may be 0."""

    def read(text: str) -> float:
        if not re.fullmatch(r"[0-9]{0,9}\.?[0-9]{1,9}", text) or not least <= float(text) <= most:
            raise ValueError(allowed)
        return float(text)

    return read


def _cookie(text: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9_.-]+=[!-+\--:<-~]*", text):
        raise ValueError("one cookie, NAME=VALUE, without spaces, commas and semicolons")
    return text


def _key(text: str) -> str:
    if not re.fullmatch(r"[!-9;-~]+:[!-~]+", text):
        raise ValueError("an S3 key of archive.org, ACCESS:SECRET")
    return text


def _word(text: str) -> str:
    if not re.fullmatch("[A-Za-z0-9][A-Za-z0-9._-]{0,39}", text):
        raise ValueError("a name of letters, digits, . _ -, at most 40 of them")
    return text


def _log_format(text: str) -> str:
    if text not in ("console", "json"):
        raise ValueError("console or json")
    return text


_pace = _number(0, 6000, "a number from 0 to 6000; 0 means unpaced, for loopback only")

SETTINGS: tuple[Setting, ...] = (
    Setting(
        "database_url",
        "sqlite:///appwatch.db",
        "The database: `sqlite:///FILE` (a relative path is taken from the watchlist's folder)"
        " or `postgresql+psycopg://USER:PASSWORD@HOST/DATABASE`.",
        _database,
        secret=True,
    ),
    Setting("watchlist", "watchlist.yaml", "The file that says what is watched.", _path),
    Setting(
        "evidence_dir",
        "evidence",
        "The folder of kept answers; a relative path is taken from the watchlist's folder.",
        _path,
    ),
    Setting(
        "evidence_max_mb",
        "0",
        "The most that last good listings may take there, in MB: the oldest go first, 0 means no"
        " bound. What proves a change is always kept.",
        _number(0, 100_000_000, "a number of MB from 0 to 100000000; 0 means no bound"),
    ),
    Setting(
        "disk_room_mb",
        "500",
        "The room that must be left on the disks of the database and the evidence folder, in MB:"
        " with less, `doctor` says so and operators are told. 0 asks for none.",
        _number(0, 100_000_000, "a number of MB from 0 to 100000000; 0 asks for no room"),
    ),
    Setting(
        "timestamp_url",
        "",
        "The RFC 3161 authority that stamps bundles when asked to.",
        _url,
    ),
    Setting(
        "wayback_url",
        "",
        "Where captures of what disappears are asked for, `https://web.archive.org`; without it"
        " none are.",
        _url,
    ),
    Setting(
        "wayback_key",
        "",
        "The archive.org S3 key that they are asked for with, `ACCESS:SECRET`.",
        _key,
        secret=True,
    ),
    Setting(
        "ping_url",
        "",
        "Who is told of every round, so that they miss appwatch when it is gone: an address of"
        " healthchecks.io or the like. `/start` is asked for when a round begins, the address"
        " itself when it is complete, `/fail` when it proved nothing.",
        _url,
        secret=True,
    ),
    Setting(
        "web_host",
        "127.0.0.1",
        "The address to answer at: health checks, and pages if it is a loopback one.",
        _host,
    ),
    Setting("web_port", "8080", "Its port; 0 takes a free one and prints it.", _port),
    Setting(
        "base_url",
        "",
        "The address of pages about incidents, as readers reach it, for links in alerts.",
        _url,
    ),
    Setting("apple_lookup_url", "https://itunes.apple.com", "Where Apple's lookup is asked.", _url),
    Setting(
        "apple_platform_url",
        "https://uclient-api.itunes.apple.com",
        "Where Apple's platform lookup is asked.",
        _url,
    ),
    Setting("apple_web_url", "https://apps.apple.com", "Where App Store pages are fetched.", _url),
    Setting("google_play_url", "https://play.google.com", "Where Google Play is asked.", _url),
    Setting(
        "apple_per_minute",
        "20",
        "Requests a minute to each of Apple's hosts; 0 means unpaced, for loopback only.",
        _pace,
    ),
    Setting(
        "google_play_per_minute",
        "20",
        "Requests a minute to Google Play; 0 means unpaced, for loopback only.",
        _pace,
    ),
    Setting(
        "request_timeout",
        "30",
        "Seconds that a whole request may take.",
        _number(0.1, 600, "a number of seconds from 0.1 to 600"),
    ),
    Setting(
        "max_body_mb",
        "16",
        "The largest answer that is read, in MB after decompression.",
        _number(0.001, 1024, "a number of MB from 0.001 to 1024"),
    ),
    Setting(
        "google_play_cookie",
        "",
        "One constant consent cookie for Google Play, `NAME=VALUE`; only where a consent wall"
        " is met.",
        _cookie,
        secret=True,
    ),
    Setting("vantage", "local", "The name of the place that requests leave from.", _word),
    Setting(
        "proxy",
        "",
        "The HTTP proxy that requests to the stores go through.",
        _proxy,
        secret=True,
    ),
    Setting("log_format", "console", "How logs are written: `console` or `json`.", _log_format),
)


def settings_table() -> str:
    """Return the table of all settings in Markdown, for the documentation."""
    rows = [
        f"| `{setting.name}` | {f'`{setting.default}`' if setting.default else 'none'} |"
        f" {setting.help}{_also(setting)} |"
        for setting in SETTINGS
    ]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows]) + "\n"


def _also(setting: Setting) -> str:
    return f" May stand in a file that `{setting.name}_FILE` names." if setting.secret else ""


def _masked_url(url: str) -> str:
    """Return a database's address without its user, password and options."""
    address, _, options = url.partition("?")
    scheme, _, rest = address.partition("://")
    shown = f"{_MASK}@{rest.rpartition('@')[2]}" if "@" in rest else rest
    return f"{scheme}://{shown}{f'?{_MASK}' if options else ''}"
