"""The rules that read the second surfaces: the product page and the platform lookup.

They judge beside the lookup API: they agree with an absence or contradict it, never prove one.
"""

from dataclasses import dataclass, fields

from appwatch.domain.model import Outcome, Reason
from appwatch.domain.verdict import Rule, inconclusive, rules_in


@dataclass(frozen=True, slots=True)
class Walls:
    """The rules of one surface for whatever stands in place of its answer."""

    no_storefront: Rule
    refused: Rule
    consent: Rule
    sorry: Rule
    forbidden: Rule
    redirect: Rule
    status: Rule
    empty: Rule

    @property
    def rules(self) -> tuple[Rule, ...]:
        """All of them."""
        return tuple(getattr(self, one.name) for one in fields(self))


def _walls(surface: str) -> Walls:
    """Return the rules of a surface; `surface` is the word that its ids begin with."""

    def rule(name: str, reason: Reason, looks_for: str, because: str) -> Rule:
        return inconclusive(f"app_store.{surface}_{name}", reason, looks_for, because)

    return Walls(
        no_storefront=rule(
            "no_storefront",
            Reason.BAD_REQUEST,
            "a country without an App Store",
            "what is not there for any app says nothing of one",
        ),
        refused=rule(
            "refused",
            Reason.BAD_REQUEST,
            "status 400",
            "the store does not understand the question, so this is no answer to it",
        ),
        consent=rule(
            "consent",
            Reason.CONSENT,
            "a redirect towards, or an answer from, a host that begins with consent. or a consent "
            "path",
            "a wall on the way stands before the answer and knows nothing of the app",
        ),
        sorry=rule(
            "sorry",
            Reason.BLOCKED,
            "a redirect towards, or an answer from, a path with /sorry/",
            "something on the way takes us for a robot",
        ),
        forbidden=rule(
            "forbidden",
            Reason.BLOCKED,
            "status 403",
            "the store, or something on the way, refuses to answer us",
        ),
        redirect=rule(
            "redirect",
            Reason.BAD_ANSWER,
            "a redirect elsewhere: off the host, or to an address of no app",
            "what stands elsewhere is no answer to what was asked",
        ),
        status=rule(
            "status",
            Reason.BAD_ANSWER,
            "any other status that this surface does not use",
            "only the statuses that were recorded or documented have a meaning",
        ),
        empty=rule(
            "empty_body",
            Reason.BAD_ANSWER,
            "an empty body",
            "every answer of this surface has one",
        ),
    )


PAGE_WALLS = _walls("page")
PLATFORM_WALLS = _walls("platform")

