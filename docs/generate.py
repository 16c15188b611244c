"""Renews the generated parts of the pages beside it, from the code that they describe.

`python docs/generate.py` writes them; `--check` only names those that are stale.
"""
# ruff: noqa: INP001 - a folder of pages

import inspect
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any

import click

if not __package__:  # run as a file, and not as `python -m docs.generate`
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from appwatch import stores
from appwatch.cli import command_line, endings
from appwatch.db import outbox, tables
from appwatch.db.watching import NOT_WATCHED
from appwatch.domain.confirmation import Policy
from appwatch.domain.model import SUSPECTED, ChangeKind, Outcome, Reason, State
from appwatch.domain.state import KINDS
from appwatch.domain.verdict import RULES_VERSION, Rule
from appwatch.exports import data_dictionary
from appwatch.settings import load, settings_table
from appwatch.stores.base import Store
from appwatch.stores.faults import FAULT_RULES
from appwatch.watchlist import json_schema
from docs import alert_examples

DOCS = Path(__file__).resolve().parent
_PART = re.compile(r"(?<=<!-- generated: )([a-z ]+)( -->\n).*?(?=<!-- end -->)", re.DOTALL)
_SETTINGS = re.compile(r"\| variable \|.*", re.DOTALL)  # that page ends with its table
_MEMBER = re.compile(r'^    \w+ = "([^"]*)"(?:  # (.*))?$', re.MULTILINE)

# What one row of each table is.
TABLES: Mapping[str, str] = MappingProxyType(
    {
        "watchlists": "A watchlist that was put into force, with its text.",
        "watchlist_problems": "A time in which the watchlist in the folder was not in force: "
        "`kind` is `rejected` or `waiting`, `text` has a line for each problem.",
        "apps": "An app that is or was watched.",
        "targets": "A listing of an app in a storefront: its state, its counters, when it is due.",
        "places": "A storefront of a store, and which process is sweeping it.",
        "periods": "A stretch of time in which a target held one state.",
        "sweeps": "A sweep: how many looks were planned, done, inconclusive (by reason), late.",
        "sweep_days": "The sweeps of one storefront and day, added up after 90 days.",
        "lapses": "A spell of inconclusive looks of one target; without a look: a pause.",
        "exchanges": "A request and its answer, kept; `body` is the name in the evidence folder.",
        "observations": "What a look saw that spoke against a state, or was about to.",
        "observation_exchanges": "Which exchanges an observation rests on; position 0 decides.",
        "listings": "The last good listing of a target: what it says of itself, and its bytes.",
        "last_good": "The listing as it was before a change, pinned to it for good.",
        "captures": "A page that the Wayback Machine is asked to capture, and what it answered.",
        "controls": "When a control was last seen, and last missed, in a storefront.",
        "instrument_faults": "A part of the instrument that failed across apps, and how long.",
        "rests": "Until when a host is left alone, after how many refusals in a row.",
        "incidents": "The changes that belong together: of one app, or out of one hold.",
        "changes": "A confirmed change, with all that a message says; only a retraction is added.",
        "holds": "So much missing at once that the store is doubted before the apps.",
        "notices": "What is told beside changes: suspected, cleared, disputed, retracted.",
        "delivery_notices": "Which notices a delivery tells.",
        "glances": "A look at a listing in a storefront that is not watched, beside a suspicion.",
        "claims": "What somebody says of a cause, with its source; never what was observed.",
        "deliveries": "A message on its way to one channel.",
        "delivery_queues": "Whose order a delivery keeps: its targets' and its incidents'.",
        "alarms": "Trouble of appwatch's own, told to operators once it had lasted, with its end.",
        "channels": "How a channel fares: failing, at rest, or switched off and why.",
        "silences": "What people want nothing told of, by whom, why and until when.",
        "silenced": "What happened inside a silence and waits for its end.",
        "reminders": "When a channel is told again that a departure lasts.",
        "delivery_changes": "Which changes a delivery tells.",
        "attempts": "An attempt to send a delivery: what the service said, and the text.",
    }
)


