"""The links that lead to a listing of the App Store, in all the forms that people paste."""

import re
from urllib.parse import parse_qs, urlsplit

from appwatch.stores.app_store.storefronts import STOREFRONTS
from appwatch.stores.base import Link

_HOSTS = re.compile(r"(?:(?:[a-z]+\.)?(?:apps|itunes)\.)?apple\.com")
# /cn/app/jike/id966129812, /app/id966129812; a developer's or a story's number is no app's.
_PAGE = re.compile(r"(?:/([a-z]{2}))?/app(?:/[^/]+)?/id([1-9][0-9]{0,14})/?", re.IGNORECASE)
_NUMBER = re.compile(r"(?:id)?([1-9][0-9]{0,14})", re.IGNORECASE)
_ASKED = re.compile(
    r"|/app|/lookup|(?:/webobjects/mzstore\.woa)?/wa/view(?:software|contentsuserreviews)",
    re.IGNORECASE,
)


def read_link(text: str) -> Link | None:
    """Return the track id in a link, or in a plain id; None for all else."""
    number = _NUMBER.fullmatch(text)
    if number:
        return Link(number[1])
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:
        return None
    if not _HOSTS.fullmatch((parts.hostname or "").lower()):
        return None
    page, query = _PAGE.fullmatch(parts.path), parse_qs(parts.query)
    if page:
        return Link(page[2], _storefront(page[1]))
    asked = _NUMBER.fullmatch(query.get("id", [""])[0])
    if asked and _ASKED.fullmatch(parts.path.rstrip("/")):
        return Link(asked[1], _storefront(query.get("country", [""])[0]))
    return None


def _storefront(code: str | None) -> str | None:
    code = (code or "").lower()
    return code if code in STOREFRONTS else None
