"""Bytes of a details page in, a verdict out; every wall and wrong page told apart."""

from urllib.parse import parse_qs

from appwatch.domain.model import Facts, Outcome, Verdict
from appwatch.stores.addresses import final, host, is_consent, split, walled
from appwatch.stores.base import Answer
from appwatch.stores.faults import fault_of
from appwatch.stores.google_play import blocks, rules
from appwatch.stores.google_play.blocks import ABSENT, Page
from appwatch.stores.google_play.listing import LAYOUTS, Listing, country, listings, offers
from appwatch.stores.google_play.requests import page_url
from appwatch.stores.google_play.small_pages import SMALL, form_actions, is_not_found_page

_ABSENCES = frozenset({Outcome.NOT_INSTALLABLE, Outcome.PREREGISTRATION})
_NOT_FOUND_AT_MOST = 16_000  # bytes; recorded ones stay below 2,000
_CAPTCHA = (b'id="captcha-form"', b"g-recaptcha", b"unusual traffic from your computer network")
_SCRIPTLESS = (b"/httpservice/retry/enablejs", b"enable javascript", b"javascript is disabled")
_DETAILS_HEAD = (
    b'<link rel="canonical" href="https://play.google.com/store/apps/details?id=',
    b'property="og:url" content="https://play.google.com/store/apps/details?id=',
)


def read(answer: Answer, package: str, storefront: str) -> Verdict:
    """Return what a details page says of this package in this storefront.

    The first rule that fits decides, in the order of the reasons. Never raises, whatever the
    bytes; only the store's own Not Found page reads as not_found.
    Sources: recorded pages of 2013 to 2026, and docs/verdicts.md.
    """
    page = blocks.find(answer.body)
    return stopped(answer, page) or _by_data(answer.body, page, package, storefront)


def stopped(answer: Answer, page: Page | None) -> Verdict | None:
    """Return what stands in place of a page of the store's data, or None if it is to be read."""
    early = fault_of(answer) or _by_address(answer)
    if early is not None:
        return early
    return _by_wall(answer.body, page) or _by_status(answer, page) or _by_shape(answer)


def is_page_of(answer: Answer, package: str) -> bool:
    """Whether this is the store's own details page of the package, readable or not.

    It shows that the store serves listings here, even where a new layout hides what they say.
    """
    if fault_of(answer) is not None or answer.status != 200:
        return False
    if not _is_html(answer) or not _is_where_asked(answer):
        return False
    named = [head + package.encode() + end for head in _DETAILS_HEAD for end in (b'"', b"&")]
    return any(name in answer.body for name in named)


def _by_address(answer: Answer) -> Verdict | None:
    """Judge by where the answer comes from and where it wants to send us."""
    if answer.status == 400:
        return rules.BAD_REQUEST.says()
    return walled(answer, rules.CONSENT_ADDRESS, rules.SORRY)


def _by_wall(body: bytes, page: Page | None) -> Verdict | None:
    """Judge by the walls that stand in place of a page, whatever the host."""
    if page is not None and len(body) > SMALL:
        return None
    consents = any(is_consent(split(action)) for action in form_actions(body))
    if consents or b'"set_eom"' in body:
        return rules.CONSENT_FORM.says()
    if page is not None:
        return None
    lower = body.lower()
    if any(mark in lower for mark in _CAPTCHA):
        return rules.CAPTCHA.says()
    if any(mark in lower for mark in _SCRIPTLESS):
        return rules.JAVASCRIPT_STUB.says()
    return None


def _by_status(answer: Answer, page: Page | None) -> Verdict | None:
    """Judge by status; 404 counts as the store's own page at the address asked only."""
    if answer.status == 200:
        return None
    if answer.status == 404:
        own = page is None and _is_where_asked(answer) and _is_not_found_page(answer)
        return (rules.NOT_FOUND_PAGE if own else rules.FOREIGN_404).says()
    if answer.status == 403:
        return rules.FORBIDDEN.says()
    if 300 <= answer.status < 400:
        return rules.REDIRECT.says(answer.header("location")[:200])
    return rules.OTHER_STATUS.says(f"status {answer.status}")


def _by_shape(answer: Answer) -> Verdict | None:
    """Judge by what every page of the store has: an address, a type, some HTML."""
    if not answer.body or answer.body.isspace():
        return rules.EMPTY_BODY.says()
    if not _is_html(answer):
        return rules.NOT_HTML.says(answer.header("content-type")[:100])
    if not _is_where_asked(answer):
        return rules.REDIRECT.says(answer.url[:200])
    return None


