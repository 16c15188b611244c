"""The rules that read a page of Google Play."""

from appwatch.domain.model import Outcome, Reason
from appwatch.domain.verdict import Rule, inconclusive, rules_in

INSTALLABLE = Rule(
    "google_play.installable",
    Outcome.AVAILABLE,
    "page data of the package asked, for the country asked, whose availability slot is [2]",
    "so it stood on every recorded page with an Install or Buy button, 2019 to 2026",
)
EARLY_ACCESS = Rule(
    "google_play.early_access",
    Outcome.AVAILABLE,
    "page data of the package asked, for the country asked, whose availability slot has a "
    "text in third place",
    "the text names the early access programme, from which the app can be installed",
)
PREREGISTRATION = Rule(
    "google_play.preregistration",
    Outcome.PREREGISTRATION,
    "page data of the package asked, for the country asked, whose availability slot begins with 1",
    "the page announces the app and offers registration in place of installation",
)
NOT_OFFERED = Rule(
    "google_play.not_offered",
    Outcome.NOT_INSTALLABLE,
    "page data of the package asked, for the country asked, with title, package and price in "
    "their places, an empty availability slot, and no offer to install or buy on the page",
    "so stands a page whose developer does not distribute the app there; the price stays",
)
NOT_FOUND_PAGE = Rule(
    "google_play.not_found_page",
    Outcome.NOT_FOUND,
    "status 404 at the details address asked, with the store's own small Not Found page, whole",
    "the store answers so for packages it does not list in that country; a control vouches "
    "that it lists others there",
)

BAD_REQUEST = inconclusive(
    "google_play.400",
    Reason.BAD_REQUEST,
    "status 400",
    "the store did not understand the question",
)
CONSENT_ADDRESS = inconclusive(
    "google_play.consent_address",
    Reason.CONSENT,
    "a redirect towards, or an answer from, a host that begins with consent. or a consent path",
    "the wall stands before the page and knows nothing of the app; even its 404 is its own",
)
CONSENT_FORM = inconclusive(
    "google_play.consent_form",
    Reason.CONSENT,
    "the consent form in the body, whatever the host",
    "the wall stands before the page and knows nothing of the app",
)
SORRY = inconclusive(
    "google_play.sorry",
    Reason.BLOCKED,
    "a redirect towards, or an answer from, a path with /sorry/",
    "the front end takes us for a robot",
)
CAPTCHA = inconclusive(
    "google_play.captcha",
    Reason.BLOCKED,
    "the captcha form, or its words about unusual traffic",
    "the front end takes us for a robot",
)
JAVASCRIPT_STUB = inconclusive(
    "google_play.javascript_stub",
    Reason.BLOCKED,
    "a page without data that asks for JavaScript to be enabled",
    "the soft form of the robot check; pages of the store carry their data",
)
FOREIGN_404 = inconclusive(
    "google_play.foreign_404",
    Reason.BLOCKED,
    "status 404 without the store's own Not Found page",
    "robots of front ends and proxies on the way answer 404 too",
)
FORBIDDEN = inconclusive(
    "google_play.403",
    Reason.BLOCKED,
    "status 403",
    "we are refused, whatever the app",
)
REDIRECT = inconclusive(
    "google_play.redirect",
    Reason.BAD_ANSWER,
    "a redirect elsewhere, or an answer from another address than the one asked",
    "what stands at another address is not what was asked for",
)
OTHER_STATUS = inconclusive(
    "google_play.status",
    Reason.BAD_ANSWER,
    "any other status than 200",
    "the store uses no other status for a listing",
)
EMPTY_BODY = inconclusive(
    "google_play.empty_body",
    Reason.BAD_ANSWER,
    "an empty body",
    "the store leaves no page empty",
)
NOT_HTML = inconclusive(
    "google_play.not_html",
    Reason.BAD_ANSWER,
    "a content type or a body that is not HTML",
    "the store's pages are HTML",
)
NO_LISTING = inconclusive(
    "google_play.no_listing",
    Reason.BAD_ANSWER,
    "a whole page that is no listing: the store's home, a search, somebody else's page",
    "the home page came with status 200 in place of a listing (2013)",
)
WRONG_APP = inconclusive(
    "google_play.wrong_app",
    Reason.WRONG_APP,
    "page data of a listing, but of another package",
    "the package stands in the page's own data",
)
WRONG_STOREFRONT = inconclusive(
    "google_play.wrong_storefront",
    Reason.WRONG_STOREFRONT,
    "page data of the package asked, for another country than asked",
    "every page states its country in its footer's data, by code and by name",
)
NO_DATA = inconclusive(
    "google_play.no_data",
    Reason.LAYOUT_UNKNOWN,
    "a page of the store, or the beginning of one, whose data cannot be found or read",
    "the layout has changed before, country by country",
)
NO_COUNTRY = inconclusive(
    "google_play.no_country",
    Reason.LAYOUT_UNKNOWN,
    "page data of the package asked, with a country that can be read neither by code nor by name",
    "a page of an unknown country says nothing about this one",
)
SLOT_MISSING = inconclusive(
    "google_play.slot_missing",
    Reason.LAYOUT_UNKNOWN,
    "page data of the package asked that lacks its title, its availability slot or, where the "
    "slot is empty, its price",
    "a slot that moved looks like one that is empty",
)
SLOT_UNKNOWN = inconclusive(
    "google_play.slot_unknown",
    Reason.LAYOUT_UNKNOWN,
    "page data of the package asked with an availability that was never seen",
    "its meaning is not known",
)
OFFER_CONTRADICTS = inconclusive(
    "google_play.offer_contradicts",
    Reason.LAYOUT_UNKNOWN,
    "an empty availability slot on a page that offers the app for installation or sale",
    "the page contradicts itself, so the slot may have moved",
)
NOT_ONE_PAGE = inconclusive(
    "google_play.not_one_page",
    Reason.LAYOUT_UNKNOWN,
    "page data by which the package cannot be installed, on a page that is cut short, holds two "
    "pages, or says two things of the package",
    "what was cut or joined on the way may have lost the offer that the store shows",
)
CONTROL_FAILED = inconclusive(
    "google_play.control_failed",
    Reason.CONTROL_FAILED,
    "an absence that stands, while no control was seen beside it",
    "a storefront that misses what is surely listed is sick",
)

RULES = rules_in(globals())
