"""Takes an address, and every part of it, out of what a service said."""

import re
from typing import Final
from urllib.parse import unquote, unquote_plus

from appwatch.alerts.wording import plain

LONGEST: Final = 300
HIDDEN: Final = "***"
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{0,20}://\S+")
_SEPARATORS: Final = re.compile(r"[/?&=:@#,;+\s]+")
_KEY: Final = re.compile(r"([?&])[A-Za-z_]{1,12}=")


def redact(words: str, url: str) -> str:
    """Return the words on one line, without any address and without any part of this one."""
    shown = _ADDRESS.sub(HIDDEN, words)
    for secret in secrets_of(url):
        shown = _hide(secret, shown)
    return plain(shown, LONGEST)


def secrets_of(url: str) -> list[str]:
    """Return every part of the address but its scheme and the names of its options.

    As written and as decoded, in one piece and in pieces, the longest first.
    """
    rest = _KEY.sub(r"\1", url.partition("://")[2])
    whole = re.split(r"[/?&@]", rest)
    found = {form for part in (*whole, rest) for form in _forms(part)}
    found |= {piece for form in set(found) for piece in _SEPARATORS.split(form)}
    return sorted(filter(None, {*found, url}), key=lambda part: (-len(part), part))


def _forms(part: str) -> set[str]:
    return {part, unquote(part), unquote_plus(part)}


def _hide(secret: str, text: str) -> str:
    """Hide the secret; a short one only where it stands alone, or no word would stay whole."""
    if len(secret) >= 4:
        return re.sub(re.escape(secret), HIDDEN, text, flags=re.IGNORECASE)
    return re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text)
