"""The documentation says what the code does: examples run, links lead somewhere, all is told."""

import re
import runpy
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest

import dev
from appwatch.cli import COMMANDS, command_line
from appwatch.db.tables import metadata
from appwatch.domain import confirmation
from appwatch.domain.holding import HoldRule
from appwatch.domain.model import Observation
from appwatch.settings import SETTINGS
from appwatch.stores.base import Answer, Asked, Batch, Store
from appwatch.watchlist import KINDS, LANGUAGES, load
from docs import generate

ROOT = Path(__file__).resolve().parents[1]
GENERATED = sorted((ROOT / "docs").glob("*.md"))
PAGES = [ROOT / "README.md", *GENERATED, *sorted((ROOT / "docs" / "decisions").glob("*.md"))]
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


each_page = pytest.mark.parametrize("page", PAGES, ids=named)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """Return the fenced blocks of one language."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def leaves(command: click.Command = command_line, path: str = "appwatch") -> Iterator[str]:
    """Yield every command that does something, as people type it."""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, f"{path} {name}")


# --- generated parts -----------------------------------------------------------------------


@pytest.mark.parametrize("page", GENERATED, ids=named)
def test_a_generated_part_is_what_the_code_has_now(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert generate.renewed(text) == text, "stale; run: python docs/generate.py"


def test_every_generated_part_stands_on_a_page() -> None:
    text = "".join(page.read_text(encoding="utf-8") for page in GENERATED)
    assert [part for part in generate.PARTS if f"<!-- generated: {part} -->" not in text] == []


def test_a_stale_part_is_renewed_and_the_prose_around_it_is_kept() -> None:
    stale = "Before.\n<!-- generated: exit codes -->\nold\n<!-- end -->\nAfter.\n"
    fresh = generate.renewed(stale)
    assert (fresh[:8], fresh[-7:]) == ("Before.\n", "After.\n")
    assert generate.exit_codes() in fresh
    assert "old" not in fresh


def test_a_bar_in_a_cell_does_not_end_it() -> None:
    assert generate.table(["a"], [["x|y"]]).endswith("| x\\|y |\n")


def test_every_table_of_the_database_is_explained() -> None:
    assert set(generate.TABLES) == set(metadata.tables)


def test_every_rule_of_every_store_is_documented() -> None:
    text = text_of("docs/verdicts.md")
    for store in generate.all_stores():
        assert f"### {store.title}\n" in text
        assert [rule.id for rule in store.rules if f"`{rule.id}`" not in text] == []


def test_an_alert_of_every_kind_and_language_is_shown() -> None:
    text = text_of("docs/alerts.md")
    shown = [*KINDS, "cleared", "a digest", "a first report", "many apps out of a hold"]
    shown += ["a reminder", "a summary", "a late digest", "a channel that is off, for operators"]
    shown += [code for code in LANGUAGES if code != "en"]
    assert [name for name in shown if f"### {name}\n\n```text\n" not in text] == []


def test_what_keeps_a_change_back_is_documented_with_its_numbers() -> None:
    text = " ".join(text_of("docs/verdicts.md").split())
    silent = f"{confirmation.WAIVED_LOOKS} looks over {confirmation.WAIVED_AFTER // HOUR} hours"
    assert silent in text
    assert f"lasts for {confirmation.DISPUTED_AFTER // HOUR} hours is told once" in text
    hold = HoldRule()
    assert f"more than {hold.share:.0%}".replace("%", " %") in text
    assert f"at least {hold.at_least} apps" in text


def test_the_layers_are_told_as_they_are_held_to() -> None:
    contracts = tomllib.loads(text_of("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    held = [re.findall("[a-z]+", layer) for layer in contracts[0]["layers"][1:]]
    there = [[name for name in layer if [*(ROOT / "appwatch").glob(f"{name}*")]] for layer in held]
    (block,) = [one for one in blocks(ROOT / "CONTRIBUTING.md", "") if one.startswith("cli\n")]
    assert [line.split("   ")[0].split(", ") for line in block.splitlines()] == there
    section = text_of("docs/architecture.md").split("## Layers\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    told = re.findall("`([a-z]+)`", " ".join(rows))
    layer_of = {name: number for number, layer in enumerate(there) for name in layer}
    assert sorted(told) == sorted(layer_of)
    assert [layer_of[name] for name in told] == sorted(layer_of.values())


# --- commands and settings -----------------------------------------------------------------


def test_every_command_is_documented() -> None:
    text = text_of("docs/cli.md")
    assert [name for name in leaves() if f"## {name}\n" not in text] == []


def test_the_readme_lists_every_command_and_no_other() -> None:
    rows = re.findall(r"^\| `appwatch (\S+)` \|", text_of("README.md"), re.MULTILINE)
    assert rows == list(COMMANDS)


@pytest.mark.parametrize("command", [*leaves()])
def test_the_help_of_every_command_gives_an_example_of_it(command: str) -> None:
    text = text_of("docs/cli.md").split(f"## {command}\n")[1].split("\n## ")[0]
    (example,) = re.findall(r"^```sh\n(.*?)\n```", text, re.MULTILINE)
    assert f"{command} " in f"{example} "


def examples(page: Path) -> Iterator[str]:
    """Yield every call of appwatch in the page's shell blocks and in its sentences."""
    for block in blocks(page, "sh"):
        for line in block.splitlines():
            bare = re.split(r" #| >|&&", line)[0]
            found = re.search(r"(?:^|\s)(appwatch(?: .*)?|python3 dev\.py .*)$", bare)
            if found:
                yield found[1].replace("appwatch appwatch", "appwatch")
    yield from re.findall(r"`((?:appwatch|python3 dev\.py) [^`\[]+)`", page.read_text("utf-8"))


