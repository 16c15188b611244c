"""The page of a bundle that people read: what changed, where, when, and what shows it."""

import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from html import escape

from appwatch.evidence.documents import (
    ChangeDocument,
    ExchangePart,
    RulesDocument,
)
from appwatch.evidence.proof import CaptureProof, LookProof, StoreFacts

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
_OUTCOMES = {
    "available": "available",
    "not_found": "not listed",
    "not_installable": "listed, cannot be installed",
    "preregistration": "announced, cannot be installed yet",
    "inconclusive": "proves nothing",
}
_SURFACES = {
    "lookup": "lookup API",
    "platform": "platform lookup API",
    "product_page": "product page",
    "details": "details page",
}
_FACTS = {"url": "address", "updated": "last updated"}
# Embeddings, overrides and isolates: change.json has them as they came.
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})
_PAGES = {
    "error_page": "what the storefront shows since",
    "listing": "the app where it was still listed then",
}
_STYLE = """
@page { margin: 18mm 16mm }
body { font: 11pt/1.5 Georgia, "Noto Serif", serif; color: #111; background: #fff; max-width: 52em; margin: 2em auto; padding: 0 1.2em; overflow-wrap: anywhere }
h1 { font-size: 1.6em; line-height: 1.2; margin: .2em 0 .6em } h2 { font-size: 1.15em; margin: 2.2em 0 .6em }
.kind { font-size: .85em; letter-spacing: .04em; text-transform: uppercase; color: #555; margin: 0 }
.lead { font-size: 1.1em } .retracted { border: 2px solid #a00; padding: .6em .9em }
table { border-collapse: collapse; width: 100%; font-size: .85em; line-height: 1.4 }
th, td { border-bottom: 1px solid #ccc; padding: .35em .8em .35em 0; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { font-weight: normal; color: #555 } thead th { border-bottom: 1.5px solid #555; white-space: nowrap } tbody th { width: 15em }
code { font: .9em/1.4 ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere } .small { font-size: .85em; color: #555 } .at { white-space: nowrap }
@media print { body { margin: 0; padding: 0; max-width: none; font-size: 10pt } h2 { break-after: avoid } tr, .retracted { break-inside: avoid } thead { display: table-header-group } }
"""  # noqa: E501 - one rule a line
_PROVES = """
The store gave these answers to these requests, as far as whoever kept them is trusted. An \
answer stands in this file byte for byte, or by its SHA-256 and this app's part of it.
The change happened between the two moments above: both are looks, not guesses.
Nothing in this file was altered after its hashes were written.
"""
_PROVES_NOT = """
Who made the change, or why: a store, a developer and an authority look the same from outside.
What any other storefront showed, or this one to a visitor signed in or placed elsewhere.
Who made this file. A timestamp, where there is one, shows only that it existed by then.
"""
_CHECK = """
appwatch evidence verify FILE looks at every hash, every answer and every time in the file, on any \
machine, without a network, and says what it checked.
The answers themselves can be opened in any viewer of WACZ files; the file is a zip file, its \
hashes are SHA-256, its answers are WARC records: nobody needs appwatch to read it.
"""


def summary_of(document: ChangeDocument, rules: RulesDocument, store: StoreFacts) -> bytes:
    """Return the page: one HTML file that loads nothing and runs nothing."""
    heading = headline(document, store)
    parts = [
        '<p class="kind">Record of an observation</p>',
        f"<h1>{heading}</h1>",
        *_retracted(document),
        _lead(document, store),
        _facts(document, store),
        "<h2>The listing before it</h2>",
        _last_good(document),
        "<h2>How it was seen</h2>",
        _how(document),
        _looks(document.looks),
        *_captures(document.captures),
        "<h2>What this proves</h2>",
        _list(_PROVES),
        "<h2>What this does not prove</h2>",
        _list(_PROVES_NOT),
        "<h2>How to check this file</h2>",
        _list(_CHECK),
        "<h2>The answers</h2>",
        _exchanges(document.exchanges),
        "<h2>The rules that read them</h2>",
        _rules(rules),
        _origin(document),
    ]
    return _page(heading, parts).encode()


