"""The App Store's product page as a second surface: its request, and bytes in, a verdict out."""

import re
from urllib.parse import urlsplit

from appwatch import __version__
from appwatch.domain.model import Facts, Verdict
from appwatch.stores.addresses import final
from appwatch.stores.app_store import page_data
from appwatch.stores.app_store import second_rules as rules
from appwatch.stores.app_store.page_data import Description
from appwatch.stores.app_store.walls import stopped
from appwatch.stores.base import Answer, Request

PRODUCT_PAGE = "product_page"
# Bare clients were answered 429 where a browser's User-Agent got the page (September 2026), so
# this has a browser's form; who asks stands at its end, as robots write it.
_HEADERS = {
    "User-Agent": (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/141.0.0.0 Safari/537.36 (compatible; appwatch/{__version__})"
    ),
    "Accept": "text/html",
    "Accept-Language": "en",
}
_SIGNED_WITHIN = 1_000_000  # bytes; Apple's marks stand in the head and the navigation of a page
_WALL_AT_MOST = 100_000  # bytes; recorded walls stay below 30,000
_CAPTCHA = re.compile(
    rb"captcha-form|g-recaptcha|h-captcha|unusual traffic from your computer network",
    re.IGNORECASE,
)
_CONSENT = re.compile(rb"action=[\"']?https?://consent\.|name=[\"']?set_eom", re.IGNORECASE)
_SCRIPTLESS = re.compile(rb"/httpservice/retry/enablejs|enable javascript", re.IGNORECASE)
# Words and addresses that Apple's pages carry in every language. Not the host of the store: a
# stranger's page may repeat the address that was asked.
# Apple's own 404 page was never recorded, so only those that surely are not Apple's are refused.
_ROBOT = re.compile(rb"!!1</title>|cloudflare|squid|varnish|zscaler|fortinet", re.IGNORECASE)
_APPLES = re.compile(
    rb"app(?: |&nbsp;|&#160;|\xc2\xa0)store|apple inc\b|\bwww\.apple\.com\b|\bmzstatic\.com\b|"
    rb"\bapple-(?:logo|touch-icon)|apple:content_id",
    re.IGNORECASE,
)


def request(base_url: str, listing: str, storefront: str, per_minute: float) -> Request:
    """Return the request for a listing's page in one storefront.

    The store redirects to the address that bears the app's name; `read` checks where it led.
    Pages are 0.5 to 1 MB long: ask for few.
    """
    return Request(
        f"{base_url.rstrip('/')}/{storefront}/app/id{listing}",
        PRODUCT_PAGE,
        storefront,
        frozenset({urlsplit(base_url).netloc}),
        _HEADERS,
        per_minute=per_minute,
    )


def read(answer: Answer, listing: str, storefront: str) -> Verdict:
    """Return what the product page says of this listing in this storefront.

    The first rule that fits decides. Never raises, whatever the bytes. `not_found` supports an
    absence that the lookup shows, and proves nothing alone.
    """
    wall = stopped(answer, rules.PAGE_WALLS, (200, 404))
    if wall is not None:
        return wall
    description = page_data.describe(answer.body)
    return (
        (_by_wall(answer.body) if description is None else None)
        or (_by_404(answer, description) if answer.status == 404 else _by_shape(answer))
        or _by_address(answer, listing, storefront)
        or (rules.PAGE_ABSENT.says() if answer.status == 404 else None)
        or _by_data(answer.body, description, listing, storefront)
    )


def _by_wall(body: bytes) -> Verdict | None:
    """Judge by the walls that stand in place of a page, whatever the host."""
    if len(body) > _WALL_AT_MOST:
        return None
    if _CONSENT.search(body):
        return rules.PAGE_CONSENT_FORM.says()
    if _CAPTCHA.search(body):
        return rules.PAGE_CAPTCHA.says()
    # Pages of Apple's may say so too, for those who have switched it off.
    if _SCRIPTLESS.search(body) and not _is_apples(body):
        return rules.PAGE_JAVASCRIPT_STUB.says()
    return None


def _by_404(answer: Answer, description: Description | None) -> Verdict | None:
    """Judge whether a 404 is surely not Apple's, or not of one mind with its page."""
    if description is not None or page_data.speaks_of_app(answer.body):
        return rules.PAGE_CONTRADICTORY_404.says()
    empty = not answer.body or answer.body.isspace()
    if not (_is_html_type(answer) if empty else _is_html(answer)):
        return rules.PAGE_FOREIGN_404.says(answer.header("content-type")[:100])
    robot = _ROBOT.search(answer.body, 0, _SIGNED_WITHIN)
    if robot is not None and not _is_apples(answer.body):
        return rules.PAGE_FOREIGN_404.says(robot[0].decode("ascii", "replace"))
    return None


def _by_shape(answer: Answer) -> Verdict | None:
    if not answer.body or answer.body.isspace():
        return rules.PAGE_WALLS.empty.says()
    if not _is_html(answer):
        return rules.PAGE_NOT_HTML.says(answer.header("content-type")[:100])
    return None


def _by_address(answer: Answer, listing: str, storefront: str) -> Verdict | None:
    """Judge by where the answer stands: redirects within the host may lead anywhere on it."""
    place = final(answer)
    named = page_data.place_of(place.path)
    if place.netloc.lower() != answer.request.host.lower() or not named.listing:
        return rules.PAGE_WALLS.redirect.says(answer.url[:200])
    if named.listing != listing:
        return rules.PAGE_OTHER_APP.says(answer.url[:200])
    if named.storefront != storefront:
        return rules.PAGE_OTHER_STOREFRONT.says(answer.url[:200])
    return None


def _by_data(
    body: bytes, description: Description | None, listing: str, storefront: str
) -> Verdict:
    """Judge by what the page says that it describes: all that it names must be what was asked."""
    if description is None:
        return _without_listing(body)
    others = description.listings - {listing}
    if others:
        return rules.PAGE_OTHER_APP.says(min(others)[:200])
    elsewhere = description.storefronts - {storefront}
    if elsewhere:
        return rules.PAGE_OTHER_STOREFRONT.says(min(elsewhere)[:200])
    told = {
        "track id": description.listings,
        "storefront": description.storefronts,
        "title": description.title,
    }
    missing = [what for what, value in told.items() if not value]
    if missing:
        return rules.PAGE_NO_DATA.says(f"the page names no {missing[0]}")
    url = page_data.canonical(body).replace("\0", "")
    return rules.PAGE_LISTED.says(facts=Facts(name=description.title, url=url))


def _without_listing(body: bytes) -> Verdict:
    """Tell a listing whose data is out of reach from a page that is no listing at all."""
    address = page_data.canonical(body)
    if (address and not page_data.place_of(address).listing) or not _is_apples(body):
        return rules.PAGE_NO_LISTING.says(address[:200])
    return rules.PAGE_NO_DATA.says()


def _is_apples(body: bytes) -> bool:
    return _APPLES.search(body, 0, _SIGNED_WITHIN) is not None


def _is_html(answer: Answer) -> bool:
    """Whether type and body are HTML; a missing type is forgiven."""
    head = answer.body[:2000].lower()
    return _is_html_type(answer) and (b"<html" in head or b"<!doctype html" in head)


def _is_html_type(answer: Answer) -> bool:
    kind = answer.header("content-type").partition(";")[0].strip().lower()
    return kind in ("", "text/html", "application/xhtml+xml")
