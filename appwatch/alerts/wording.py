"""The small words of a message: the store, its storefronts, links, and what plain text is."""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from appwatch.alerts.language import ENGLISH, Language, Plural, speaking

# Control characters, halves of characters, separators of lines and paragraphs.
_UNPRINTABLE: Final = ("Cc", "Cs", "Zl", "Zp")
# They reorder the text around them: a name could make a message read backwards.
_REORDERING: Final = frozenset(
    "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)


def _english() -> Language:
    return speaking(ENGLISH)


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
    language: Language = field(default_factory=_english)

    def spoken(self, code: str) -> "Wording":
        """Return the same in the language of this code."""
        return replace(self, language=speaking(code))

    def store(self, store: str) -> str:
        """Return the store as a sentence names it: the App Store, Google Play."""
        title = plain(self.titles.get(store, store))
        shop = title.lower().endswith("store")
        return self.language.say("the {store}", store=title) if shop else title

    def where(self, store: str, storefronts: Sequence[str]) -> str:
        """Return the store and its storefront, or how many: the App Store in China (cn).

        Names that are missing are left out.
        """
        shop = self.store(store) or self.language.say("a store")
        if len(storefronts) > 1:
            several = Plural("{store} in {count} storefront", "{store} in {count} storefronts")
            return self.language.count(several, len(storefronts), store=shop)
        if not any(storefronts):
            return shop
        country = self.language.country(storefronts[0])
        return self.language.say(
            "{store} in {country} ({code})", store=shop, country=country, code=storefronts[0]
        )

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
    return cut(" ".join("".join(kept).split()), longest)


def cut(text: str, longest: int) -> str:
    """Return the text, or as much of its beginning as fits."""
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _steers(character: str) -> bool:
    return unicodedata.category(character) in _UNPRINTABLE or character in _REORDERING


def counted(number: int, word: str) -> str:
    """Return a number with its English noun: 1 look, 3 looks."""
    return f"{number} {word}" if number == 1 else f"{number} {word}s"
