"""The languages of messages: translated sentences, and names, dates and lists as each has them."""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property, lru_cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from appwatch.watchlist.model import LANGUAGES

if TYPE_CHECKING:  # babel is slow to import, and only messages need it
    from babel import Locale

ENGLISH: Final = LANGUAGES[0]
CATALOGUES: Final = Path(__file__).parent / "catalogues"
_LOCALES: Final = {ENGLISH: "en-GB"}  # the day before the month
_UNITS: Final[tuple[tuple[Literal["day", "hour", "minute", "second"], int], ...]] = (
    ("day", 86_400),
    ("hour", 3_600),
    ("minute", 60),
    ("second", 1),
)
# English names that read wrong without an article, beside those that end like one.
_WITH_ARTICLE: Final = frozenset({"bq", "bs", "gm", "km", "mv", "nl", "ph"})
_ARTICLE_ENDINGS: Final = (
    "Emirates", "Islands", "Kingdom", "Republic", "States", "Territories", "Territory",
)  # fmt: skip
# Spanish writes e for y before the sound of i.
_BEFORE_I: Final = re.compile(r" y (?=h?[ií](?![ae])[^,]*$)", re.IGNORECASE)


class Plural(NamedTuple):
    """A message that counts: as it reads of one, and of several."""

    one: str
    several: str


_MORE: Final = Plural("{count} more", "{count} more")


def marked(message: str) -> str:
    """Return the message as it is; the call tells whoever gathers what is to be translated."""
    return message


class Language:
    """One of LANGUAGES. Messages are looked up by their English text.

    Fields are put in as they are: whatever comes from outside must be plain text by then.
    """

    def __init__(self, code: str) -> None:
        self.code = code
        self._translations = _translations(code)
        self._gap = "" if code.startswith("zh") else " "

    @cached_property
    def _locale(self) -> "Locale":
        from babel import Locale

        return Locale.parse(_LOCALES.get(self.code, self.code), sep="-")

    def say(self, message: str, /, **fields: object) -> str:
        """Return the message in this language, with its fields put in."""
        return self._translations.gettext(message).format(**fields)

    def count(self, message: Plural, number: int, /, **fields: object) -> str:
        """Return the form of the message that fits the number, which is its field `count`."""
        form = self._translations.ngettext(message.one, message.several, number)
        return form.format(count=number, **fields)

    def labelled(self, label: str, text: str) -> str:
        """Return the text behind its label and a colon."""
        return self.say("{label}: {text}", label=label, text=text)

    def run(self, sentences: Sequence[str]) -> str:
        """Return the sentences, one after the other."""
        return self._gap.join(filter(None, sentences))

    def listed(self, words: Sequence[str], most: int = 1000) -> str:
        """Return the words as a sentence lists them, at most so many: a, b and 3 more."""
        from babel.lists import format_list

        rest = len(words) - most
        more = [self.count(_MORE, rest)] if rest > 0 else []
        told = format_list([*words[:most], *more], locale=self._locale)
        return _BEFORE_I.sub(" e ", told) if self.code == "es" else told

    def country(self, storefront: str) -> str:
        """Return the storefront's name, in English with an article where it needs one."""
        name = str(self._locale.territories.get(storefront.upper(), storefront.upper()))
        article = storefront in _WITH_ARTICLE or name.endswith(_ARTICLE_ENDINGS)
        return f"the {name}" if article and self.code == ENGLISH else name

    def place(self, storefront: str) -> str:
        """Return the storefront by name and code: China (cn)."""
        name = self.country(storefront).removeprefix("the ")
        return self.say("{country} ({code})", country=name, code=storefront)

    def moment(self, at: datetime) -> str:
        """Return the moment spelled out: 9 June 2020, 14:02:11 UTC."""
        at = at.astimezone(UTC)
        return self.say("{day}, {time} UTC", day=self.day(at), time=f"{at:%H:%M:%S}")

    def day(self, at: datetime) -> str:
        """Return the day in UTC: 9 June 2020."""
        from babel.dates import format_date

        at = at.astimezone(UTC)
        told = _evenly(format_date(at.date(), "long", self._locale))
        # French counts the first of a month, and no other day; babel counts none.
        return told.replace("1 ", "1er ", 1) if self.code == "fr" and at.day == 1 else told

    def span(self, length: timedelta) -> str:
        """Return a length of time by its two largest units: 14 minutes 57 seconds."""
        from babel.dates import format_timedelta

        left = max(round(length.total_seconds()), 0)
        parts: list[str] = []
        for unit, seconds in _UNITS:
            count, left = divmod(left, seconds)
            if count or (unit == "second" and not parts):
                of = timedelta(seconds=count * seconds)
                parts.append(format_timedelta(of, unit, 10**9, locale=self._locale))
            elif parts:
                break  # 1 h 0 min 5 s is an hour
            if len(parts) == 2:
                break
        return _evenly(self._gap.join(parts))


@lru_cache
def speaking(code: str) -> Language:
    """Return the language of this code, one of LANGUAGES."""
    return Language(code)


def _translations(code: str) -> NullTranslations:
    """Return the catalogue, read from the text that translators edit: nothing is compiled."""
    if code == ENGLISH:
        return NullTranslations()
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGUES / f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code.replace("-", "_"))
    made = BytesIO()
    write_mo(made, catalogue)
    made.seek(0)
    return GNUTranslations(made)


def _evenly(text: str) -> str:
    """Return the text with plain spaces: a mail's two forms must not differ in them."""
    return " ".join(text.split())
