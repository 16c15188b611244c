"""Makes the text of notices from their rows alone: suspected, cleared, disputed, retracted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appwatch.alerts.content import Content
from appwatch.alerts.grouping import NAME_LENGTH
from appwatch.alerts.messages import DETAILED, NAMED, Message, finished
from appwatch.alerts.notice_phrases import label_of, missed, phrase_of
from appwatch.alerts.phrases import phrase_of as change_phrase
from appwatch.alerts.wording import Wording, counted, listed, moment, place, plain
from appwatch.db.notices import RETRACTED, Notice

_CODE_LENGTH: Final = 40


@dataclass(frozen=True, slots=True)
class _Told:
    """A notice as it is told; what its row lacks is empty."""

    notice: Notice
    content: Content
    name: str
    store: str
    storefront: str
    outcome: str
    change_kind: str

    @property
    def alike(self) -> tuple[str, ...]:
        """What notices have in common that read as one text."""
        kind, app = self.notice.kind, self.notice.app_id
        return (app, kind, self.name, self.store, self.outcome, self.change_kind)


def notices_message(
    notices: Sequence[Notice], wording: Wording, *, possible_repeat: bool = False
) -> Message:
    """Return the message that tells of these notices (at least one).

    Those of one app and kind read as one text. The body's last line is `appwatch: ID ID ...`:
    the notices' ids, then those of the changes that are retracted.
    """
    groups = _groups(notices)
    sections = [_section(group, wording) for group in groups]
    apps = dict.fromkeys(notice.app_id for notice in notices)
    links = [f"App: {link}" for link in map(wording.app, apps) if link]
    sections += ["\n".join(links)] if links else []
    told = [one for group in groups for one in group]
    changes = [change for one in told if (change := _change(one))]
    ids = " ".join(dict.fromkeys([*(notice.id for notice in notices), *changes]))
    body = finished(sections, f"appwatch: {ids}", repeat=possible_repeat)
    return Message(_title(groups, wording), body)


def _groups(notices: Sequence[Notice]) -> list[list[_Told]]:
    """Part the notices by app, kind and store, in order of time."""
    parted: dict[tuple[str, ...], list[_Told]] = {}
    for notice in sorted(notices, key=lambda one: one.at):
        told = _read(notice)
        parted.setdefault(told.alike, []).append(told)
    return list(parted.values())


def _read(notice: Notice) -> _Told:
    content = Content.of(notice.content)
    return _Told(
        notice,
        content,
        content.text("name", NAME_LENGTH) or plain(notice.app_id, NAME_LENGTH),
        content.text("store", _CODE_LENGTH),
        content.text("storefront", _CODE_LENGTH),
        content.text("outcome", _CODE_LENGTH),
        content.text("kind", _CODE_LENGTH),
    )


def _title(groups: Sequence[Sequence[_Told]], wording: Wording) -> str:
    told = [one for group in groups for one in group]
    if len(groups) == 1:
        return _filled(phrase_of(told[0].notice.kind).title, groups[0], wording)
    nouns = {phrase_of(one.notice.kind).noun for one in told}
    number = counted(len(told), "notice")
    if len(nouns) == 1:
        number = counted(len(told), nouns.pop())
    apps = {one.notice.app_id for one in told}
    return f"{number} of {len(apps)} apps" if len(apps) > 1 else f"{told[0].name}: {number}"


def _filled(words: str, group: Sequence[_Told], wording: Wording) -> str:
    """Return the words with the app's name and place in them."""
    one = group[0]
    where = wording.where(one.store, _storefronts(group))
    return words.format(
        name=one.name,
        where=where,
        missed=missed(one.outcome),
        happened=change_phrase(one.change_kind).happened.format(where=where),
    )


def _storefronts(group: Sequence[_Told]) -> list[str]:
    return list(dict.fromkeys(one.storefront for one in group))


def _section(group: Sequence[_Told], wording: Wording) -> str:
    """Return the group's text: what it says, then when, by what and where to look."""
    phrase = phrase_of(group[0].notice.kind)
    opening = _filled(phrase.opening, group, wording)
    storefronts = [place(one) for one in _storefronts(group) if one]
    if len(storefronts) > 1:
        opening += f": {listed(storefronts, NAMED)}"
    lines = [f"{opening}. {phrase.ending}", "", *_lines(group, wording)]
    return "\n".join(lines).rstrip()


def _lines(group: Sequence[_Told], wording: Wording) -> list[str]:
    """Return what is known of each: a line for each fact, or for each of several notices."""
    if len(group) == 1:
        page = _page(group[0], wording)
        facts = [f"{label}: {fact}." for label, fact in _facts(group[0])]
        return [*facts, *([f"Store page: {page}"] if page else [])]
    lines = [_line(one, wording) for one in group[:DETAILED]]
    rest = len(group) - DETAILED
    return [*lines, f"- and {rest} more."] if rest > 0 else lines


def _line(told: _Told, wording: Wording) -> str:
    where = place(told.storefront) if told.storefront else told.name
    facts = "; ".join(f"{label[0].lower()}{label[1:]}: {fact}" for label, fact in _facts(told))
    page = _page(told, wording)
    return f"- {where}: {'. '.join(filter(None, [facts, page])) or 'no more is known.'}"


def _page(told: _Told, wording: Wording) -> str:
    """Return the listing's public address, where its store is still known."""
    listing = told.content.text("listing")
    known = told.store in wording.titles and told.storefront and listing
    return wording.page(told.store, listing, told.storefront) if known else ""


def _facts(told: _Told) -> list[tuple[str, str]]:
    """Return what the notice knows, as pairs of a label and a fact."""
    facts = phrase_of(told.notice.kind).facts
    found = [(label_of(label, told.outcome), _fact(told, key)) for label, key in facts]
    return [(label, fact) for label, fact in found if fact]


def _fact(told: _Told, key: str) -> str:
    """Return what stands under this key of the content, or nothing."""
    if key == "at":
        return moment(told.notice.at)
    if key == "change":
        return _change(told)
    if key.endswith("_at"):
        at = told.content.at(key)
        return moment(at) if at else ""
    count = told.content.count(key)
    return told.content.text(key).rstrip(" .") if count is None else str(count)


def _change(told: _Told) -> str:
    """Return the id of the change that is taken back, as one word, or nothing."""
    if told.notice.kind != RETRACTED:
        return ""
    return told.notice.change_id or told.content.text("change", _CODE_LENGTH).replace(" ", "")
