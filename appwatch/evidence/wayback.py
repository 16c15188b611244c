"""Save Page Now 2: what the Wayback Machine is asked, and how its answers are read."""

import re
from typing import Final
from urllib.parse import quote, urlencode

import msgspec

URL_KEPT: Final = 2000  # characters of an address
WORDS_KEPT: Final = 300  # characters of what it says
ANSWER_CAP: Final = 2**20  # bytes; a status lists every resource of the page
_MOMENT: Final = re.compile(r"[0-9]{14}")
_ADDRESS: Final = re.compile(r"https?://[^\s\x00-\x1f\x7f\"<>]+")


class Refused(Exception):
    """The archive did not capture the page; says its own words."""


class _Answer(msgspec.Struct, frozen=True):
    """An answer to either request; errors come with status 200 too."""

    status: str = ""
    job_id: str | None = None
    timestamp: str = ""
    original_url: str = ""
    message: str | None = None
    status_ext: str | None = None
    exception: str | None = None


def headers(key: str) -> dict[str, str]:
    """Return what authorises a request; `key` is ACCESS:SECRET."""
    told = {"Accept": "application/json", "Accept-Encoding": "identity"}
    return told | ({"Authorization": f"LOW {key}"} if key else {})


def save_form(page: str) -> bytes:
    """Return the form that asks for a capture of the page, whatever its status."""
    return urlencode({"url": page, "capture_all": "1", "skip_first_archive": "1"}).encode()


def save_url(base: str) -> str:
    """Return where a capture is asked for."""
    return f"{base}/save"


def status_url(base: str, job: str) -> str:
    """Return where it can be read what became of it, for an hour or so."""
    return f"{base}/save/status/{quote(job, safe='')}"


def read_job(answer: bytes) -> str:
    """Return the archive's number for the capture that it was asked for. Raises Refused."""
    read = _read(answer)
    if read.status == "error" or not read.job_id or len(read.job_id) > 200:
        raise Refused(_said(read))
    return read.job_id


def read_capture(base: str, answer: bytes) -> str | None:
    """Return the capture's address, or None while it is being made. Raises Refused."""
    read = _read(answer)
    if read.status == "pending":
        return None
    address = _ADDRESS.fullmatch(read.original_url[: URL_KEPT + 1])
    moment = _MOMENT.fullmatch(read.timestamp)
    if read.status != "success" or not address or not moment or len(address[0]) > URL_KEPT:
        raise Refused(_said(read))
    return f"{base}/web/{moment[0]}/{address[0]}"


def words_of(why: str, said: bytes) -> str:
    """Return why no answer came, with what the service said if it said anything."""
    try:
        words = _said(_read(said))
    except Refused:
        return why
    return f"{why}: {words}"


def _read(answer: bytes) -> _Answer:
    try:
        return msgspec.json.decode(answer, type=_Answer)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise Refused("an answer that is none of Save Page Now") from error


def _said(read: _Answer) -> str:
    """Return the service's own words, on one line."""
    told = dict.fromkeys(filter(None, (read.message, read.status_ext, read.exception)))
    line = " ".join(" ".join(told).split())
    shown = "".join(c if c.isprintable() else "?" for c in line)
    return shown[:WORDS_KEPT] or "an answer without words"
