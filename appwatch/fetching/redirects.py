"""Where a redirect may be followed to."""

from urllib.parse import urljoin, urlsplit

from appwatch.stores.base import Answer

REDIRECTS = 5  # in a row; more are endless
_MOVED = frozenset({301, 302, 303, 307, 308})


def followed(answer: Answer) -> str | None:
    """Return where a redirect leads if it may be followed: the same store, never less secure."""
    location = answer.header("location")
    if answer.fault is not None or answer.status not in _MOVED or not location:
        return None
    try:
        target = urljoin(answer.url, location)
        parts = urlsplit(target)
    except ValueError:
        return None
    downgraded = urlsplit(answer.url).scheme == "https" and parts.scheme != "https"
    if downgraded or parts.scheme not in ("http", "https"):
        return None
    return target if parts.netloc in answer.request.hosts else None
