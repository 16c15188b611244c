"""What stands in place of a second surface's answer: faults, refusals, redirects, nothing."""

from collections.abc import Collection

from appwatch.domain.model import Verdict
from appwatch.stores.addresses import walled
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
    early = fault_of(answer) or walled(answer, walls.consent, walls.sorry)
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
