"""Reads the small pages that stand in place of a listing: Not Found, and walls."""

from bs4 import BeautifulSoup
from bs4.exceptions import ParserRejectedMarkup
from bs4.filter import SoupStrainer

# Recorded walls stay below 30,000 bytes and Not Found pages below 2,000; a listing begins at
# 560,000. What is longer than this is no small page, and would be slow to parse.
SMALL = 100_000
_NOT_FOUND_WORDS = "the requested URL was not found on this server"


def is_not_found_page(body: bytes) -> bool:
    """Whether this is the store's own Not Found page: its title, and its words in their place."""
    page = _parse(body, "title", "div")
    titles, section = page.find_all("title"), page.find("div", id="error-section")
    if section is None or [title.get_text(strip=True) for title in titles] != ["Not Found"]:
        return False
    return _NOT_FOUND_WORDS in section.get_text(" ")


def form_actions(body: bytes) -> list[str]:
    """Return where the forms of a page lead."""
    return [str(form.get("action", "")) for form in _parse(body, "form").find_all("form")]


def _parse(body: bytes, *tags: str) -> BeautifulSoup:
    """Return these elements of a page; none of one that is too long or is no markup."""
    # Of a body without a tag Beautiful Soup warns that it may be a file's name or an address.
    if len(body) > SMALL or b"<" not in body:
        return BeautifulSoup("", "lxml")
    try:
        return BeautifulSoup(body, "lxml", parse_only=SoupStrainer(list(tags)))
    except (ParserRejectedMarkup, ValueError, RecursionError):
        return BeautifulSoup("", "lxml")