def headline(document: ChangeDocument, store: StoreFacts) -> str:
    """Return what changed in one sentence, as HTML."""
    change = document.change
    says = _SAYS.get(change.kind, "changed")
    where = _text(store.place_name(change.storefront))
    return f"{_name(change.name)} {says}: {_text(store.title)}, {where}"


def _origin(document: ChangeDocument) -> str:
    change, software = _text(document.change.id), _text(document.software)
    made = f"made by {software} at {_moment(document.made_at)}"
    return f'<p class="small">Change <code>{change}</code>, {made}.</p>'


def _page(heading: str, parts: Iterable[str]) -> str:
    policy = "default-src 'none'; style-src 'unsafe-inline'"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width">\n'
        f"<title>{heading.replace('<bdi>', '').replace('</bdi>', '')}</title>\n"
        f"<style>{_STYLE}</style>\n</head>\n<body>\n" + "\n".join(parts) + "\n</body>\n</html>\n"
    )


def _retracted(document: ChangeDocument) -> Iterator[str]:
    """Yield a box at the top where the change was found to have been wrong."""
    change = document.change
    if change.retracted_at:
        why = _text(change.retracted_why or "")
        at = _moment(change.retracted_at)
        yield f'<p class="retracted"><b>Retracted</b> at {at}: {why}</p>'


def _lead(document: ChangeDocument, store: StoreFacts) -> str:
    """Return the observation in sentences that can be quoted."""
    change = document.change
    old, new = _state(change.from_state), _state(change.to_state)
    article = "the " if store.title.endswith("Store") else ""
    where = f"{article}{_text(store.title)}, {_text(store.place_name(change.storefront))}"
    return (
        f'<p class="lead">In {where}, {_name(change.name)} was last seen {old} at '
        f"<b>{_moment(change.before_at)}</b>, and first seen {new} at "
        f"<b>{_moment(change.after_at)}</b>. {_looks_of(change.looks)} agreed by "
        f"{_moment(change.confirmed_at)}. All times are UTC.</p>"
    )


def _state(state: str) -> str:
    """Return a state in words."""
    said = {"gone": "not listed", "never_seen": "not listed"}
    return _text(said.get(state) or _OUTCOMES.get(state, state))


def _looks_of(count: int) -> str:
    return "1 look" if count == 1 else f"{count} looks"


def _facts(document: ChangeDocument, store: StoreFacts) -> str:
    change = document.change
    page = store.page_url(change.listing, change.storefront)
    rows = [
        ("App", _name(change.name)),
        ("Listing", f"{_text(store.title)}, <code>{_text(change.listing)}</code>"),
        ("Public address", f"<code>{_text(page)}</code>"),
        ("Storefront", _text(store.place_name(change.storefront))),
        ("State before and after", f"{_text(change.from_state)}, then {_text(change.to_state)}"),
        ("Last seen in the old state", _moment(change.before_at)),
        ("First seen in the new state", _moment(change.after_at)),
        ("Confirmed", _moment(change.confirmed_at)),
    ]
    if change.scope:
        rows.append(("How far it reached then", _text(change.scope)))
    if document.before and document.before.answer:
        digest = f"SHA-256 <code>{_text(document.before.answer)}</code>"
        rows.append(("Answer that last showed it", digest))
    return _pairs(rows)


def _how(document: ChangeDocument) -> str:
    change = document.change
    surfaces = ", ".join(_text(_SURFACES.get(one, one)) for one in change.surfaces)
    gap = ""
    if change.missed_rounds:
        gap = f" {change.missed_rounds} planned rounds before it brought no conclusive look."
    silent = " A second surface was asked and stayed silent." if change.waived else ""
    asked = surfaces or "not recorded"
    return f"<p>{_looks_of(change.looks)} agreed. Asked: {asked}.{silent}{gap}</p>"


