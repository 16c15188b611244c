"""When looks fail together: then the instrument is in doubt, not the apps."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final, NamedTuple

from appwatch.domain.confirmation import Confirmation
from appwatch.domain.model import Observation, Outcome, Place, Reason
from appwatch.domain.verdict import inconclusive

IN_A_ROW = 2  # inconclusive looks after which a target counts as failing
LASTING = 0.5  # an open fault goes on down to this part of the share that opens one
# A control is lost to a storefront when it is missed like an app that is gone.
LOST: Final = Confirmation(3, timedelta(minutes=30))

NONSENSE_FOUND: Final = inconclusive(
    "any.nonsense_found",
    Reason.CONTROL_FAILED,
    "an app that cannot exist was asked for at the beginning of the sweep, and was found",
    "what finds a made-up app may find, or miss, anything: nothing that it says is believed",
)


class FaultKind(StrEnum):
    """Which part of the instrument is in doubt."""

    PARSER = "parser"  # one rule says of many answers that they cannot be read
    ENDPOINT = "endpoint"  # a store cannot be reached, or refuses
    VANTAGE = "vantage"  # so do several stores at once: it is where we look from
    CONTROLS = "controls"  # absences there have no control seen beside them
    SURFACES = "surfaces"  # a second surface contradicts many absences
    NONSENSE = "nonsense"  # an app that cannot exist was found
    APPWATCH = "appwatch"  # an error of our own


_KINDS: Final[Mapping[Reason, FaultKind]] = MappingProxyType(
    {
        Reason.BAD_REQUEST: FaultKind.PARSER,
        Reason.TOO_LARGE: FaultKind.PARSER,
        Reason.BAD_ANSWER: FaultKind.PARSER,
        Reason.WRONG_APP: FaultKind.PARSER,
        Reason.WRONG_STOREFRONT: FaultKind.PARSER,
        Reason.LAYOUT_UNKNOWN: FaultKind.PARSER,
        Reason.NETWORK: FaultKind.ENDPOINT,
        Reason.TIMEOUT: FaultKind.ENDPOINT,
        Reason.RATE_LIMITED: FaultKind.ENDPOINT,
        Reason.SERVER_ERROR: FaultKind.ENDPOINT,
        Reason.CONSENT: FaultKind.ENDPOINT,
        Reason.BLOCKED: FaultKind.ENDPOINT,
        Reason.CONTROL_FAILED: FaultKind.CONTROLS,
        Reason.SURFACES_DISAGREE: FaultKind.SURFACES,
        Reason.INTERNAL_ERROR: FaultKind.APPWATCH,
    }
)
# So many failing targets, and more than this share of all targets: correlated trouble. Only
# absences need a control or a second surface, and few targets are absent: no share is asked.
_ENOUGH: Final[Mapping[FaultKind, tuple[int, float]]] = MappingProxyType(
    {
        FaultKind.PARSER: (3, 0.3),
        FaultKind.ENDPOINT: (3, 0.3),
        FaultKind.VANTAGE: (3, 0.3),
        FaultKind.CONTROLS: (1, 0.0),
        FaultKind.SURFACES: (3, 0.0),
        FaultKind.NONSENSE: (1, 0.0),
        FaultKind.APPWATCH: (1, 0.0),
    }
)
# Reasons with which a store shows a page for an app, whatever else is wrong with it.
_SHOWN: Final = frozenset({Reason.WRONG_APP, Reason.WRONG_STOREFRONT, Reason.LAYOUT_UNKNOWN})


class Failing(NamedTuple):
    """So many targets of a storefront whose last looks were inconclusive by one rule."""

    place: Place
    vantage: str
    rule: str
    reason: Reason
    targets: int


@dataclass(frozen=True, slots=True)
class Trouble:
    """Correlated trouble: `failing` of `of` targets, most of them by `rule`.

    `store` is None where several are meant, `storefront` where the whole store is.
    """

    kind: FaultKind
    store: str | None
    storefront: str | None
    vantage: str
    rule: str
    reason: Reason
    failing: int
    of: int

    @property
    def key(self) -> str:
        """What tells this trouble from others, as long as it lasts."""
        rule = self.rule if self.kind is FaultKind.PARSER else ""
        parts = (self.kind.value, self.store or "", self.storefront or "", self.vantage, rule)
        return " ".join(parts)


def kind_of(rule: str, reason: Reason) -> FaultKind:
    """Return which part of the instrument this rule puts in doubt."""
    return FaultKind.NONSENSE if rule == NONSENSE_FOUND.id else _KINDS[reason]


def judge(
    failing: Sequence[Failing], watched: Mapping[Place, int], lasting: Collection[str] = ()
) -> list[Trouble]:
    """Return the correlated trouble in what fails now, each part of the instrument once.

    `watched` counts the targets of every storefront; `lasting` are the keys of what is open,
    which goes on until clearly less fails. Trouble of a whole store stands for that of its
    storefronts, trouble of a vantage for that of its stores.
    """
    found = _of_vantages(failing, watched, lasting)
    unreached = {one.vantage for one in found}
    alike: dict[tuple[FaultKind, str, str, str], list[Failing]] = {}
    for one in failing:
        kind = kind_of(one.rule, one.reason)
        rule = one.rule if kind is FaultKind.PARSER else ""
        if kind is not FaultKind.ENDPOINT or one.vantage not in unreached:
            alike.setdefault((kind, one.place.store, one.vantage, rule), []).append(one)
    for (kind, store, _, _), group in alike.items():
        mine = {place: count for place, count in watched.items() if place.store == store}
        found += _of_store(kind, group, mine, lasting)
    return found


def _of_vantages(
    failing: Sequence[Failing], watched: Mapping[Place, int], lasting: Collection[str]
) -> list[Trouble]:
    """Return the vantages from which several stores cannot be reached, each of them for a share."""
    totals: Counter[str] = Counter()
    for place, count in watched.items():
        totals[place.store] += count
    unreached: dict[str, dict[str, list[Failing]]] = {}
    for one in failing:
        if kind_of(one.rule, one.reason) is FaultKind.ENDPOINT:
            unreached.setdefault(one.vantage, {}).setdefault(one.place.store, []).append(one)
    found = []
    for stores in unreached.values():
        parts = {
            store: part
            for store, part in stores.items()
            if sum(one.targets for one in part) > _ENOUGH[FaultKind.VANTAGE][1] * totals[store]
        }
        group = [one for part in parts.values() for one in part]
        of = sum(totals[store] for store in parts)
        if len(parts) > 1:
            whole = _trouble(FaultKind.VANTAGE, group, None, of)
            found += [whole] if _is_enough(whole, lasting) else []
    return found


def _of_store(
    kind: FaultKind,
    group: Sequence[Failing],
    watched: Mapping[Place, int],
    lasting: Collection[str],
) -> list[Trouble]:
    """Return trouble of the whole store, or else of each of its storefronts."""
    struck = {one.place for one in group}
    whole = _trouble(kind, group, None, sum(watched.values()))
    spread = len(struck) > 1 and len(struck) > _ENOUGH[FaultKind.PARSER][1] * len(watched)
    if spread and _is_enough(whole, lasting):
        return [whole]
    parts = [
        _trouble(kind, [one for one in group if one.place == place], place, watched.get(place, 0))
        for place in sorted(struck)
    ]
    return [part for part in parts if _is_enough(part, lasting)]


def _trouble(kind: FaultKind, group: Sequence[Failing], place: Place | None, of: int) -> Trouble:
    """Return the trouble of this storefront, else of the whole store, else of several stores."""
    counts: Counter[tuple[str, Reason]] = Counter()
    for one in group:
        counts[one.rule, one.reason] += one.targets
    (rule, reason), _ = counts.most_common(1)[0]
    store = None if kind is FaultKind.VANTAGE else group[0].place.store
    storefront = place.storefront if place else None
    return Trouble(kind, store, storefront, group[0].vantage, rule, reason, counts.total(), of)


def _is_enough(trouble: Trouble, lasting: Collection[str]) -> bool:
    at_least, share = _ENOUGH[trouble.kind]
    if trouble.key in lasting:
        at_least, share = 1, share * LASTING
    return trouble.failing >= at_least and trouble.failing > share * trouble.of


def says(trouble: Trouble) -> str:
    """Return what is wrong with the instrument, in one sentence."""
    where = "/".join(part for part in (trouble.store, trouble.storefront) if part)
    share = f"{trouble.failing} of {trouble.of} targets"
    why = f"{trouble.rule}, {trouble.reason.value}"
    match trouble.kind:
        case FaultKind.PARSER:
            return f"Answers of {where} cannot be read: {share} ({why})."
        case FaultKind.ENDPOINT:
            return f"{where} cannot be looked at from {trouble.vantage}: {share} ({why})."
        case FaultKind.VANTAGE:
            return f"Several stores fail as seen from {trouble.vantage}: {share} ({why})."
        case FaultKind.CONTROLS:
            return (
                f"The controls of {where} are not seen: no absence counts there, {share} ({why})."
            )
        case FaultKind.SURFACES:
            return f"Two surfaces of {where} contradict each other: {share} ({why})."
        case FaultKind.NONSENSE:
            return f"An app that cannot exist was found in {where}: nothing counts there ({why})."
        case FaultKind.APPWATCH:
            return f"An error of appwatch stops looks at {where}: {share} ({why})."


def finds_nonsense(seen: Observation) -> bool:
    """Whether a look at an app that cannot exist found one, or was shown a page for it."""
    if seen.conclusive:
        return seen.outcome is not Outcome.NOT_FOUND
    return seen.reason in _SHOWN


def is_lost(misses: int, since: datetime | None, last_at: datetime | None) -> bool:
    """Whether a control that others vouch for is gone from a storefront itself."""
    return since is not None and last_at is not None and LOST.holds(misses, since, last_at)


def by_health(controls: Sequence[str], lost: Iterable[str]) -> list[str]:
    """Return the controls in their order, those that are lost last: they vouch for nothing."""
    gone = set(lost)
    return sorted(controls, key=lambda control: control in gone)
