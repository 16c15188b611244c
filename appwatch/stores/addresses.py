"""Where an answer comes from and where it wants to send us, and the walls that show by that."""

from urllib.parse import SplitResult, urljoin, urlsplit

from appwatch.domain.model import Verdict
from appwatch.domain.verdict import Rule
from appwatch.stores.base import Answer


def walled(answer: Answer, consent: Rule, sorry: Rule) -> Verdict | None:
    """Return the verdict of a consent wall or a robot check that an address names, or None."""
    places = [final(answer)]
    if 300 <= answer.status < 400:
        places.append(split(answer.header("location"), answer.url or answer.request.url))
    for place in places:
        if is_consent(place):
            return consent.says(place.geturl()[:200])
    for place in places:
        if "/sorry/" in f"{place.path}/":
            return sorry.says(place.geturl()[:200])
    return None


def final(answer: Answer) -> SplitResult:
    """Return the parts of the address that answered."""
    return split(answer.url or answer.request.url)


def split(url: str, base: str = "") -> SplitResult:
    """Return the parts of an address; one that cannot be parted has none."""
    try:
        return urlsplit(urljoin(base, url))
    except ValueError:
        return SplitResult("", "", "", "", "")


def host(place: SplitResult) -> str:
    """Return the host, with its port but without a user."""
    return place.netloc.rpartition("@")[2].lower()


def is_consent(place: SplitResult) -> bool:
    """Whether a host or a path asks for consent."""
    # Below /app/ stands an app's name, which may begin with any word.
    path = place.path.lower().partition("/app/")[0]
    return host(place).startswith("consent.") or any(
        part.startswith("consent") for part in path.split("/")
    )
