"""A second opinion on an absence: the product page, and the platform lookup if that is silent."""

from collections.abc import Generator
from dataclasses import dataclass

from appwatch.domain.model import Outcome, Verdict
from appwatch.stores.app_store import platform_lookup, product_page
from appwatch.stores.app_store.platform_lookup import PLATFORM
from appwatch.stores.app_store.product_page import PRODUCT_PAGE
from appwatch.stores.base import Answer, Request


@dataclass(frozen=True, slots=True)
class Surfaces:
    """Where the second surfaces answer, and how often each may be asked in a minute."""

    web_url: str
    platform_url: str
    per_minute: float = 20.0


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a second surface says of an absence that the lookup shows.

    `says`: not_found agrees, available contradicts, inconclusive is silent. `exchanges` is how
    many requests it took; of the platform lookup's opinion the first was the silent page.
    """

    says: Outcome
    surface: str
    rule: str
    detail: str
    exchanges: int


def second_opinion(
    surfaces: Surfaces, listing: str, storefront: str, key: str
) -> Generator[Request, Answer, Opinion]:
    """Ask the product page; if it is silent, ask the platform lookup; `key` is new every round.

    The page comes first because the platform lookup's catalogues may lag behind a removal for
    hours, and say "listed" meanwhile: asked first, they would contradict many a true removal.
    The page also names its storefront, which the platform lookup does not. What the page says
    conclusively is enough; the other is not asked then.
    """
    page = yield product_page.request(surfaces.web_url, listing, storefront, surfaces.per_minute)
    first = product_page.read(page, listing, storefront)
    if first.outcome is not Outcome.INCONCLUSIVE:
        return _opinion(first, PRODUCT_PAGE, 1)
    consulting = platform_lookup.consult(
        surfaces.platform_url, listing, storefront, key, surfaces.per_minute
    )
    second, asked = yield from _counted(consulting)
    return _opinion(second, PLATFORM, 1 + asked, f"the product page was silent ({first.rule})")


def _opinion(verdict: Verdict, surface: str, exchanges: int, beside: str = "") -> Opinion:
    detail = "; ".join(part for part in (verdict.detail, beside) if part)
    return Opinion(verdict.outcome, surface, verdict.rule, detail, exchanges)


def _counted(
    dialogue: Generator[Request, Answer, Verdict],
) -> Generator[Request, Answer, tuple[Verdict, int]]:
    """Carry on a dialogue, and count what it asks."""
    request, count = next(dialogue), 1
    while True:
        answer = yield request
        try:
            request = dialogue.send(answer)
        except StopIteration as end:
            return end.value, count
        count += 1
