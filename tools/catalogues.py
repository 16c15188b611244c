"""Keeps the catalogues of messages at what the code says, and says what they lack.

`python -m tools.catalogues` puts new messages into every catalogue and takes old ones out;
`--check` only names what is missing, unsure, stale or wrong.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "appwatch" / "alerts"
CATALOGUES = SOURCES / "catalogues"
KEYWORDS = {"say": (1,), "marked": (1,), "Plural": (1, 2)}
FIELD = re.compile(r"{[a-z_]*}")


def extracted() -> Catalog:
    """Return every message of the code, without a translation."""
    catalogue = Catalog()
    found = extract_from_dir(str(SOURCES), [("**.py", "python")], keywords=KEYWORDS)
    for file, _line, message, comments, _context in found:
        catalogue.add(message, locations=[(file, 0)], auto_comments=comments)
    return catalogue


def read(path: Path) -> Catalog:
    """Return a catalogue; its language is its file's name."""
    with path.open("rb") as file:
        return read_po(file, locale=path.stem.replace("-", "_"))


def renew(path: Path, wanted: Catalog) -> None:
    """Put new messages into a catalogue, and take out those that nothing says any more."""
    catalogue = read(path)
    catalogue.update(wanted, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    with path.open("wb") as file:
        write_po(file, catalogue, width=100, sort_by_file=True, omit_header=False)


def problems(catalogue: Catalog, wanted: Catalog) -> Iterator[str]:
    """Yield what is wrong with a catalogue: a message that lacks, is unsure, stale or unlike."""
    for message in wanted:
        if message.id:
            found = catalogue.get(_id(message))
            yield from _problems(message, found, catalogue.num_plurals)
    for message in catalogue:
        if message.id and wanted.get(_id(message)) is None:
            yield f"{_id(message)!r} is said nowhere"


def _problems(wanted: Message, found: Message | None, forms: int) -> Iterator[str]:
    if found is None:
        yield f"{_id(wanted)!r} is missing"
        return
    told = [found.string] if isinstance(found.string, str) else list(found.string or ())
    if found.fuzzy:
        yield f"{_id(wanted)!r} is marked as unsure"
    if not (told and all(told)) or (wanted.pluralizable and len(told) != forms):
        yield f"{_id(wanted)!r} is not translated, or not in every form"
        return
    of = [wanted.id] if isinstance(wanted.id, str) else list(wanted.id)
    fields = {field for form in of for field in FIELD.findall(form)}
    for form in told:
        rest = FIELD.sub("", form)
        if set(FIELD.findall(form)) != fields or "{" in rest or "}" in rest:
            yield f"{_id(wanted)!r} has other fields in its translation {form!r}"


def _id(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def main(arguments: Sequence[str]) -> int:
    """Renew the catalogues, or with --check say what is wrong with them (exit code 1)."""
    wanted = extracted()
    wrong = []
    for path in sorted(CATALOGUES.glob("*.po")):
        if "--check" not in arguments:
            renew(path, wanted)
        wrong += [f"{path.name}: {problem}" for problem in problems(read(path), wanted)]
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
