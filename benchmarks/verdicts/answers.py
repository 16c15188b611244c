"""What every surface of the stores answers to a request: one function for every policy."""

from enum import StrEnum

from benchmarks.verdicts.draws import Draws, share_of
from benchmarks.verdicts.rates import MINUTE, seconds
from benchmarks.verdicts.spans import Spans
from benchmarks.verdicts.trace import APP_STORE, GOOGLE_PLAY, Episode, Fault, Target, Trace

EDGES = 10  # of the CDN, per storefront; `share_of_edges` of them keep old answers


class Kind(StrEnum):
    """What an answer shows of one listing."""

    LISTED = "listed"
    ABSENT = "absent"  # lookup leaves it out beside others; Play's own small 404 page
    NOT_INSTALLABLE = "not_installable"
    EMPTY = "empty"  # lookup answers no result at all, not even the control's
    NO_NETWORK = "no_network"
    FORBIDDEN = "forbidden"  # 403 with an empty body
    TEXT_404 = "text_404"
    HTML = "html"  # a page where JSON was due, status 200
    TOO_MANY = "too_many"  # 429
    CAPTCHA = "captcha"
    CONSENT = "consent"
    ROBOT_404 = "robot_404"  # a 404 that is not the store's own page
    WRONG_COUNTRY = "wrong_country"
    LAYOUT = "layout"  # a page that nobody can read yet, status 200
    DOWN = "down"  # 503


_PLAY_WALLS = {
    Fault.PLAY_429: Kind.TOO_MANY,
    Fault.PLAY_CAPTCHA: Kind.CAPTCHA,
    Fault.CONSENT_WALL: Kind.CONSENT,
}


