"""The rules that read an answer of the lookup API."""

from appwatch.domain.model import Outcome, Reason
from appwatch.domain.verdict import Rule, inconclusive, rules_in

FOUND = Rule(
    "app_store.found",
    Outcome.AVAILABLE,
    "a software result with the track id asked, whose address names the storefront asked",
    "every one of 2,220 recorded results named its own storefront",
)
ABSENT = Rule(
    "app_store.absent",
    Outcome.NOT_FOUND,
    "a complete answer with status 200 that leaves the track id out",
    "the lookup API leaves out what a storefront does not list; a control vouches for the answer",
)
NO_STOREFRONT = inconclusive(
    "app_store.no_storefront",
    Reason.BAD_REQUEST,
    "a country without an App Store",
    "some such countries answer 200 with no results for every app",
)
REFUSED = inconclusive(
    "app_store.refused",
    Reason.BAD_REQUEST,
    "status 400, or an error message in place of results",
    "the API names a country or an id that it does not know",
)
EMPTY_403 = inconclusive(
    "app_store.empty_403",
    Reason.RATE_LIMITED,
    "status 403 with an empty body",
    "so the lookup API answers those who ask too often",
)
FORBIDDEN = inconclusive(
    "app_store.forbidden",
    Reason.BLOCKED,
    "status 403 with a body",
    "something on the way refuses to pass the question on",
)
CONSENT = inconclusive(
    "app_store.consent",
    Reason.CONSENT,
    "a redirect towards a host that begins with consent. or a consent path",
    "a wall on the way stands before the answer and knows nothing of the app",
)
SORRY = inconclusive(
    "app_store.sorry",
    Reason.BLOCKED,
    "a redirect towards a path with /sorry/",
    "something on the way takes us for a robot",
)
ELSEWHERE = inconclusive(
    "app_store.redirect",
    Reason.BAD_ANSWER,
    "a redirect elsewhere",
    "the lookup API does not redirect, so none is followed",
)
OTHER_STATUS = inconclusive(
    "app_store.status",
    Reason.BAD_ANSWER,
    "any other status than 200, a 404 among them",
    "a 404 was seen from the service itself while the app was listed",
)
EMPTY = inconclusive(
    "app_store.empty_body",
    Reason.BAD_ANSWER,
    "status 200 with an empty body",
    "the empty answer of the API is a document of its own",
)
NOT_JSON = inconclusive(
    "app_store.not_json",
    Reason.BAD_ANSWER,
    "a body that is no JSON object of results (HTML, cut JSON, wrong types, a wrong count)",
    "only a whole answer can leave something out",
)
OTHER_TYPE = inconclusive(
    "app_store.content_type",
    Reason.BAD_ANSWER,
    "a content type other than text/javascript, application/javascript or application/json",
    "the lookup API names one of these whatever is asked; text/plain came with its errors alone",
)
SAID_TWICE = inconclusive(
    "app_store.said_twice",
    Reason.BAD_ANSWER,
    "a short answer, or one that leaves something out, with a key twice in one object",
    "it can be read in two ways, and one of them may list what the other leaves out",
)
NOT_SOFTWARE = inconclusive(
    "app_store.not_software",
    Reason.WRONG_APP,
    "a result for the id asked that is no software",
    "ids are shared with music, films, books and podcasts",
)
OTHER_APP = inconclusive(
    "app_store.other_app",
    Reason.WRONG_APP,
    "an answer with a result that was not asked, whatever else it lists",
    "the answer belongs to another question, and lists by chance what it lists of this one",
)
OTHER_ADDRESS = inconclusive(
    "app_store.other_address",
    Reason.WRONG_APP,
    "a result whose address carries another id than its track id",
    "it contradicts itself; all of 2,220 recorded results agreed with their own address",
)
OTHER_STOREFRONT = inconclusive(
    "app_store.other_storefront",
    Reason.WRONG_STOREFRONT,
    "a result whose address names another storefront, or none",
    "an answer for another country says nothing about this one",
)
CONTROL_FAILED = inconclusive(
    "app_store.control_failed",
    Reason.CONTROL_FAILED,
    "the id is left out, and so is every control beside it",
    "a storefront that misses what is surely listed is sick",
)

RULES = rules_in(globals())