def _looks(looks: Sequence[LookProof[str]]) -> str:
    rows = [
        (
            _moment(look.seen_at),
            _text(_ROLES.get(look.role, look.role)),
            _outcome(look),
            f"<code>{_text(look.rule)}</code>",
            ", ".join(map(str, sorted(look.exchanges))),
        )
        for look in looks
    ]
    return _table(("Time", "Look", "Saw", "Rule", "Answers, by number"), rows)


def _outcome(look: LookProof[str]) -> str:
    said = _text(_OUTCOMES.get(look.outcome, look.outcome))
    return said if look.reason is None else f"{said}: {_text(look.reason)}"


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


def _captures(captures: Sequence[CaptureProof[str]]) -> Iterator[str]:
    """Yield a section on what the Wayback Machine captured; nothing where it was not asked."""
    if not captures:
        return
    rows = [
        (
            _text(_PAGES.get(one.page, one.page)),
            _text(one.storefront),
            f"<code>{_text(one.capture_url or one.url)}</code>",
            _became(one),
        )
        for one in captures
    ]
    yield "<h2>Captures at the Wayback Machine</h2>"
    yield _table(("Page", "Storefront", "Address", "What became of it"), rows)


def _became(one: CaptureProof[str]) -> str:
    if one.capture_url and one.settled_at:
        return f"captured; known since {_moment(one.settled_at)}"
    said = f"; it said last: {_text(one.words)}" if one.words else ""
    return ("given up" if one.settled_at else "asked for, not there yet") + said


_WITHHELD = " (one answer about many apps: only this app's part is in this file)"


def _last_good(document: ChangeDocument) -> str:
    good = document.last_good
    if good is None:
        return "<p>No listing from before the change is part of this file.</p>"
    rows = [
        (_text(_FACTS.get(name, name.replace("_", " "))), _name(value))
        for name, value in good.facts.items()
        if value
    ]
    rows.append(("kept whole in this file as", f"<code>{_text(good.member)}</code>"))
    rows.append(("SHA-256", f"<code>{_text(good.body)}</code>"))
    return (
        f"<p>As the store showed it at {_moment(good.seen_at)}, when it was kept:</p>{_pairs(rows)}"
    )


def _rules(document: RulesDocument) -> str:
    rows = [
        (
            f"<code>{_text(rule.id)}</code>",
            _text(_OUTCOMES.get(rule.outcome, rule.outcome)),
            _text(rule.looks_for or "not among the rules of the version that made this file"),
            _text(rule.because),
        )
        for rule in document.rules
    ]
    return _table(("Rule", "Outcome", "Looks for", "Trusted because"), rows)


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    top = "".join(f'<th scope="col">{head}</th>' for head in heads)
    lines = (f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr>{top}</tr></thead><tbody>{''.join(lines)}</tbody></table>"


def _pairs(rows: Iterable[tuple[str, str]]) -> str:
    """Return a table of names and values."""
    lines = (f'<tr><th scope="row">{name}</th><td>{value}</td></tr>' for name, value in rows)
    return f"<table><tbody>{''.join(lines)}</tbody></table>"


def _list(lines: str) -> str:
    return f"<ul>{''.join(f'<li>{_text(line)}</li>' for line in lines.strip().splitlines())}</ul>"


def _moment(text: str) -> str:
    """Return a time as people read it: 2026-11-23 12:00:00 UTC."""
    return f'<span class="at">{_text(f"{text[:10]} {text[11:19]} UTC")}</span>'


def _name(text: str) -> str:
    """Return a store's own words: kept apart, so that they cannot turn the line around."""
    return f"<bdi>{_text(text)}</bdi>"


def _text(text: str) -> str:
    """Return the text for HTML, without what steers a terminal or turns the reading around."""
    return escape("".join(" " if _steers(character) else character for character in text))


def _steers(character: str) -> bool:
    turns = unicodedata.bidirectional(character) in _TURNING
    return turns or unicodedata.category(character) in ("Cc", "Cs")
