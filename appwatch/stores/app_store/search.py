"""Searches the App Store by name: the request, and the bytes of its answer as candidates."""

from urllib.parse import urlencode

from appwatch.domain.model import Verdict
from appwatch.stores.app_store import rules
from appwatch.stores.app_store.answers import Result, results_of, stopped
from appwatch.stores.app_store.requests import HEADERS
from appwatch.stores.base import Answer, Candidate, Found, Request

SEARCH = "search"
# Apple's iTunes Search API answers up to 200; a person chooses from few.
LIMIT = 25


def search(base_url: str, name: str, storefront: str, key: str, per_minute: float) -> Request:
    """Return the request that searches a storefront for apps of this name."""
    query = {"term": name, "country": storefront, "entity": "software", "limit": LIMIT, "_": key}
    url = f"{base_url.rstrip('/')}/search?{urlencode(query)}"
    return Request(url, SEARCH, storefront, frozenset(), HEADERS, per_minute=per_minute)


def read(answer: Answer, storefront: str) -> Found:
    """Return the apps in the answer, in its order. Never raises, whatever the bytes."""
    refused = stopped(answer, storefront)
    results = refused or results_of(answer.body)
    if isinstance(results, Verdict):
        return Found((), results.reason, results.detail)
    software = [result for result in results if result.is_software and result.trackId]
    here = [result for result in software if result.address()[0] == storefront]
    if software and not here:
        astray = rules.OTHER_STOREFRONT.says((software[0].trackViewUrl or "")[:200])
        return Found((), astray.reason, astray.detail)
    return Found(tuple(dict.fromkeys(map(_candidate, here))))


def _candidate(result: Result) -> Candidate:
    told = (result.trackName, result.artistName)
    name, developer = (text if isinstance(text, str) else "" for text in told)
    return Candidate(str(result.trackId), name, developer)
