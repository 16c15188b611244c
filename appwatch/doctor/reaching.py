"""Whether each store can be reached and read, by its own dialogue, with its own controls."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from types import MappingProxyType

from appwatch.doctor.findings import Finding, Patient, fine, wrong
from appwatch.domain.model import Observation, Outcome, Place, Reason
from appwatch.fetching import Carried, Fetcher, Fetching
from appwatch.stores.base import Answer, Asked, Batch, Store
from appwatch.watchlist import Watchlist

_ANYWHERE = "us"  # a storefront that every store has
CLOCK_OFF = timedelta(seconds=60)

_OURS = "check this machine's connection, its DNS, its clock and APPWATCH_PROXY"
_LATER = "wait, and ask less often: lower the pace of this host"
_REPORT = "the store answers in a way that appwatch does not know; look for a newer appwatch"
REMEDIES: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.NETWORK: _OURS,
        Reason.TIMEOUT: f"{_OURS}, or raise APPWATCH_REQUEST_TIMEOUT",
        Reason.TOO_LARGE: "check APPWATCH_MAX_BODY_MB and what answers at this address",
        Reason.RATE_LIMITED: _LATER,
        Reason.SERVER_ERROR: "the store itself fails; try again later",
        Reason.CONSENT: "set APPWATCH_GOOGLE_PLAY_COOKIE to one constant consent cookie",
        Reason.BLOCKED: f"{_LATER}, or look from another vantage",
        Reason.BAD_ANSWER: "check the store's address in the settings, and what answers there",
        Reason.CONTROL_FAILED: "check controls: in the watchlist; they must surely be listed",
    }
)


async def reach(patient: Patient, watchlist: Watchlist, unusable: Collection[str]) -> list[Finding]:
    """Ask every store in use for its controls, here and through each proxy; judge the answers.

    `unusable` names the variables of proxies without an address: nothing is asked past them.
    """
    names = {place: name for place, name in watchlist.proxies.items() if name not in unusable}
    proxies = {place: patient.secret(name) for place, name in names.items()}
    fetching = replace(patient.fetching, proxies=proxies)
    barred = watchlist.proxies.keys() - names.keys()
    places = [place for place in _places_asked(watchlist) if place.storefront not in barred]
    return await _reach(patient, fetching, places, watchlist.controls)


async def reach_all(patient: Patient) -> list[Finding]:
    """Ask every store there is for its own controls, where no watchlist says what is in use."""
    places = [Place(store, _ANYWHERE) for store in patient.stores]
    return await _reach(patient, patient.fetching, places, {})


async def _reach(
    patient: Patient,
    fetching: Fetching,
    places: Sequence[Place],
    own: Mapping[str, Sequence[str]],
) -> list[Finding]:
    found: list[Finding] = []
    async with Fetcher(fetching, patient.now) as fetcher:
        for place in places:
            store = patient.stores[place.store]
            controls = own.get(place.store) or store.default_controls
            found += await _ask(fetcher, store, place, controls)
    return found


def _places_asked(watchlist: Watchlist) -> list[Place]:
    """Return the first storefront of each store in use, and those that have a proxy."""
    first: dict[tuple[str, str | None], Place] = {}
    for app in watchlist.apps:
        for store in app.listings:
            for storefront in app.storefronts[store]:
                key = (store, watchlist.proxies.get(storefront))
                first.setdefault(key, Place(store, storefront))
    return list(first.values())


async def _ask(
    fetcher: Fetcher, store: Store, place: Place, controls: Sequence[str]
) -> list[Finding]:
    batch = Batch(place.storefront, [Asked(control) for control in controls], controls, "doctor")
    carried = await fetcher.carry(store.look(batch))
    found = [_reached(store, place, carried)]
    if found[0].ok:
        found.append(_controls_seen(store, place, carried))
    clock = clock_beside(store.title, carried.exchanges)
    return [*found, clock] if clock else found


def _reached(store: Store, place: Place, carried: Carried) -> Finding:
    """Return whether the store gives answers that can be read."""
    host = carried.exchanges[0].request.host
    check = f"{store.title} at {host}"
    failed = [o for o in carried.findings.observations if not o.conclusive]
    if len(failed) < len(carried.findings.observations):
        says = f"answers for {place.storefront}, and can be read"
        return replace(fine(check, says), reached=True)
    reason = failed[0].reason or Reason.INTERNAL_ERROR
    told = f" ({failed[0].detail})" if failed[0].detail else ""
    says = f"no usable answer: {reason.value}{told}"
    return replace(wrong(check, says, REMEDIES.get(reason, _REPORT)), reached=False)


def _controls_seen(store: Store, place: Place, carried: Carried) -> Finding:
    check = f"controls of {store.title}"
    seen = {one.listing: _is_seen(one) for one in carried.findings.observations}
    missed = [listing for listing, is_seen in seen.items() if not is_seen]
    if not missed:
        return fine(check, f"all {len(seen)} are seen in {place.storefront}")
    says = f"not seen in {place.storefront}: {', '.join(missed)}"
    return wrong(check, says, "replace them under controls: in the watchlist")


def _is_seen(observation: Observation) -> bool:
    return observation.outcome is Outcome.AVAILABLE


def clock_beside(title: str, exchanges: Sequence[Answer]) -> Finding | None:
    """Return whether the clock here agrees with the store's; None if no answer tells its date."""
    check = f"clock beside {title}"
    for answer in exchanges:
        try:
            theirs = parsedate_to_datetime(answer.header("date"))
            off = abs(answer.finished_at - theirs)
        except (ValueError, TypeError):
            continue
        if off <= CLOCK_OFF:
            return fine(check, f"at most {CLOCK_OFF.seconds} s apart")
        return wrong(
            check,
            f"{off.total_seconds():.0f} s apart (here {answer.finished_at:%Y-%m-%d %H:%M:%S} UTC)",
            "set this machine's clock; the times of every change depend on it",
        )
    return None
