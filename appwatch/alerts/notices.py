"""Makes the text of notices from their rows alone: suspected, cleared, disputed, retracted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Final

from appwatch.alerts.content import Content
from appwatch.alerts.forms import finished
from appwatch.alerts.grouping import NAME_LENGTH
from appwatch.alerts.language import ENGLISH, Plural
from appwatch.alerts.letter import Block, Letter, Line, Message
from appwatch.alerts.messages import DETAILED, NAMED
from appwatch.alerts.notice_phrases import NOTICES, NoticePhrase, phrase_of
from appwatch.alerts.phrases import phrase_of as change_phrase
from appwatch.alerts.wording import Wording, plain
from appwatch.db.notices import RETRACTED, Notice

_CODE_LENGTH: Final = 40
_NAMED_IN_TITLE: Final = 3
_AND_MORE: Final = Plural("and {count} more.", "and {count} more.")


@dataclass(frozen=True, slots=True)
class _Told:
    """A notice as it is told; what its row lacks is empty."""

    notice: Notice
    content: Content
    name: str
    store: str
    storefront: str
    outcome: str
    happened: str  # what is taken back, as words with {app} and {where}

    @property
    def alike(self) -> tuple[str, ...]:
        """What notices have in common that read as one text."""
        kind, app = self.notice.kind, self.notice.app_id
        return (app, kind, self.name, self.store, self.outcome, self.happened)


def notices_message(
    notices: Sequence[Notice],
    wording: Wording,
    *,
    language: str = ENGLISH,
    possible_repeat: bool = False,
) -> Message:
    """Return the message that tells of these notices (at least one), in one of LANGUAGES.

    Those of one app and kind read as one text. The body's last line is `appwatch: ID ID ...`:
    the notices' ids, then those of the changes that are retracted.
    """
    return finished(notices_letter(notices, wording.spoken(language)), repeat=possible_repeat)


def notices_letter(notices: Sequence[Notice], wording: Wording) -> Letter:
    """Return what there is to say of these notices, before it takes a form."""
    groups = _groups(notices)
    apps = dict.fromkeys(notice.app_id for notice in notices)
    links = [link for link in map(wording.app, apps) if link]
    label = wording.language.say("App")
    blocks = [block for group in groups for block in _blocks(group, wording)]
    blocks += [[Line(label=label, link=link) for link in links]] if links else []
    told = [one for group in groups for one in group]
    changes = [change for one in told if (change := _change(one))]
    title = _title(groups, wording)
    return Letter(
        title=title,
        blocks=blocks,
        ids=list(dict.fromkeys([*(notice.id for notice in notices), *changes])),
        language=wording.language,
        brief=[title],
        when=f"{min(one.at for one in notices).astimezone(UTC):%Y-%m-%d %H:%M} UTC",
        link=links[0] if links else _page(told[0], wording) if len(told) == 1 else "",
        more="appwatch alerts deliveries",
    )


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
        change_phrase(
            content.text("kind", _CODE_LENGTH), content.text("to_state", _CODE_LENGTH)
        ).happened,
    )


def _title(groups: Sequence[Sequence[_Told]], wording: Wording) -> str:
    language = wording.language
    if len(groups) == 1:
        return _filled(_phrase(groups[0]).title, groups[0], wording)
    counted = {_phrase(group).several for group in groups}
    number = sum(map(len, groups))
    told = language.count(counted.pop() if len(counted) == 1 else NOTICES, number)
    names = list(dict.fromkeys(group[0].name for group in groups))
    return language.labelled(told, language.listed(names, _NAMED_IN_TITLE))


def _phrase(group: Sequence[_Told]) -> NoticePhrase:
    return phrase_of(group[0].notice.kind, group[0].outcome)


def _filled(words: str, group: Sequence[_Told], wording: Wording) -> str:
    """Return the words with the app's name, its place and what was told earlier in them."""
    one, say = group[0], wording.language.say
    where = wording.where(one.store, _storefronts(group))
    told = say(one.happened, app=one.name, where=where)
    return say(words, app=one.name, where=where, told=told)


def _storefronts(group: Sequence[_Told]) -> list[str]:
    return list(dict.fromkeys(one.storefront for one in group))


def _blocks(group: Sequence[_Told], wording: Wording) -> list[Block]:
    """Return the group's text: what it says, then when, by what and where to look."""
    language, phrase = wording.language, _phrase(group)
    told = _filled(phrase.opening, group, wording)
    places = [language.place(one) for one in _storefronts(group) if one]
    if len(places) > 1:
        told = language.say("{told}: {places}", told=told, places=language.listed(places, NAMED))
    said = [language.say("{told}.", told=told), *map(language.say, phrase.endings)]
    facts = _lines(group, wording)
    return [[Line(language.run(said), leads=True)], *([facts] if facts else [])]


def _lines(group: Sequence[_Told], wording: Wording) -> list[Line]:
    """Return what is known of each: a line for each fact, or for each of several notices."""
    language = wording.language
    if len(group) == 1:
        page = _page(group[0], wording)
        facts = [
            Line(language.say("{told}.", told=f), label) for label, f in _facts(group[0], wording)
        ]
        return [*facts, *([Line(label=language.say("Store page"), link=page)] if page else [])]
    lines = [_line(one, wording) for one in group[:DETAILED]]
    rest = len(group) - DETAILED
    more = language.count(_AND_MORE, rest)
    return [*lines, Line(more, item=True)] if rest > 0 else lines


def _line(told: _Told, wording: Wording) -> Line:
    language = wording.language
    where = language.place(told.storefront) if told.storefront else told.name
    facts = [
        language.say("{told}.", told=language.labelled(label, fact))
        for label, fact in _facts(told, wording)
    ]
    page = _page(told, wording)
    text = language.run(facts) or ("" if page else language.say("No more is known."))
    return Line(text, where, page, item=True)


def _page(told: _Told, wording: Wording) -> str:
    """Return the listing's public address, where its store is still known."""
    listing = told.content.text("listing")
    known = told.store in wording.titles and told.storefront and listing
    return wording.page(told.store, listing, told.storefront) if known else ""


def _facts(told: _Told, wording: Wording) -> list[tuple[str, str]]:
    """Return what the notice knows, as pairs of a label and a fact."""
    facts = _phrase([told]).facts
    found = [(wording.language.say(label), _fact(told, key, wording)) for label, key in facts]
    return [(label, fact) for label, fact in found if fact]


def _fact(told: _Told, key: str, wording: Wording) -> str:
    """Return what stands under this key of the content, or nothing."""
    if key == "at":
        return wording.language.moment(told.notice.at)
    if key == "change":
        return _change(told)
    if key.endswith("_at"):
        at = told.content.at(key)
        return wording.language.moment(at) if at else ""
    count = told.content.count(key)
    return told.content.text(key).rstrip(" .") if count is None else str(count)


def _change(told: _Told) -> str:
    """Return the id of the change that is taken back, as one word, or nothing."""
    if told.notice.kind != RETRACTED:
        return ""
    return told.notice.change_id or told.content.text("change", _CODE_LENGTH).replace(" ", "")
