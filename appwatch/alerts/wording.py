"""The small words of a message: places, moments, spans, lists. Plain text in, plain text out."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # babel is slow to import, and here only its type is needed
    from babel import Locale

_MONTHS: Final = (
    "January February March April May June July August September October November December"
).split()
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))
# Control characters, halves of characters, separators of lines and paragraphs.
_UNPRINTABLE: Final = ("Cc", "Cs", "Zl", "Zp")
# They reorder the text around them: a name could make a message read backwards.
_REORDERING: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
# English names that read wrong without an article, beside those that end like one.
_WITH_ARTICLE: Final = frozenset({"bq", "bs", "gm", "km", "mv", "nl", "ph"})
_ARTICLE_ENDINGS: Final = (
    "Emirates", "Islands", "Kingdom", "Republic", "States", "Territories", "Territory",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    """What messages need beside the rows themselves.

    `pages` returns the public address of (store, listing, storefront); `titles` maps a store
    to its name for people; `base_url` is the dashboard's address, empty where there is none;
    `second` maps a store to the surfaces of which one must agree to a disappearance.
    """

    pages: Callable[[str, str, str], str]
    titles: Mapping[str, str]
    base_url: str = ""
    second: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def store(self, store: str) -> str:
        """Return the store as a sentence names it: the App Store, Google Play."""
        title = plain(self.titles.get(store, store))
        return f"the {title}" if title.lower().endswith("store") else title

    def where(self, store: str, storefronts: Sequence[str]) -> str:
        """Return the store and its storefront, or how many: the App Store in China (cn).

        Names that are missing are left out.
        """
        shop = self.store(store) or "a store"
        if len(storefronts) > 1:
            return f"{shop} in {counted(len(storefronts), 'storefront')}"
        return " ".join([shop, *(in_place(one) for one in storefronts if one)])

    def page(self, store: str, listing: str, storefront: str) -> str:
        """Return the listing's public address."""
        return plain(self.pages(store, listing, storefront))

    def incident(self, incident: str) -> str:
        """Return the incident's page on the dashboard, or nothing without a dashboard."""
        return self._link(f"/incidents/{incident}")

    def app(self, app: str) -> str:
        """Return the app's page on the dashboard, or nothing without a dashboard."""
        return self._link(f"/apps/{app}")

    def _link(self, path: str) -> str:
        return f"{self.base_url.rstrip('/')}{path}" if self.base_url else ""


def plain(text: str, longest: int = 500) -> str:
    """Return the text on one line, without what steers a terminal, a mail or a reader's eye."""
    kept = (" " if _steers(character) else character for character in text)
    line = " ".join("".join(kept).split())
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _steers(character: str) -> bool:
    return unicodedata.category(character) in _UNPRINTABLE or character in _REORDERING


def place(storefront: str) -> str:
    """Return the storefront by name and code: China (cn)."""
    return f"{_name(storefront)} ({storefront})"


def in_place(storefront: str) -> str:
    """Return the storefront as a sentence goes on with it: in the United States (us)."""
    name = _name(storefront)
    article = storefront in _WITH_ARTICLE or name.endswith(_ARTICLE_ENDINGS)
    return f"in the {place(storefront)}" if article else f"in {place(storefront)}"


def _name(storefront: str) -> str:
    code = storefront.upper()
    return str(_english().territories.get(code, code))


def _english() -> "Locale":
    from babel import Locale  # slow: only for messages

    return Locale("en")  # babel keeps its data after the first time


def moment(at: datetime) -> str:
    """Return the moment spelled out: 9 June 2020, 14:02:11 UTC."""
    at = at.astimezone(UTC)
    return f"{day(at)}, {at:%H:%M:%S} UTC"


def day(at: datetime) -> str:
    """Return the day in UTC: 9 June 2020."""
    at = at.astimezone(UTC)
    return f"{at.day} {_MONTHS[at.month - 1]} {at.year}"


def span(length: timedelta) -> str:
    """Return a length of time by its two largest units: 14 min 57 s."""
    left = max(round(length.total_seconds()), 0)
    parts: list[str] = []
    for unit, seconds in _UNITS:
        count, left = divmod(left, seconds)
        if count or (parts and len(parts) < 2):
            parts.append(f"{count} {unit}")
        if len(parts) == 2:
            break
    return " ".join(part for part in parts if not part.startswith("0 ")) or "0 s"


def counted(number: int, word: str) -> str:
    """Return a number with its noun: 1 look, 3 looks."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def listed(words: Sequence[str], most: int) -> str:
    """Return the words with commas, at most so many: a, b and 3 more."""
    if len(words) <= most:
        return ", ".join(words)
    return f"{', '.join(words[:most])} and {len(words) - most} more"


def joined(words: Sequence[str]) -> str:
    """Return the words as a sentence lists them: a, b and c."""
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