def meanings(words: type[StrEnum]) -> dict[str, str]:
    """Return each member's value with the comment that stands beside it in the code."""
    return dict(_MEMBER.findall(inspect.getsource(words)))


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [header, ["---"] * len(header), *rows]
    escaped = ([cell.replace("|", "\\|") for cell in line] for line in lines)
    return "".join(f"| {' | '.join(line)} |\n" for line in escaped)


def words_table(words: type[StrEnum], more: Mapping[str, str] | None = None) -> str:
    """Return a table of an enum's values; one without a comment means what its outcome means."""
    found = {value: told or meanings(Outcome)[value] for value, told in meanings(words).items()}
    told = {**found, **(more or {})}
    return table(["word", "meaning"], ([f"`{value}`", text] for value, text in told.items()))


def all_stores() -> list[Store]:
    """Return every store, as the defaults of the settings make it."""
    settings = load({}, DOCS)
    return [make(settings) for make in stores.STORES.values()]


def rules_table(rules: Sequence[Rule]) -> str:
    """Return a table of rules."""
    header = ["rule", "outcome", "what it looks for", "why it is trusted"]
    return table(header, ([f"`{r.id}`", _says(r), r.looks_for, r.because] for r in rules))


def _says(rule: Rule) -> str:
    because = f" ({rule.reason.value})" if rule.reason else ""
    return f"{rule.outcome.value}{because}"


def reasons() -> str:
    """Return the reasons of inconclusive looks, in their order of precedence."""
    told = meanings(Reason).items()
    rows = ([str(n), f"`{value}`", text] for n, (value, text) in enumerate(told, start=1))
    return table(["", "reason", "when"], rows)


def store_rules() -> str:
    """Return every store's rules, a section each."""
    parts = (f"### {store.title}\n\n{rules_table(store.rules)}" for store in all_stores())
    return f"Version {RULES_VERSION} of the rules.\n\n" + "\n".join(parts)


def transitions() -> str:
    """Return which change leads from which state, by what looks see."""
    outcomes = [outcome for outcome in Outcome if outcome is not Outcome.INCONCLUSIVE]
    header = ["state \\ seen", *(f"`{outcome.value}`" for outcome in outcomes)]
    states = [state for state in State if state is not State.UNKNOWN]
    rows = ([f"`{s.value}`", *(_move(s, outcome) for outcome in outcomes)] for s in states)
    return table(header, rows)


def _move(state: State, outcome: Outcome) -> str:
    kind = KINDS.get((state, outcome))
    waiting = (State.NOT_INSTALLABLE, State.PREREGISTRATION)
    if kind is not None:
        return kind.value
    if state in waiting and outcome is Outcome.AVAILABLE:
        return "returned, or appeared"
    return "a new period" if state in waiting and outcome.value != state.value else "-"


def confirmation() -> str:
    """Return how often each kind of change must be seen."""
    policy = Policy()
    rows = [
        [kind.value, str(policy.needs(kind).looks), _minutes(policy.needs(kind).over)]
        for kind in ChangeKind
    ]
    return table(["change", "looks", "over at least"], rows)


def _minutes(length: timedelta) -> str:
    return f"{length // timedelta(minutes=1)} minutes" if length else "no time"


def columns() -> str:
    """Return the public columns, with headings one level down."""
    return re.sub("^## ", "### ", data_dictionary(), flags=re.MULTILINE)


def database() -> str:
    """Return every table, what a row of it is, and its columns."""
    rows = (
        [f"`{name}`", TABLES[name], ", ".join(column.name for column in one.columns)]
        for name, one in tables.metadata.tables.items()
    )
    return table(["table", "a row is", "columns"], rows)


def keys() -> str:
    """Return the keys of the watchlist, a section for each part of it."""
    schema = json_schema({store.name: store for store in all_stores()})
    sections = [("watchlist", schema), *sorted(schema["$defs"].items())]
    return "\n".join(_keys_of(name.removesuffix("Part"), part) for name, part in sections)


