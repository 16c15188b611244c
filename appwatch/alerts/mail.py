"""A letter as the HTML of a mail: every text escaped, nothing fetched, no style that hides it.

Apprise makes a mail's plain part from this HTML. Each line is a block of its own and nothing
stands between blocks, so that the plain part is the plain text to the letter.
"""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from markupsafe import Markup

from appwatch.alerts.language import Language
from appwatch.alerts.letter import Letter, Line

# No colour of text, links or ground is set: a mail program that turns to dark colours turns all
# of it. The lines' grey reads on white and on black.
_PAGE: Final = Markup(
    '<!DOCTYPE html><html lang="{code}"><head><meta charset="utf-8">'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<meta name="color-scheme" content="light dark">'
    '<meta name="supported-color-schemes" content="light dark">'
    "<title>{title}</title></head>"
    '<body style="margin:0;padding:0">'
    '<div style="max-width:38em;margin:0 auto;padding:20px 16px;font:16px/1.5 -apple-system,'
    "'Segoe UI',Roboto,'Noto Sans','PingFang SC','Microsoft YaHei',Helvetica,Arial,sans-serif;"
    'overflow-wrap:anywhere;word-break:break-word">'
    "{lines}"
    '<div style="margin-top:20px;padding-top:10px;border-top:1px solid #8886;'
    'font:13px/1.5 ui-monospace,Menlo,Consolas,monospace;opacity:.75">{last}</div>'
    "</div></body></html>"
)
_BLANK: Final = Markup('<div style="height:12px;line-height:12px;font-size:0"> </div>')
_LEAD: Final = Markup(
    '<div style="font-size:19px;line-height:1.35;font-weight:600;margin:8px 0 0">{}</div>'
)
_LINE: Final = Markup('<div style="margin:4px 0">{}</div>')
_LIST: Final = Markup('<ul style="margin:4px 0;padding-left:22px">{}</ul>')
_ITEM: Final = Markup('<li style="margin:6px 0">{}</li>')
_LABEL: Final = Markup("<b>{}</b>")
_LINK: Final = Markup('<a href="{0}">{0}</a>')


def html_of(letter: Letter) -> str:
    """Return the letter as a whole HTML document."""
    lines = Markup("").join(_lines(letter))
    page = _PAGE.format(
        code=letter.language.code, title=letter.title, lines=lines, last=letter.last
    )
    return str(page)


def _lines(letter: Letter) -> Iterator[Markup]:
    for block in letter.blocks:
        for items, lines in groupby(block, key=lambda line: line.item):
            told = Markup("").join(_framed(line, letter.language) for line in lines)
            yield _LIST.format(told) if items else told
        yield _BLANK


def _framed(line: Line, language: Language) -> Markup:
    frame = _LEAD if line.leads else _ITEM if line.item else _LINE
    return frame.format(_told(line, language))


def _told(line: Line, language: Language) -> Markup:
    is_page = line.link.startswith(("https://", "http://"))
    parts = [Markup.escape(line.text), (_LINK if is_page else Markup("{}")).format(line.link)]
    told = Markup(" ").join(filter(None, parts))
    if not line.label:
        return told
    pattern = Markup.escape(language.say("{label}: {text}", label="{label}", text="{text}"))
    return pattern.format(label=_LABEL.format(line.label), text=told)
