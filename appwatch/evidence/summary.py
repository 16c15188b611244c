"""The page of a bundle that people read: what changed, where, when, and what shows it."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from appwatch.evidence.documents import (
    CapturePart,
    ChangeDocument,
    ExchangePart,
    LookPart,
    RulesDocument,
)

_SAYS = {
    "disappeared": "is no longer listed",
    "restricted": "is still listed, but cannot be installed any more",
    "returned": "is available again",
    "appeared": "is available for the first time since watching began",
    "listed": "is listed, but cannot be installed",
}
_ROLES = {
    "after": "first look in the new state",
    "confirms": "confirms it",
    "between": "in between: saw something else",
}
_PAGES = {
    "error_page": "what the storefront shows since",
    "listing": "the app where it was still listed then",
}
_STYLE = """
body { font: 11pt/1.45 Georgia, serif; color: #111; max-width: 50em; margin: 2em auto; padding: 0 1em }
h1 { font-size: 1.5em; line-height: 1.2 } h2 { font-size: 1.1em; margin-top: 2em }
table { border-collapse: collapse; width: 100%; font-size: .85em }
th, td { border-bottom: 1px solid #bbb; padding: .3em .6em .3em 0; text-align: left; vertical-align: top }
code { font-size: .85em; overflow-wrap: anywhere } .small { font-size: .85em }
@media print { body { margin: 0; max-width: none } h2 { break-after: avoid } tr { break-inside: avoid } }
"""  # noqa: E501 - one rule a line
_PROVES = """
The store gave these answers to these requests, as far as whoever kept them is trusted. An \
answer stands in this file byte for byte, or by its SHA-256 and this app's part of it.
The change happened between the two moments above: both are looks, not guesses.
Nothing in this file was altered after its hashes were written: appwatch evidence verify \
checks it, on any machine and without a network.
"""
_PROVES_NOT = """
Who made the change, or why: a store, a developer and an authority look the same from outside.
What any other storefront showed, or this one to a visitor signed in or placed elsewhere.
Who made this file. A timestamp, where there is one, shows only that it existed by then.
"""


def summary_of(document: ChangeDocument, rules: RulesDocument, title: str, page: str) -> bytes:
    """Return the page: one HTML file that loads nothing and runs nothing.

    `title` is the store's name for people, `page` the listing's public address.
    """
    heading = headline(document, title)
    parts = [
        f"<h1>{heading}</h1>",
        _facts(document, title, page),
        "<h2>How it was seen</h2>",
        _how(document),
        _looks(document.looks),
        "<h2>The answers</h2>",
        _exchanges(document.exchanges),
        _last_good(document),
        *_captures(document.captures),
        "<h2>The rules that read them</h2>",
        _rules(rules),
        "<h2>What this proves</h2>",
        _list(_PROVES),
        "<h2>What this does not prove</h2>",
        _list(_PROVES_NOT),
        _origin(document),
    ]
    return _page(heading, parts).encode()


def headline(document: ChangeDocument, title: str) -> str:
    """Return what changed in one sentence, as HTML."""
    change = document.change
    says = _SAYS.get(change.kind, "changed")
    return f"{_name(change.name)} {says}: {_text(title)}, storefront {_text(change.storefront)}"


def _origin(document: ChangeDocument) -> str:
    change, software = _text(document.change.id), _text(document.software)
    made = f"made by {software} at {_moment(document.made_at)}"
    return f'<p class="small">Change <code>{change}</code>, {made}.</p>'


def _page(heading: str, parts: Iterable[str]) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<title>{heading.replace('<bdi>', '').replace('</bdi>', '')}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _facts(document: ChangeDocument, title: str, page: str) -> str:
    change = document.change
    rows = [
        ("App", _name(change.name)),
        ("Listing", f"{_text(title)}, <code>{_text(change.listing)}</code>"),
        ("Public address", f"<code>{_text(page)}</code>"),
        ("Storefront", _text(change.storefront)),
        ("Before", _text(change.from_state)),
        ("After", _text(change.to_state)),
        ("Last seen in the old state", _moment(change.before_at)),
        ("First seen in the new state", _moment(change.after_at)),
        ("Confirmed", _moment(change.confirmed_at)),
    ]
    if change.scope:
        rows.append(("Scope", _text(change.scope)))
    if change.retracted_at:
        why = _text(change.retracted_why or "")
        rows.insert(0, ("<b>Retracted</b>", f"<b>{_moment(change.retracted_at)}: {why}</b>"))
    return _table((), rows)


def _how(document: ChangeDocument) -> str:
    change = document.change
    looks = "1 look" if change.looks == 1 else f"{change.looks} looks"
    surfaces = ", ".join(map(_text, change.surfaces)) or "not recorded"
    gap = ""
    if change.missed_rounds:
        gap = f" {change.missed_rounds} planned rounds before it brought no conclusive look."
    silent = " A second surface was asked and stayed silent." if change.waived else ""
    return f"<p>{looks} agreed. Surfaces asked: {surfaces}.{silent}{gap} All times are UTC.</p>"


def _looks(looks: Sequence[LookPart]) -> str:
    rows = [
        (
            _moment(look.seen_at),
            _text(_ROLES.get(look.role, look.role)),
            _text(look.outcome if look.reason is None else f"{look.outcome}: {look.reason}"),
            f"<code>{_text(look.rule)}</code>",
            ", ".join(map(str, look.exchanges)),
        )
        for look in looks
    ]
    return _table(("Time", "Look", "Saw", "Rule", "Answers"), rows)


def _exchanges(exchanges: Sequence[ExchangePart]) -> str:
    rows = [
        (
            str(one.id),
            _moment(one.started_at),
            f"<code>{_text(one.url)}</code>" + (_WITHHELD if one.extract else ""),
            _text(one.fault or str(one.status)),
            f"<code>{_text(one.sha256)}</code>",
        )
        for one in exchanges
    ]
    return _table(("No.", "Time", "Address", "Status", "SHA-256 of the body"), rows)


def _captures(captures: Sequence[CapturePart]) -> Iterator[str]:
    """Yield a section on what the Wayback Machine captured; nothing where it was not asked."""
    if not captures:
        return
    rows = [
        (
            _text(_PAGES.get(one.page, one.page)),
            _text(one.storefront),
            f"<code>{_text(one.capture_url or one.url)}</code>",
            _text(_became(one)),
        )
        for one in captures
    ]
    yield "<h2>Captures at the Wayback Machine</h2>"
    yield _table(("Page", "Storefront", "Address", "What became of it"), rows)


def _became(one: CapturePart) -> str:
    if one.capture_url:
        return f"captured; known at {one.settled_at}"
    said = f"; it said last: {one.words}" if one.words else ""
    return ("given up" if one.settled_at else "asked for, not there yet") + said


_WITHHELD = " (one answer about many apps: only this app's part is in this file)"


def _last_good(document: ChangeDocument) -> str:
    good = document.last_good
    if good is None:
        return "<p>No listing from before the change is part of this file.</p>"
    told = "".join(f"<li>{_text(k)}: {_name(v)}</li>" for k, v in good.facts.items() if v)
    return (
        f"<p>The listing as it was kept at {_moment(good.seen_at)}: "
        f"<code>{_text(good.member)}</code></p><ul>{told}</ul>"
    )


def _rules(document: RulesDocument) -> str:
    rows = [
        (
            f"<code>{_text(rule.id)}</code>",
            _text(rule.outcome),
            _text(rule.looks_for or "not among the rules of the version that made this file"),
            _text(rule.because),
        )
        for rule in document.rules
    ]
    return _table(("Rule", "Outcome", "Looks for", "Trusted because"), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{head}</th>" for head in heads)
    lines = (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table>{f'<tr>{top}</tr>' if top else ''}{''.join(lines)}</table>"


def _list(lines: str) -> str:
    return f"<ul>{''.join(f'<li>{_text(line)}</li>' for line in lines.strip().splitlines())}</ul>"


def _moment(text: str) -> str:
    """Return a time as people read it: 2026-11-23 12:00:00 UTC."""
    return _text(f"{text[:10]} {text[11:19]} UTC")


def _name(text: str) -> str:
    """Return a store's own words: kept apart, so that they cannot turn the line around."""
    return f"<bdi>{_text(text)}</bdi>"


def _text(text: str) -> str:
    """Return the text for HTML, without control characters."""
    shown = "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)
    return escape(shown)
