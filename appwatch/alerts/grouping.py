"""Parts the changes of a message into groups, each of which reads as one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from appwatch.alerts.phrases import of_several, phrase_of
from appwatch.alerts.wording import Wording, counted, plain
from appwatch.db.deliveries import ChangeRow

NAME_LENGTH: Final = 80
_Target = tuple[str, str, str]  # store, listing, storefront
_RETRACTED: Final = "Retracted as wrong: "


@dataclass(frozen=True, slots=True)
class Group:
    """Changes of one kind and store, by time: of one app, or of the many that a hold held.

    `overtaken` by a later change of the same message.
    """

    changes: tuple[ChangeRow, ...]
    overtaken: bool

    @property
    def one(self) -> ChangeRow:
        """The first of them: what they have in common."""
        return self.changes[0]

    @property
    def apps(self) -> list[str]:
        """The ids of the apps, each once."""
        return list(dict.fromkeys(change.app for change in self.changes))

    @property
    def many(self) -> bool:
        """Whether it is about more than one app."""
        return len(self.apps) > 1

    @property
    def storefronts(self) -> list[str]:
        """The storefronts, each once."""
        return list(dict.fromkeys(change.storefront for change in self.changes))

    def says(self, wording: Wording) -> str:
        """Return what happened, and where, as the first sentence of the group's text."""
        phrase = phrase_of(self.one.kind, self.one.to_state)
        if self.one.retracted_at:
            return self._said(phrase.happened, wording)
        if self.overtaken:
            return self._said(phrase.happened, wording) + ", and changed again since"
        return self._said(phrase.holds, wording)

    def titled(self, wording: Wording) -> str:
        """Return what happened, and where, as a title."""
        phrase = phrase_of(self.one.kind, self.one.to_state)
        if self.many and not self.overtaken and not self.one.retracted_at:
            return self._said(phrase.holds, wording)
        return self._said(phrase.title or phrase.happened, wording)

    def _said(self, words: str, wording: Wording) -> str:
        who = counted(len(self.apps), "app") if self.many else name_of(self.one)
        told = (of_several(words) if self.many else words).format(
            where=wording.where(self.one.store, self.storefronts)
        )
        return f"{_RETRACTED if self.one.retracted_at else ''}{who} {told}"


def grouped(changes: Sequence[ChangeRow]) -> list[Group]:
    """Part the changes by app, kind and store, each group and each app in order of time.

    What came out of a hold is parted by hold, kind and store: one text about many apps.
    """
    ordered = sorted(changes, key=_when)
    latest = {_target(change): change.id for change in ordered if change.retracted_at is None}
    parted: dict[tuple[str, ...], list[ChangeRow]] = {}
    for change in ordered:
        overtaken = _is_overtaken(change, latest)
        parted.setdefault(_key(change, overtaken=overtaken), []).append(change)
    apps = list(dict.fromkeys(change.app for change in ordered))
    groups = [Group(tuple(found), _is_overtaken(found[0], latest)) for found in parted.values()]
    return sorted(groups, key=lambda group: apps.index(group.one.app))


def name_of(change: ChangeRow) -> str:
    """Return the app's name as it was then, on one line."""
    return plain(change.name, NAME_LENGTH) or change.app


def _key(change: ChangeRow, *, overtaken: bool) -> tuple[str, ...]:
    # A target that moved to and fro is told move by move; so is what does not hold any more.
    move = change.id if overtaken and not change.hold else str(overtaken)
    whose = f"hold {change.hold}" if change.hold else f"app {change.app}"
    retracted = str(change.retracted_at is not None)
    return (whose, change.store, change.kind, change.to_state, move, retracted)


def _is_overtaken(change: ChangeRow, latest: Mapping[_Target, str]) -> bool:
    """Whether the target changed again after this; what is retracted never held."""
    return change.retracted_at is None and latest[_target(change)] != change.id


def _target(change: ChangeRow) -> _Target:
    return (change.store, change.listing, change.storefront)


def _when(change: ChangeRow) -> tuple[float, str]:
    return (change.confirmed_at.timestamp(), change.id)
