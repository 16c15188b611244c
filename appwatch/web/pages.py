"""The pages that alerts link to: an incident, and an app. Read only, and for this machine only."""

import ipaddress
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from appwatch.alerts.language import ENGLISH
from appwatch.alerts.letter import Letter, Line
from appwatch.alerts.mail import html_of
from appwatch.alerts.story import incident_page
from appwatch.alerts.wording import Wording, plain
from appwatch.db import incidents, queries
from appwatch.db.engine import Database
from appwatch.watchlist import LANGUAGES

HEADERS = {
    "Cache-Control": "no-store",
    # The styles stand in the elements themselves; nothing else may load or run.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline';"
    " frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_LOOPBACK_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True)
class Pages:
    """Makes the pages. `host` is the address listened at, `base_url` the one that links name.

    There is no login: pages are shown where a loopback address is listened at, to whoever asks
    by a loopback name or by the name of `base_url`, which is a proxy of the operator's.
    """

    database: Database
    wording: Wording
    host: str
    base_url: str = ""
    known: Collection[str] = field(default=_LOOPBACK_NAMES)

    def refusal(self, asked_as: str) -> str | None:
        """Return why a page is not shown to who asks for this host, or None."""
        if not _is_loopback(self.host):
            return (
                "Pages are shown at a loopback address only, as there is no login: set"
                " APPWATCH_WEB_HOST to 127.0.0.1, and a proxy that asks for one before it."
            )
        name = _name_in(asked_as)
        if name in self.known or name == urlsplit(self.base_url).hostname:
            return None
        return "Pages are not shown under this name; set APPWATCH_BASE_URL if it is yours."

    def incident(self, incident: str, language: str) -> str | None:
        """Return the incident as HTML, or None where there is none."""
        code = language if language in LANGUAGES else ENGLISH
        with self.database.read() as connection:
            changes = incidents.changes_of(connection, incident)
            claims = incidents.claims_of(connection, incident)
        return incident_page(changes, claims, self.wording, language=code) if changes else None

    def app(self, app: str) -> str | None:
        """Return how the app stands everywhere and its incidents as HTML, or None."""
        chosen = queries.Chosen(app=app)
        with self.database.read() as connection:
            found = queries.statuses(connection, chosen)
            changed = list(queries.changes_listed(connection, chosen))
        if not found and not changed:
            return None
        name = plain((found or changed)[0].name)
        numbers = list(dict.fromkeys(change.incident for change in changed))
        blocks = [[Line(name, leads=True)], list(self._standing(found)), [*self._links(numbers)]]
        letter = Letter(name, blocks, [app], self.wording.language, brief=[name])
        return html_of(letter)

    def _standing(self, found: list[queries.TargetStatus]) -> Iterator[Line]:
        for one in found:
            since = f", since {one.since:%Y-%m-%d %H:%M} UTC" if one.since else ""
            where = self.wording.where(one.store, [one.storefront])
            yield Line(f"{where}: {one.state}{since}", item=True)

    def _links(self, numbers: list[str]) -> Iterator[Line]:
        for number in numbers:
            yield Line(label="Incident", link=self.wording.incident(number) or number, item=True)


def _name_in(asked_as: str) -> str:
    """Return the host's name in a Host header; empty where there is none."""
    try:
        return urlsplit(f"//{asked_as}").hostname or ""
    except ValueError:  # a bracket alone
        return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