def _keys_of(name: str, part: Mapping[str, Any]) -> str:
    rows = (
        [f"`{key}`", value.get("description", ""), _default(value)]
        for key, value in part["properties"].items()
    )
    header = ["key", "meaning", "default"]
    return f"### {name.lower()}\n\n{part['description']}\n\n{table(header, rows)}"


def _default(value: Mapping[str, Any]) -> str:
    if "$ref" in value:
        return "see below"
    found = value.get("default")
    if isinstance(found, bool):
        return f"`{str(found).lower()}`"
    shown = ", ".join(found) if isinstance(found, list) else found
    return f"`{shown}`" if shown else "none"


def commands() -> str:
    """Return the help of every command."""
    context = click.Context(command_line, info_name="appwatch")
    return "\n".join(_commands(command_line, context))


def _commands(command: click.Command, context: click.Context) -> Iterable[str]:
    if not isinstance(command, click.Group):
        yield _help(command, context)
        return
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        if found is not None:
            yield from _commands(found, click.Context(found, context, name))


def _help(command: click.Command, context: click.Context) -> str:
    usage = " ".join(command.collect_usage_pieces(context))
    records = filter(None, (option.get_help_record(context) for option in command.params))
    options = "".join(f"- `{names}`: {told}\n" for names, told in records)
    text = inspect.cleandoc(command.help or "")
    example = (command.epilog or "").removeprefix("Example: ")
    head = f"## {context.command_path}\n\n`{context.command_path} {usage}`"
    return f"{head}\n\n{text}\n\n{options}\n```sh\n{example}\n```\n"


def exit_codes() -> str:
    """Return the exit codes and when they come."""
    told = {
        endings.DONE: "Done. For `check`: every look was conclusive.",
        endings.PROBLEM: "A problem was found. For `check`: some looks were inconclusive.",
        endings.WRONG_USE: "Wrong use, or a bad watchlist or setting.",
        endings.NOTHING_REACHED: "Nothing could be reached. For `check`: no look was conclusive.",
        endings.BUG: "A bug in appwatch.",
        endings.INTERRUPTED: "Interrupted by a person.",
        endings.PIPE_CLOSED: "Whatever read the output went away.",
    }
    return table(["code", "when"], ([str(code), text] for code, text in told.items()))


PARTS: Mapping[str, Callable[[], str]] = MappingProxyType(
    {
        "reasons": reasons,
        "outcomes": lambda: words_table(Outcome),
        "rules of every store": lambda: rules_table(FAULT_RULES),
        "rules of each store": store_rules,
        "transitions": transitions,
        "confirmation": confirmation,
        "states": lambda: words_table(
            State,
            {
                SUSPECTED: "shown in place of a state while a departure is unconfirmed",
                NOT_WATCHED: "in timelines: nobody looked",
            },
        ),
        "changes": lambda: words_table(ChangeKind),
        "deliveries": lambda: words_table(outbox.Status),
        "attempts": lambda: words_table(outbox.Result),
        "alert examples": alert_examples.in_english,
        "alerts in other languages": alert_examples.in_other_languages,
        "subjects": lambda: words_table(outbox.Subject),
        "columns": columns,
        "tables": database,
        "keys": keys,
        "commands": commands,
        "exit codes": exit_codes,
    }
)


def renewed(page: str) -> str:
    """Return the page's text with every generated part as the code has it now."""
    whole = _SETTINGS.sub(lambda _: settings_table(), page)
    return _PART.sub(lambda found: f"{found[1]}{found[2]}\n{_part(found[1])}\n", whole)


def _part(name: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", PARTS[name]())


def main(arguments: Sequence[str]) -> int:
    """Write the pages, or with --check say which are stale (exit code 1)."""
    stale = []
    for page in sorted(DOCS.glob("*.md")):
        text = page.read_text(encoding="utf-8")
        fresh = renewed(text)
        if fresh != text:
            stale.append(page.name)
            if "--check" not in arguments:
                page.write_text(fresh, encoding="utf-8")
    if stale and "--check" in arguments:
        sys.stderr.write(f"stale: {', '.join(stale)}; run: python docs/generate.py\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
