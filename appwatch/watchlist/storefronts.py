"""Resolves what is written as storefronts: codes, groups and "all"."""

from collections.abc import Mapping, Sequence

from appwatch.watchlist.document import TextNode
from appwatch.watchlist.model import StoreRules
from appwatch.watchlist.problems import Mark, Problems, quoted, suggestion

ALL = "all"


class Storefronts:
    """The storefronts that each written name stands for, store by store."""

    def __init__(
        self,
        stores: Mapping[str, StoreRules],
        groups: Mapping[str, Sequence[TextNode]],
        problems: Problems,
    ) -> None:
        self._stores = stores
        self._problems = problems
        self._known: dict[tuple[str, ...], tuple[str, ...]] = {}
        self.repeats: dict[Mark, str] = {}  # what stands twice, by where it does again
        self.groups: dict[str, tuple[str, ...]] = {}
        for members in groups.values():
            self._note_repeats(members)
        # What no store accepts is told once, at the group, and left out wherever it is used.
        self.groups = {
            name: tuple(
                dict.fromkeys(member.value for member in members if self._is_member(member))
            )
            for name, members in groups.items()
        }

    def resolve(self, store: str, names: Sequence[TextNode]) -> tuple[str, ...]:
        """Return the storefronts of a store, each once, in the order written."""
        self._note_repeats(names, store)
        key = (store, *(name.value for name in names))
        if key in self._known:
            return self._known[key]
        refusals = [(name, self._refusal(store, name.value)) for name in names]
        for name, why in refusals:
            if why:
                self._problems.add(name.mark, why)
        sound = [name.value for name, why in refusals if not why]
        found = tuple(dict.fromkeys(code for name in sound for code in self._codes(store, name)))
        if len(sound) == len(names):
            self._known[key] = found
        return found

    def _note_repeats(self, names: Sequence[TextNode], store: str | None = None) -> None:
        """Note what is named twice, and codes beside a group that has them; groups may overlap."""
        named = dict.fromkeys(name.value for name in names)
        if len(named) == len(names) and all(len(value) == 2 for value in named):
            return
        grouped = {
            code: value for value in named if len(value) > 2 for code in self._within(store, value)
        }
        met: set[str] = set()
        for name in names:
            if name.value in met:
                self.repeats[name.mark] = f"{name.value} is named twice in one list"
            elif name.value in grouped:
                self.repeats[name.mark] = f"{name.value} is named beside {grouped[name.value]}"
            met.add(name.value)

    def _within(self, store: str | None, name: str) -> Sequence[str]:
        known = name in self.groups or (name == ALL and store is not None)
        return self._codes(store or "", name) if known else ()

    def resolve_any(self, names: Sequence[TextNode]) -> tuple[str, ...]:
        """Return the storefronts that a filter names; one that some store has is enough."""
        found: dict[str, None] = {}
        for name in names:
            why = None if name.value in self.groups else self.refuse_everywhere(name.value)
            if why:
                self._problems.add(name.mark, why)
            else:
                found.update(dict.fromkeys(self.groups.get(name.value, (name.value,))))
        return tuple(found)

    def refuse_everywhere(self, name: str) -> str | None:
        """Return why no store has such a storefront, in the first one's words, or None."""
        if name == ALL:
            return "all cannot stand here; expected country codes such as gb"
        if len(name) != 2:
            return self._unknown(name)
        refusals = [rules.refuse_storefront(name) for rules in self._stores.values()]
        return refusals[0] if all(refusals) else None

    def _is_member(self, member: TextNode) -> bool:
        code = member.value
        if len(code) == 2:
            why = self.refuse_everywhere(code)
        else:
            why = f"{quoted(code)} is no country code; expected one such as gb in a group"
        if why:
            self._problems.add(member.mark, why)
        return why is None

    def _refusal(self, store: str, name: str) -> str | None:
        rules = self._stores[store]
        if name == ALL:
            return None if rules.every_storefront() is not None else self._no_list(rules)
        if name not in self.groups:
            return rules.refuse_storefront(name) if len(name) == 2 else self._unknown(name)
        refusals = (rules.refuse_storefront(code) for code in self.groups[name])
        first = next((why for why in refusals if why), None)
        return f"the group {name} cannot be used for {rules.title}: {first}" if first else None

    def _no_list(self, rules: StoreRules) -> str:
        others = [other.title for other in self._stores.values() if other.every_storefront()]
        where = f", only for {' and '.join(others)}" if others else ""
        return f"there is no all for {rules.title}{where}; expected country codes such as gb"

    def _unknown(self, name: str) -> str:
        close = suggestion(name, [*self.groups, ALL])
        hint = close if close.startswith("did") else "expected two letters such as gb, or a group"
        return f"{quoted(name)} is no storefront and no group; {hint}"

    def _codes(self, store: str, name: str) -> Sequence[str]:
        if name == ALL:
            return self._stores[store].every_storefront() or ()
        return self.groups.get(name, (name,))
