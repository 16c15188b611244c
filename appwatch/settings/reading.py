"""Reads the settings from the environment and .env: typed, or every wrong one at once.

Read by hand, not by pydantic-settings: nothing slow to import, no secret in any sentence.
"""

import difflib
import ipaddress
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from appwatch.errors import SettingError
from appwatch.settings.table import PREFIX, SETTINGS, Setting, Settings

_LINE = re.compile(r"(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)")
_QUOTED = re.compile(r"""(["'])(.*)\1\s*(#.*)?""")


def load(environment: Mapping[str, str], folder: Path) -> Settings:
    """Return the settings of this environment, over those of `.env` in the working folder.

    An empty value counts as not set. Raises SettingError with a line for every wrong setting.
    """
    problems: list[str] = []
    whole = _merged(environment, folder, problems)
    values: dict[str, Any] = {}
    for setting in SETTINGS:
        try:
            values[setting.field] = _value(setting, whole, folder)
        except SettingError as error:
            problems.append(str(error))
    _raise_any([*problems, *_unpaced(values)])
    values["warnings"] = (*_unknown(whole), *_keyless(values))
    return Settings(**_placed(values, folder))


def read_environment(environment: Mapping[str, str], folder: Path) -> dict[str, str]:
    """Return the variables of `.env` in this folder, under those of the environment.

    Raises SettingError where `.env` cannot be read.
    """
    problems: list[str] = []
    whole = _merged(environment, folder, problems)
    _raise_any(problems)
    return whole


def read_secret(environment: Mapping[str, str], name: str, folder: Path) -> str:
    """Return the variable's value, or what the file that NAME_FILE names holds; empty if unset.

    A relative file is taken from this folder. Raises SettingError, which never shows the value.
    """
    value, file = environment.get(name, "").strip(), environment.get(f"{name}_FILE", "").strip()
    if value and file:
        raise SettingError(f"{name} and {name}_FILE are both set; expected one of them")
    if not file:
        return value
    try:
        return (folder / file).read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError) as error:
        raise SettingError(
            f"{name}_FILE names a file that cannot be read; expected a text file with the value"
        ) from error


def _raise_any(problems: list[str]) -> None:
    if problems:
        raise SettingError("\n".join(problems))


def _value(setting: Setting, environment: Mapping[str, str], folder: Path) -> object:
    """Return the typed value. Raises SettingError, which never shows a secret."""
    if setting.secret:
        text = read_secret(environment, setting.name, folder)
    else:
        text = environment.get(setting.name, "").strip()
    try:
        return setting.read(text or setting.default) if text or setting.default else ""
    except ValueError as error:
        shown = "cannot be used" if setting.secret or "@" in text else f"is {text!r}"
        raise SettingError(f"{setting.name} {shown}; expected {error}") from error


def _merged(environment: Mapping[str, str], folder: Path, problems: list[str]) -> dict[str, str]:
    """Return the variables of .env under those of the environment; bad lines are problems."""
    file = folder / ".env"
    try:
        text = file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return dict(environment)
    except (OSError, ValueError):
        problems.append(f"{file} cannot be read; expected a text file, or none")
        return dict(environment)
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        match = _LINE.fullmatch(line.strip())
        value = _bare(match[2]) if match else None
        if match and value is not None:
            found[match[1]] = value
        elif line.strip() and not line.strip().startswith("#"):
            problems.append(f"{file}:{number}: this is no setting; expected NAME=VALUE")
    return found | dict(environment)


def _bare(value: str) -> str | None:
    """Return a value of .env without its quotes or its comment; None if a quote stays open.

    Nothing else in it has a meaning: an address may hold any character.
    """
    quoted = _QUOTED.fullmatch(value)
    if quoted:
        return quoted[2]
    if value[:1] in ("'", '"'):
        return None
    return re.split(r"(?:^|\s)#", value, maxsplit=1)[0].strip()


def _unknown(environment: Mapping[str, str]) -> list[str]:
    """Return a sentence for each variable that looks like a setting and is none."""
    known = [setting.name for setting in SETTINGS]
    files = [f"{setting.name}_FILE" for setting in SETTINGS if setting.secret]
    sentences = []
    for name in sorted(environment):
        if name.startswith(PREFIX) and name not in (*known, *files):
            # Without the prefix, which makes any two of them look alike.
            ends = [setting.removeprefix(PREFIX) for setting in (*known, *files)]
            close = difflib.get_close_matches(name.removeprefix(PREFIX), ends, n=1)
            hint = f"did you mean {PREFIX}{close[0]}?" if close else "nothing reads it"
            sentences.append(f"{name} is no setting; {hint}")
    return sentences


def _unpaced(values: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each store that would be asked without any pace, and is a real one."""
    apple = ("apple_lookup_url", "apple_platform_url", "apple_web_url")
    paces = {"apple_per_minute": apple, "google_play_per_minute": ("google_play_url",)}
    sentences = []
    for pace, urls in paces.items():
        hosts = {urlsplit(values[url]).hostname or "" for url in urls if url in values}
        real = sorted(host for host in hosts if not _is_loopback(host))
        if values.get(pace) == 0 and real:
            sentences.append(
                f"{PREFIX}{pace.upper()} is '0', but {', '.join(real)}"
                f" {'is' if len(real) == 1 else 'are'} not on this machine; expected a number"
                " above 0, for 0 is for loopback only"
            )
    return sentences


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _keyless(values: Mapping[str, Any]) -> list[str]:
    """Return a sentence if captures are asked for without a key: the archive refuses them."""
    sentence = (
        f"{PREFIX}WAYBACK_URL is set and {PREFIX}WAYBACK_KEY is not; expected a key of"
        " https://archive.org/account/s3.php"
    )
    return [sentence] if values["wayback_url"] and not values["wayback_key"] else []


def _placed(values: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return the values with the database and the evidence in the watchlist's folder."""
    watchlist = folder / values["watchlist"]
    home = watchlist.parent.absolute()
    return {
        **values,
        "watchlist": watchlist,
        "evidence_dir": home / values["evidence_dir"],
        "database_url": re.sub(
            "^(sqlite[^:]*:///)(?!/|file:)",
            lambda match: f"{match[1]}{home.as_posix()}/",
            values["database_url"],
        ),
    }
