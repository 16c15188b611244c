"""The bytes of Google Play's search page as candidates."""

from collections.abc import Iterator

from appwatch.domain.model import Reason, Verdict
from appwatch.stores.base import Answer, Candidate, Found
from appwatch.stores.google_play import blocks, rules
from appwatch.stores.google_play.answers import stopped
from appwatch.stores.google_play.blocks import Page, slot
from appwatch.stores.google_play.listing import country
from appwatch.stores.google_play.requests import refuse_listing

# As recorded in July 2026: sections, of which one may show a single app at length.
_RPC = b"lGYRle"
_SECTIONS = (0, 1)
_APPS = (22, 0)  # within a section: a list of apps
_PACKAGE, _TITLE, _DEVELOPER = (0, 0, 0), (0, 3), (0, 14)  # within one of them
_SHOWN_PACKAGE, _SHOWN_TITLE = (23, 16, 11, 0, 0), (23, 16, 2, 0, 0)  # within a section
_SHOWN_DEVELOPER = (23, 16, 2, 68, 0)
_LONGEST = 300  # characters of a name


def read(answer: Answer, storefront: str) -> Found:
    """Return the apps on the page, in its order. Never raises, whatever the bytes."""
    page = blocks.find(answer.body)
    refused = stopped(answer, page) or _refused(page, storefront)
    if refused is not None or page is None:
        verdict = refused or rules.NO_DATA.says()
        return Found((), verdict.reason or Reason.BAD_ANSWER, verdict.detail)
    found = (candidate for data in _answers(page) for candidate in _candidates(data))
    return Found(tuple({one.listing: one for one in found}.values()))


def _refused(page: Page | None, storefront: str) -> Verdict | None:
    """Return why the page is not the answer to this search in this storefront, or None."""
    if page is None or not any(isinstance(slot(d, *_SECTIONS), list) for d in _answers(page)):
        return rules.NO_DATA.says()
    code = country(page)
    if code != storefront:
        return rules.WRONG_STOREFRONT.says(code) if code else rules.NO_COUNTRY.says()
    return None


def _answers(page: Page) -> Iterator[object]:
    for block in page.blocks(_RPC):
        yield block.value()


def _candidates(data: object) -> Iterator[Candidate]:
    for section in _items(slot(data, *_SECTIONS)):
        yield from _candidate(section, _SHOWN_PACKAGE, _SHOWN_TITLE, _SHOWN_DEVELOPER)
        for app in _items(slot(section, *_APPS)):
            yield from _candidate(app, _PACKAGE, _TITLE, _DEVELOPER)


def _candidate(value: object, *paths: tuple[int, ...]) -> Iterator[Candidate]:
    """Yield the app that stands at these paths: package, title, developer; if one does."""
    package, title, developer = (slot(value, *path) for path in paths)
    if isinstance(package, str) and isinstance(title, str) and refuse_listing(package) is None:
        by = developer if isinstance(developer, str) else ""
        yield Candidate(package, title[:_LONGEST], by[:_LONGEST])


def _items(value: object) -> list[object]:
    return value if isinstance(value, list) else []
