"""Makes the text of an operators' alarm and of its end, from what was noted when it was told."""

from datetime import timedelta
from typing import Final

from appwatch.alerts.alarm_phrases import phrase_of
from appwatch.alerts.content import Content
from appwatch.alerts.language import marked
from appwatch.alerts.letter import Letter, Line
from appwatch.alerts.wording import Wording
from appwatch.db.alarms import Alarm

_NAMED: Final = 10  # storefronts that a message names


def alarm_letter(told: Content, wording: Wording, *, over: bool) -> Letter:
    """Return what there is to say of an alarm, or of its end."""
    language = wording.language
    phrase, fields = phrase_of(told.text("kind"), told.text("fault")), _fields(told, wording)
    what = language.say(phrase.what, **fields)
    head = marked("appwatch: over: {what}") if over else marked("appwatch: {what}")
    title = language.say(head, what=what)
    since, ended = told.at("since"), told.at("ended_at")
    times = [
        Line(language.moment(at), language.say(label))
        for label, at in ((marked("Since"), since), (marked("Until"), ended if over else None))
        if at
    ]
    if over:
        said = language.say("This is over: {what}.", what=what)
        return Letter(
            title, [[Line(said, leads=True)], times], [told.text("id")], language, [title]
        )
    places = told.words("storefronts")
    if len(places) > 1:
        named = language.listed([language.place(one) for one in places], _NAMED)
        times.append(Line(named, language.say("Storefronts")))
    means = language.say(phrase.means, **fields) if phrase.means else what
    lines = [times, [Line(told.text("words"))], [Line(language.say(phrase.remedy))]]
    more = [[line for line in block if line.text] for block in lines] if phrase.remedy else [times]
    blocks = [[Line(means, leads=True)], *filter(None, more)]
    return Letter(title, blocks, [told.text("id")], language, [title])


def alarm_sentence(alarm: Alarm, wording: Wording) -> str:
    """Return what is wrong, and since when, in one sentence."""
    told = Content.of({**alarm.content, "kind": alarm.kind.value})
    phrase = phrase_of(told.text("kind"), told.text("fault"))
    what = wording.language.say(phrase.what, **_fields(told, wording))
    until = f", until {alarm.ended_at:%Y-%m-%d %H:%M} UTC" if alarm.ended_at else ""
    return f"{what[:1].upper()}{what[1:]}, since {alarm.since:%Y-%m-%d %H:%M} UTC{until}."


def _fields(told: Content, wording: Wording) -> dict[str, object]:
    span = timedelta(seconds=told.count("seconds") or 0)
    places = told.words("storefronts")
    counts = {name: told.count(name) or 0 for name in ("count", "of", "percent", "least")}
    return {
        "where": wording.where(told.text("store", 40), places),
        "span": wording.language.span(span),
        **counts,
    }