class Answers:
    """The stores of one trace, asked in one manner.

    `fresh`: lookups carry a new cache key each. `tries`: how often a request is made anew
    when the network fails.
    """

    def __init__(self, trace: Trace, *, fresh: bool = False, tries: int = 1) -> None:
        self.trace = trace
        self.fresh = fresh
        self._tries = tries
        self._dns = Spans((e.start, e.end) for e in trace.of(Fault.DNS))
        self._dns_share = trace.rates.faults.get(Fault.DNS.value, {}).get("share", 0.0)
        self._forbidden = Spans((e.start, e.end) for e in trace.of(Fault.LOOKUP_403))
        self._product_page = Spans((e.start, e.end) for e in trace.of(Fault.PRODUCT_PAGE))
        self._walls = [
            (kind, Spans((e.start, e.end) for e in trace.of(fault)))
            for fault, kind in _PLAY_WALLS.items()
        ]
        self._empty = trace.of(Fault.FALSE_EMPTY, Fault.OUTAGE)
        self._layouts = trace.of(Fault.LAYOUT)
        self._controls = trace.of(Fault.CONTROL)
        stale = trace.rates.faults.get("cdn_staleness", {"share_of_edges": 0, "up_to": "0h"})
        self._stale_edges = round(EDGES * stale["share_of_edges"])
        self.stale_for = seconds(stale["up_to"])
        self.lookups, self.pages = _draws(trace)

    def truth(self, target: Target, at: float) -> Kind:
        """Return what is truly so."""
        if target in self.trace.never_listed:
            return Kind.ABSENT
        for absence in self.trace.absences.get(target, ()):
            if absence.start <= at < absence.end:
                return Kind.NOT_INSTALLABLE if absence.restricted else Kind.ABSENT
        return Kind.LISTED

    def lookup(self, target: Target, at: float, number: int = 0) -> Kind:
        """Return what an App Store lookup shows of the target.

        Number 0 is the request for its whole batch, others ask for it alone.
        """
        asked = (target.storefront, target.batch if number == 0 else target.app)
        if self._unreachable("lookup", asked, at, number):
            return Kind.NO_NETWORK
        if self._forbidden.covers(at):
            return Kind.FORBIDDEN
        return self.lookups.strike(asked, at, number) or self._result(target, asked, at)

    def _result(self, target: Target, asked: object, at: float) -> Kind:
        spell = self._empty_spell(target, at)
        if spell is not None:
            return Kind.EMPTY if spell.whole or spell.fault is Fault.OUTAGE else Kind.ABSENT
        if self.fresh or target not in self.trace.absences:
            return self.truth(target, at)
        edge = int(EDGES * share_of(self.trace.seed, "edge", asked, int(at / MINUTE)))
        return self._stale(target, at, edge) if edge < self._stale_edges else self.truth(target, at)

    def _empty_spell(self, target: Target, at: float) -> Episode | None:
        """Return the spell that leaves the target out, if one is in force for such a request."""
        for spell in self._empty:
            if not spell.covers(at, target.storefront):
                continue
            if spell.fault is Fault.OUTAGE:
                return spell
            if target.app in spell.apps and (spell.ignores_key or not self.fresh):
                return spell
        return None

    def _stale(self, target: Target, at: float, edge: int) -> Kind:
        """Return what an edge shows that hears of each change only some hours later."""
        shown = Kind.LISTED
        for absence in self.trace.absences[target]:
            for change in (absence.start, absence.end):
                late = share_of(self.trace.seed, "late", target.storefront, edge, change)
                if change + late * self.stale_for <= at:
                    shown = self.truth(target, change)
        return shown

    def product_page(self, target: Target, at: float) -> Kind:
        """Return what the App Store's own page of the app shows: the second surface."""
        if self._unreachable("product", (target.storefront, target.app), at, 0):
            return Kind.NO_NETWORK
        return Kind.DOWN if self._product_page.covers(at) else self.truth(target, at)

    def platform(self, target: Target, at: float) -> Kind:
        """Return what the platform lookup shows: its catalogue may not have heard yet."""
        if self._unreachable("platform", (target.storefront, target.app), at, 0):
            return Kind.NO_NETWORK
        for absence in self.trace.absences.get(target, ()):
            if absence.start <= at < min(absence.end, absence.start + absence.lag):
                return Kind.LISTED
        return self.truth(target, at)

    def page(self, target: Target, at: float, number: int = 0) -> Kind:
        """Return what the target's Google Play page shows."""
        asked = (target.storefront, target.app)
        struck = self._before_play(asked, at, number)
        if struck is not None and struck is not Kind.ABSENT and struck is not Kind.WRONG_COUNTRY:
            return struck
        true = self.truth(target, at)
        if true is Kind.ABSENT:
            return true
        return struck or (Kind.LAYOUT if self._new_layout(target.storefront, at) else true)

    def control(self, storefront: str, at: float, number: int = 0) -> Kind:
        """Return what the page of Play's first (0) or second (1) control shows."""
        asked = (storefront, f"control {number}")
        gone = number == 0 and self.control_removed(GOOGLE_PLAY, storefront, at)
        struck = self._before_play(asked, at, 0)
        if struck is not None:
            return struck
        if gone:
            return Kind.ABSENT
        return Kind.LAYOUT if self._new_layout(storefront, at) else Kind.LISTED

    def control_removed(self, store: str, storefront: str, at: float) -> bool:
        """Whether the store's first control has truly gone from the storefront."""
        return any(e.store == store and e.covers(at, storefront) for e in self._controls)

    def drawn(self, target: Target, at: float) -> bool:
        """Whether chance decides this very request, so that the next may differ."""
        if self._dns.covers(at):
            return True
        if target.store != APP_STORE:
            return self.pages.strike((target.storefront, target.app), at, 0) is not None
        if self.lookups.strike((target.storefront, target.batch), at, 0) is not None:
            return True
        changes = ((a.start, a.end) for a in self.trace.absences.get(target, ()))
        return not self.fresh and any(
            change <= at < change + self.stale_for for ends in changes for change in ends
        )

    def _before_play(self, asked: object, at: float, number: int) -> Kind | None:
        """Return what keeps the page away: our network, a wall, a fault of this request."""
        if self._unreachable("play", asked, at, number):
            return Kind.NO_NETWORK
        wall = next((kind for kind, spans in self._walls if spans.covers(at)), None)
        return wall or self.pages.strike(asked, at, number)

    def _new_layout(self, storefront: str, at: float) -> bool:
        return any(episode.covers(at, storefront) for episode in self._layouts)

    def _unreachable(self, surface: str, asked: object, at: float, number: int) -> bool:
        """Whether our own name resolution fails, at every try."""
        if not self._dns.covers(at):
            return False
        minute = int(at / MINUTE)
        return all(
            share_of(self.trace.seed, surface, asked, minute, number, attempt) < self._dns_share
            for attempt in range(self._tries)
        )


def _draws(trace: Trace) -> tuple[Draws[Kind], Draws[Kind]]:
    """Return the faults of single lookups, and of single Play pages."""
    lookups = {
        Kind.TEXT_404: trace.share("lookup_404_text"),
        Kind.HTML: trace.share("html_for_json"),
    }
    pages = {
        Kind.ROBOT_404: trace.share("robot_404"),
        Kind.ABSENT: trace.share("small_page_404_for_listed"),
        Kind.WRONG_COUNTRY: trace.share("wrong_country_page"),
    }
    length = trace.rates.length
    return (
        Draws(f"{trace.seed} lookup", lookups, length),
        Draws(f"{trace.seed} page", pages, length),
    )
