"""What stands in place of a second surface's answer: faults, refusals, redirects, nothing."""

from collections.abc import Collection
from urllib.parse import SplitResult, urljoin, urlsplit

from appwatch.domain.model import Verdict
from appwatch.stores.app_store.second_rules import Walls
from appwatch.stores.app_store.storefronts import refuse_storefront
from appwatch.stores.base import Answer
from appwatch.stores.faults import fault_of


def stopped(answer: Answer, walls: Walls, statuses: Collection[int]) -> Verdict | None:
    """Return why the answer proves nothing whatever it says, or None if it is to be read.

    `statuses` are those that the surface uses.
    """
    if refuse_storefront(answer.request.storefront):
        return walls.no_storefront.says(answer.request.storefront)
    early = fault_of(answer) or _by_address(answer, walls)
    if early is not None:
        return early
    if answer.status == 400:
        return walls.refused.says()
    if answer.status == 403:
        return walls.forbidden.says()
    if 300 <= answer.status < 400:
        return walls.redirect.says(answer.header("location")[:200])
    if answer.status not in statuses:
        return walls.status.says(f"status {answer.status}")
    return None


def final(answer: Answer) -> SplitResult:
    """Return the parts of the address that answered."""
    return _split(answer.url or answer.request.url)


def _by_address(answer: Answer, walls: Walls) -> Verdict | None:
    """Judge by where the answer comes from and where it wants to send us."""
    places = [final(answer)]
    if 300 <= answer.status < 400:
        places.append(_split(answer.header("location"), answer.url or answer.request.url))
    for place in places:
        if _is_consent(place):
            return walls.consent.says(place.geturl()[:200])
    for place in places:
        if "/sorry/" in f"{place.path}/":
            return walls.sorry.says(place.geturl()[:200])
    return None


def _is_consent(place: SplitResult) -> bool:
    # Below /app/ stands the app's name, which may begin with any word.
    path = place.path.lower().partition("/app/")[0]
    return place.netloc.lower().startswith("consent.") or any(
        part.startswith("consent") for part in path.split("/")
    )


def _split(url: str, base: str = "") -> SplitResult:
    """Return the parts of an address; one that cannot be parted has none."""
    try:
        return urlsplit(urljoin(base, url))
    except ValueError:
        return SplitResult("", "", "", "", "")