def must_parse(arguments: list[str]) -> None:
    """Fail unless these arguments name a command and options that it has."""
    command: click.Command = command_line
    while isinstance(command, click.Group) and arguments:
        found = command.get_command(click.Context(command), arguments.pop(0))
        assert found is not None, "there is no such command"
        command = found
    if not isinstance(command, click.Group):
        command.make_context(command.name, arguments)


@each_page
def test_every_shell_example_parses(page: Path) -> None:
    for example in examples(page):
        words = shlex.split(example)
        arguments = words[1:] if words[0] == "appwatch" else words[2:]
        if words[0] == "python3" and arguments[0] in dev.COMMANDS:
            continue
        try:
            must_parse(arguments)
        except (AssertionError, click.ClickException) as error:
            pytest.fail(f"{example}: {error}")


@each_page
def test_a_page_names_no_setting_that_there_is_not(page: Path) -> None:
    known = {setting.name for setting in SETTINGS}
    known |= {f"{setting.name}_FILE" for setting in SETTINGS if setting.secret}
    assert set(re.findall(r"APPWATCH_[A-Z_]+", page.read_text("utf-8"))) <= known


# --- watchlists, links, paths --------------------------------------------------------------


@each_page
def test_every_watchlist_in_a_page_can_be_loaded(page: Path, tmp_path: Path) -> None:
    stores = {store.name: store for store in generate.all_stores()}
    for block in blocks(page, "yaml"):
        file = tmp_path / "watchlist.yaml"
        file.write_text(block, encoding="utf-8")
        assert load(file, stores).apps


def anchors(page: Path) -> set[str]:
    """Return what a link to a heading of the page may name."""
    headings = re.findall(r"^#+ (.*)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}


@each_page
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8"))
    for link in links:
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = page.parent / name if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def test_every_page_can_be_reached_from_another() -> None:
    linked = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert [page.name for page in GENERATED if f"{page.name}" not in linked] == []


@each_page
def test_every_file_that_a_page_names_is_there(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    paths = re.findall(r"`((?:appwatch|docs|migrations|tests)/[\w./*-]+)`", text)
    made_up = ("example_store", "STORE")
    real = [path for path in paths if not any(word in path for word in made_up)]
    assert [path for path in real if not [*ROOT.glob(path.rstrip("/"))]] == []


# --- what pages promise --------------------------------------------------------------------


def test_the_page_for_lawyers_gives_the_real_pace_and_batch() -> None:
    text = text_of("docs/politeness.md")
    paces = [setting.default for setting in SETTINGS if setting.field.endswith("_per_minute")]
    (apple, google) = generate.all_stores()
    assert paces == ["20", "20"]
    assert f"**{paces[0]} requests a minute**" in text
    assert f"each storefront and each {apple.batch_size} apps" in text
    assert google.batch_size == 1


def test_every_member_of_a_store_is_explained_to_who_adds_one() -> None:
    members = [name for name in vars(Store) if not name.startswith("_")]
    rows = re.findall(r"^\| `(\w+)` \|", text_of("docs/adding-a-store.md"), re.MULTILINE)
    assert rows == members


def example_store(folder: Path) -> Mapping[str, Any]:
    """Return what the worked example defines, run as one module."""
    page = ROOT / "docs" / "adding-a-store.md"
    module = folder / "example_store.py"
    code = [block for block in blocks(page, "python") if block.startswith(("from ", "import "))]
    module.write_text("\n".join(code), encoding="utf-8")
    return runpy.run_path(str(module))


@pytest.mark.parametrize(
    ("beside", "answer", "rule"),
    [
        ('{"id": "sure", "country": "gb"}', '{"id": "notes", "country": "gb"}', "listed"),
        ('{"id": "sure", "country": "gb"}', '{"absent": "notes", "country": "gb"}', "absent"),
        ('{"absent": "sure", "country": "gb"}', '{"absent": "notes", "country": "gb"}', "control"),
        ('{"id": "sure", "country": "gb"}', '{"absent": "notes", "country": "us"}', "other"),
        ('{"id": "sure", "country": "gb"}', "<html>", "other"),
    ],
)
def test_the_worked_example_reads_answers(
    tmp_path: Path, beside: str, answer: str, rule: str
) -> None:
    batch = Batch("gb", [Asked("notes")], ["sure"], "key")
    dialogue = example_store(tmp_path)["look"](batch)
    seen: Observation | None = None
    request = next(dialogue)
    try:
        for body in (beside, answer):
            request = dialogue.send(Answer(request, NOW, NOW, 200, body=body.encode()))
    except StopIteration as end:
        (seen,) = end.value.observations
    assert seen is not None
    assert seen.rule.startswith(f"example_store.{rule}")
