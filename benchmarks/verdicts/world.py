"""The same trace as the simulator plays it, for the whole real pipeline."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from appwatch.simulator.faults import Fault as Played
from appwatch.simulator.faults import FaultKind, Surface
from appwatch.simulator.world import Event, Presence, SimulatedApp, World
from benchmarks.verdicts.trace import (
    APP_STORE,
    GOOGLE_PLAY,
    Episode,
    Fault,
    Target,
    Trace,
    moment,
)

FIRST_ID = 1_000_000_000
# The simulator's word for each fault that strikes a store's every answer.
_WALLS = {
    Fault.LOOKUP_403: (FaultKind.FORBIDDEN_EMPTY, Surface.LOOKUP),
    Fault.PLAY_429: (FaultKind.RATE_LIMITED, Surface.DETAILS_PAGE),
    Fault.PLAY_CAPTCHA: (FaultKind.CAPTCHA_REDIRECT, Surface.DETAILS_PAGE),
    Fault.CONSENT_WALL: (FaultKind.CONSENT_REDIRECT, Surface.DETAILS_PAGE),
    Fault.LAYOUT: (FaultKind.LAYOUT_UNKNOWN, Surface.DETAILS_PAGE),
    Fault.PRODUCT_PAGE: (FaultKind.UNAVAILABLE_EMPTY, Surface.PRODUCT_PAGE),
    Fault.OUTAGE: (FaultKind.FALSE_ABSENCE, Surface.LOOKUP),
}
_SINGLE = {
    "lookup_404_text": (FaultKind.TEXT_404, Surface.LOOKUP),
    "html_for_json": (FaultKind.HTML_FOR_JSON, Surface.LOOKUP),
    "robot_404": (FaultKind.ROBOT_404, Surface.DETAILS_PAGE),
    "small_page_404_for_listed": (FaultKind.FALSE_ABSENCE, Surface.DETAILS_PAGE),
    "wrong_country_page": (FaultKind.WRONG_STOREFRONT, Surface.DETAILS_PAGE),
}


def listing(store: str, app: int) -> str:
    """Return the app's listing in the store."""
    return str(FIRST_ID + app) if store == APP_STORE else f"com.example.app{app}"


def to_world(trace: Trace, now: Callable[[], datetime]) -> World:
    """Return the trace's apps with all that truly happens to them, read at the moment of `now`."""
    world = World(now, (_app(number) for number in range(trace.rates.apps)))
    for target in sorted(trace.never_listed):
        world.at(moment(0), _event(target, Presence.ABSENT))
    for target, absences in trace.absences.items():
        for absence in absences:
            gone = Presence.NOT_INSTALLABLE if absence.restricted else Presence.ABSENT
            world.at(moment(absence.start), _event(target, gone))
            if absence.end < trace.rates.length:
                world.at(moment(absence.end), _event(target, Presence.LISTED))
    return world


def remove_controls(trace: Trace, world: World, first: dict[str, str]) -> None:
    """Let the first control of each store, which the world must know, go as the trace says."""
    for episode in trace.of(Fault.CONTROL):
        places = frozenset({episode.storefront})
        event = Event(episode.store, first[episode.store], Presence.ABSENT, places)
        world.at(moment(episode.start), event)


def to_faults(trace: Trace) -> list[Played]:
    """Return the stores' faults as the simulator plays them.

    Ours (no name resolution, process down) are not the stores' and are left to the caller; of
    single requests the same share is struck, but not the same requests.
    """
    return [*_episodes(trace), *_lags(trace), *_singles(trace)]


def _episodes(trace: Trace) -> Iterator[Played]:
    for episode in trace.episodes:
        if episode.fault in _WALLS:
            kind, surface = _WALLS[episode.fault]
            yield _played(episode, kind, surface)
        elif episode.fault is Fault.FALSE_EMPTY:
            yield _false_empty(episode)


def _false_empty(episode: Episode) -> Played:
    """Return one that leaves listings out; a whole batch is left out with its controls."""
    fault = _played(episode, FaultKind.FALSE_ABSENCE, Surface.LOOKUP)
    return Played(
        fault.kind,
        fault.store,
        fault.surface,
        fault.storefronts,
        None if episode.whole else _listings(APP_STORE, episode.apps),
        since=fault.since,
        until=fault.until,
        fresh_key_helps=not episode.ignores_key,
    )


def _played(episode: Episode, kind: FaultKind, surface: Surface) -> Played:
    places = frozenset({episode.storefront}) if episode.storefront else None
    since, until = moment(episode.start), moment(episode.end)
    return Played(kind, episode.store, surface, places, since=since, until=until)


def _lags(trace: Trace) -> Iterator[Played]:
    for target, absences in trace.absences.items():
        for absence in absences:
            if target.store == APP_STORE and absence.lag:
                yield Played(
                    FaultKind.FALSE_PRESENCE,
                    APP_STORE,
                    Surface.PLATFORM,
                    frozenset({target.storefront}),
                    _listings(APP_STORE, [target.app]),
                    since=moment(absence.start),
                    until=moment(min(absence.end, absence.start + absence.lag)),
                )


def _singles(trace: Trace) -> Iterator[Played]:
    for name, (kind, surface) in _SINGLE.items():
        if trace.share(name):
            instead = "us" if kind is FaultKind.WRONG_STOREFRONT else ""
            yield Played(kind, None, surface, share=trace.share(name), instead=instead)


def _app(number: int) -> SimulatedApp:
    return SimulatedApp(
        f"App {number}",
        app_store=listing(APP_STORE, number),
        google_play=listing(GOOGLE_PLAY, number),
        stand_in=True,
    )


def _event(target: Target, presence: Presence) -> Event:
    places = frozenset({target.storefront})
    return Event(target.store, listing(target.store, target.app), presence, places)


def _listings(store: str, apps: Iterable[int]) -> frozenset[str]:
    return frozenset(listing(store, app) for app in apps)