def _by_data(body: bytes, page: Page | None, package: str, storefront: str) -> Verdict:
    """Judge by the page's data: this package, this country, and then what it offers."""
    found = list(listings(page)) if page is not None else []
    if page is None or not found:
        return _without_listing(body, page)
    own = [one for one in found if one.package == package]
    if not own:
        return rules.WRONG_APP.says(found[0].package)
    code = country(page)
    if code != storefront:
        return rules.WRONG_STOREFRONT.says(code) if code else rules.NO_COUNTRY.says()
    listing = next((one for one in own if one.title), own[0])
    facts = listing.facts._replace(url=page_url(package, storefront))
    verdict = _by_offer(page, listing, facts)
    if verdict.outcome in _ABSENCES and not _is_of_one_mind(page, own):
        return rules.NOT_ONE_PAGE.says(verdict.rule)
    return verdict


def _is_of_one_mind(page: Page, own: list[Listing]) -> bool:
    """Whether a page is whole, and all that it says of the package's availability the same."""
    offers = [one.offer or [] for one in own if one.title]
    return page.is_whole() and all(offer == offers[0] for offer in offers)


def _by_offer(page: Page, listing: Listing, facts: Facts) -> Verdict:
    """Judge by the availability slot, which must stand in its place to mean anything."""
    if not listing.title or listing.offer is ABSENT:
        return rules.SLOT_MISSING.says("availability" if listing.title else "title")
    if listing.offer is None or listing.offer == []:
        return _by_emptiness(page, listing, facts)
    first = blocks.slot(listing.offer, 0)
    state = first if type(first) is int else None  # true and 1.0 are not 1
    if state == 1:
        contradicted = offers(page, listing.package)
        return (rules.OFFER_CONTRADICTS if contradicted else rules.PREREGISTRATION).says(
            facts=facts
        )
    early_access = blocks.slot(listing.offer, 2)
    if isinstance(early_access, str):
        return rules.EARLY_ACCESS.says(early_access[:100], facts)
    if state == 2 and listing.offer == [2]:
        return rules.INSTALLABLE.says(facts=facts)
    return rules.SLOT_UNKNOWN.says(_excerpt(listing.offer))


def _by_emptiness(page: Page, listing: Listing, facts: Facts) -> Verdict:
    """Judge a listing whose availability slot is empty: nothing else may look out of place."""
    if not listing.has_price:
        return rules.SLOT_MISSING.says("price")
    if offers(page, listing.package):
        return rules.OFFER_CONTRADICTS.says()
    return rules.NOT_OFFERED.says(facts=facts)


def _without_listing(body: bytes, page: Page | None) -> Verdict:
    """Tell a listing whose data is out of reach from a page that is no listing at all."""
    asked = page is not None and any(page.has(layout.rpc) for layout in LAYOUTS)
    cut = b"</html>" not in body[-200:]
    if asked or cut or any(head in body for head in _DETAILS_HEAD):
        return rules.NO_DATA.says("the page is cut short" if cut else "")
    return rules.NO_LISTING.says()


def _excerpt(value: object) -> str:
    """Return the beginning of a slot that is not known, however deep or long it is."""
    items = value[:5] if isinstance(value, list) else [value]
    plain = (int, float, str, type(None))
    return ", ".join(
        repr(item)[:40] if isinstance(item, plain) else type(item).__name__ for item in items
    )


def _is_not_found_page(answer: Answer) -> bool:
    """Whether the body is the store's small Not Found page, whole."""
    body = answer.body
    if len(body) > _NOT_FOUND_AT_MOST or not _is_html(answer) or b"</html>" not in body[-50:]:
        return False
    if any(mark in body for mark in (b'rel="canonical"', b"AF_initDataCallback")):
        return False
    return is_not_found_page(body)


def _is_html(answer: Answer) -> bool:
    """Whether type and body are HTML; a missing type is forgiven."""
    kind = answer.header("content-type").partition(";")[0].strip().lower()
    head = answer.body[:2000].lower()
    return kind in ("", "text/html", "application/xhtml+xml") and (
        b"<html" in head or b"<!doctype html" in head
    )


def _is_where_asked(answer: Answer) -> bool:
    """Whether the answer stands at the address asked: host, path, package and country."""
    asked, got = split(answer.request.url), final(answer)
    if (host(asked), asked.path) != (host(got), got.path):
        return False
    wanted, answered = parse_qs(asked.query), parse_qs(got.query)
    return all(wanted.get(name) == answered.get(name) for name in ("id", "gl"))