PAGE_LISTED = Rule(
    "app_store.page_listed",
    Outcome.AVAILABLE,
    "status 200 at an address of the storefront and the track id asked, with a page whose own data "
    "names both: the data it was served with, or its description as a SoftwareApplication and its "
    "canonical address",
    "pages of every layout since 2019 name them; such a page contradicts an absence that the "
    "lookup shows, but it may come from a cache, so it does not prove that the app can be had",
)
PAGE_ABSENT = Rule(
    "app_store.page_404",
    Outcome.NOT_FOUND,
    "status 404 at an address of the storefront and the track id asked, with no listing in its "
    "page and no mark of a proxy or a front end's robot",
    "of 19,824 pages crawled in 2024 19 % answered so; but whether each of those was gone, or only "
    "in that storefront, was never recorded: a 404 may agree with an absence that the lookup "
    "shows, and never stands alone",
)
PAGE_FOREIGN_404 = inconclusive(
    "app_store.page_foreign_404",
    Reason.BLOCKED,
    "status 404 that is no page, or bears the mark of a proxy or of a front end's robot",
    "robots of front ends and proxies on the way answer 404 too",
)
PAGE_CONTRADICTORY_404 = inconclusive(
    "app_store.page_contradictory_404",
    Reason.LAYOUT_UNKNOWN,
    "status 404 with a page that describes a listing, or bears any mark of one",
    "the page contradicts its own status",
)
PAGE_CONSENT_FORM = inconclusive(
    "app_store.page_consent_form",
    Reason.CONSENT,
    "a page without a listing, with a consent form",
    "a wall on the way stands before the page and knows nothing of the app",
)
PAGE_CAPTCHA = inconclusive(
    "app_store.page_captcha",
    Reason.BLOCKED,
    "a page without a listing, with a captcha",
    "something on the way takes us for a robot",
)
PAGE_JAVASCRIPT_STUB = inconclusive(
    "app_store.page_javascript_stub",
    Reason.BLOCKED,
    "a page without a listing that wants JavaScript to be enabled before it shows anything",
    "the soft form of a robot check; product pages carry their data",
)
PAGE_NOT_HTML = inconclusive(
    "app_store.page_not_html",
    Reason.BAD_ANSWER,
    "a body that is no HTML, or is announced as something else",
    "the product page is an HTML page",
)
PAGE_NO_LISTING = inconclusive(
    "app_store.page_no_listing",
    Reason.BAD_ANSWER,
    "a page that is no listing of an app: another part of the store, or somebody else's page",
    "what speaks of no app says nothing of this one",
)
PAGE_OTHER_APP = inconclusive(
    "app_store.page_other_app",
    Reason.WRONG_APP,
    "an address, or a page, of another track id",
    "an answer about another app says nothing of this one",
)
PAGE_OTHER_STOREFRONT = inconclusive(
    "app_store.page_other_storefront",
    Reason.WRONG_STOREFRONT,
    "an address, or a page, of another storefront or of none",
    "without its country the address leads to the visitor's own storefront",
)
PAGE_NO_DATA = inconclusive(
    "app_store.page_no_data",
    Reason.LAYOUT_UNKNOWN,
    "a page of the store whose data cannot be found or read, or lacks title, track id or "
    "storefront",
    "the layout changed in November 2025 and again in April 2026",
)

PLATFORM_LISTED = Rule(
    "app_store.platform_listed",
    Outcome.AVAILABLE,
    "a result under the track id asked, with a bundle id, a name and an offer, in any catalogue",
    "the answer holds what a device needs to buy the app; but it does not name its storefront, and "
    "a catalogue may go on listing for hours what is gone: it contradicts an absence, and does "
    "not disprove it",
)
PLATFORM_UNLISTED = Rule(
    "app_store.platform_not_in_catalogue",
    Outcome.NOT_FOUND,
    "a whole answer without the track id, for one catalogue",
    "the platform lookup leaves out what its catalogue does not list; other catalogues of the same "
    "storefront may list it, so this speaks of the one asked alone",
)
PLATFORM_ABSENT = Rule(
    "app_store.platform_absent",
    Outcome.NOT_FOUND,
    "a whole answer without the track id for each of the catalogues enterprisestore, iphone and "
    "ipad",
    "some storefronts have an empty enterprise catalogue while their consumer catalogues list the "
    "app, and some apps are in none: it may agree with an absence that the lookup shows, and never "
    "stands alone",
)
PLATFORM_ODD = inconclusive(
    "app_store.platform_odd_answer",
    Reason.BAD_ANSWER,
    "a body that is no JSON object with an object of results (HTML, cut JSON, wrong types, a key "
    "twice, an error message), or a result without bundle id or name",
    "only a whole answer can leave something out",
)
PLATFORM_NO_OFFER = inconclusive(
    "app_store.platform_no_offer",
    Reason.LAYOUT_UNKNOWN,
    "a result under the track id asked, without an offer",
    "what is known and not offered is neither listed nor absent",
)
PLATFORM_OTHER_APP = inconclusive(
    "app_store.platform_other_app",
    Reason.WRONG_APP,
    "a result about something that was not asked",
    "the answer belongs to another question",
)
SURFACES_DISAGREE = inconclusive(
    "app_store.surfaces_disagree",
    Reason.SURFACES_DISAGREE,
    "an absence in the lookup that a second surface contradicts, or that none was asked about in a "
    "look in which it contradicts another",
    "one of the two is behind the other, and which one cannot be told from here",
)

SECOND_RULES = (*rules_in(globals()), *PAGE_WALLS.rules, *PLATFORM_WALLS.rules)
