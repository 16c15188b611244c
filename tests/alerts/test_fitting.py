"""What fits a service: the short form where there is little room, and never without ids."""

from dataclasses import replace
from itertools import pairwise

import pytest
from inline_snapshot import snapshot

from appwatch.alerts.channels import _room, _service
from appwatch.alerts.fitting import LITTLE, Room, fitted
from appwatch.alerts.letter import Message
from appwatch.alerts.messages import changes_message
from appwatch.alerts.notices import notices_message
from appwatch.alerts.schemes import MAILS, PLAIN, SCHEMES, TEXT_MESSAGES
from appwatch.watchlist import LANGUAGES
from tests.alerts.rows import CHANGE, WORDING, noticed

# Apprise imports it where Python still has it; once, when it is first needed.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
PAGES = replace(
    WORDING, pages=lambda _store, listing, place: f"https://a.example/{place}/{listing}"
)
SMS = Room("clickatell", 160, 0, html=False)
MANY = [replace(CHANGE, id=f"c-{n:016}", storefront=f"a{n}") for n in range(14)]
TEXT_MESSAGE_URL = "clickatell://0123456789abcdef/15557654321"


def sms(message: Message, longest: int = 160) -> str:
    found = fitted(message, SMS._replace(text=longest))
    assert (found.title, found.html) == ("", "")
    assert len(found.body) <= longest
    return found.body


def test_a_text_message_says_what_where_when_and_by_which_id() -> None:
    assert sms(changes_message([CHANGE], PAGES)) == snapshot("""\
Jike 即刻 disappeared from the App Store in China (cn)
2020-06-09 14:02 - 14:17 UTC
https://a.example/cn/966129812
appwatch: c-1\
""")


def test_a_text_message_that_may_be_a_repeat_says_so() -> None:
    assert sms(changes_message([CHANGE], PAGES, possible_repeat=True)) == snapshot("""\
Possible repeat: Jike 即刻 disappeared from the App Store in China (cn)
2020-06-09 14:02 - 14:17 UTC
https://a.example/cn/966129812
appwatch: c-1\
""")
    long = replace(CHANGE, name="Name " * 30)
    text = sms(changes_message([long], PAGES, possible_repeat=True), 140)
    assert text.startswith("Possible repeat: Name")
    assert text.endswith("https://a.example/cn/966129812\nappwatch: c-1")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("longest", [140, 160, 280])
def test_a_long_name_takes_no_room_from_the_place_the_link_and_the_ids(
    language: str, longest: int
) -> None:
    long = replace(CHANGE, id="c-01kb2x9hq4m7p3ad", name="Name " * 30)
    text = sms(changes_message([long], PAGES, language=language), longest)
    assert "cn" in text.splitlines()[0]
    assert text.endswith("https://a.example/cn/966129812\nappwatch: c-01kb2x9hq4m7p3ad")


def test_many_ids_are_counted_and_the_command_that_lists_them_is_named() -> None:
    assert sms(changes_message(MANY, PAGES)) == snapshot("""\
Jike 即刻 disappeared from the App Store in 14 storefronts
and 12 more: appwatch incidents show i-1
appwatch: c-0000000000000000 c-0000000000000001\
""")


def test_many_ids_of_several_incidents_are_listed_by_the_day() -> None:
    several = [replace(change, incident=change.id) for change in MANY]
    text = sms(changes_message(several, PAGES))
    assert "\nand 12 more: appwatch changes --since 2020-06-09\nappwatch: c-0" in text


def test_where_there_is_room_every_id_is_named() -> None:
    text = sms(changes_message(MANY, PAGES), 600)
    assert text.splitlines()[-1].split()[1:] == [change.id for change in MANY]


@pytest.mark.parametrize("longest", range(30, 170, 7))
def test_however_little_fits_the_last_line_stays(longest: int) -> None:
    other = replace(CHANGE, id="c-2", app="castro", name="Castro", incident="i-2")
    for message in (
        changes_message([CHANGE], PAGES),
        changes_message([CHANGE, other], PAGES),
        notices_message([noticed("disputed")], PAGES),
    ):
        last = sms(message, longest).splitlines()[-1]
        assert last == message.body.splitlines()[-1]


def test_two_apps_in_one_text_message_are_both_named() -> None:
    other = replace(CHANGE, id="c-2", app="castro", name="Castro", incident="i-2")
    assert sms(changes_message([CHANGE, other], PAGES), 200).splitlines()[:2] == [
        "Jike 即刻 disappeared from the App Store in China (cn)",
        "Castro disappeared from the App Store in China (cn)",
    ]


def test_the_forms_grow_shorter() -> None:
    for changes in ([CHANGE], MANY):
        short = changes_message(changes, PAGES).short
        assert all(len(one) > len(other) for one, other in pairwise(short[-2:]))
        assert len(set(short)) == len(short)


def test_a_service_that_takes_little_gets_the_whole_where_it_fits() -> None:
    message = changes_message([CHANGE], PAGES)
    room = Room("bluesky", 280, 0, html=False)
    assert fitted(message, room).body == sms(message)
    assert fitted(message, room._replace(text=LITTLE)) == Message(message.title, message.body)


@pytest.mark.parametrize(
    "room", [SMS, Room("discord", 2000, 250, html=False), Room("mailto", 32_768, 250, html=True)]
)
def test_fitting_what_was_fitted_changes_nothing(room: Room) -> None:
    once = fitted(changes_message(MANY, PAGES), room)
    assert fitted(once, room) == once


def test_a_name_calls_nobody_in_a_chat_and_stays_as_it_is_in_a_mail() -> None:
    called = replace(CHANGE, name="@everyone x@Here <!channel> <@U123> me@a.example")
    message = changes_message([called], PAGES)
    chat = fitted(message, Room("slack", 35_000, 250, html=False))
    for text in (chat.title, chat.body):
        assert not [call for call in ("@everyone", "@Here", "<!channel", "<@U1") if call in text]
        assert "me@a.example" in text
    mail = fitted(message, Room("mailto", 32_768, 250, html=False))
    assert mail.title.startswith("@everyone x@Here <!channel> <@U123>")


def test_a_name_is_no_link_in_a_chat() -> None:
    name = "[Jike](https://a.example) <https://b.example|J>"
    message = changes_message([replace(CHANGE, name=name)], PAGES)
    for scheme in ("slack", "discord"):
        chat = fitted(message, Room(scheme, 35_000, 250, html=False))
        assert not [mark for mark in ("](", "<https:") if mark in chat.title + chat.body]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("longest", [140, 160, 300])
@pytest.mark.parametrize("number", [1, 2, 3, 60])
def test_a_short_form_keeps_its_ids_whole_and_what_leads_to_the_rest(
    language: str, longest: int, number: int
) -> None:
    incident, base = "i-01kb2x9hq4m7p3ad", "https://watch.example.org"
    changes = [
        replace(CHANGE, id=f"c-01kb2x9hq4m7p{n:03}", storefront=f"a{n}", incident=incident)
        for n in range(number)
    ]
    message = changes_message(changes, replace(PAGES, base_url=base), language=language)
    text = sms(message, longest)
    told = text.splitlines()[-1].split()[1:]
    assert told == [change.id for change in changes[: len(told)]]
    assert told
    assert f"{base}/incidents/{incident}\n" in text
    assert len(told) == number or f" {number - len(told)} " in text
    assert "Jike" in text.splitlines()[0]


def test_what_a_service_takes_is_what_apprise_says_of_it() -> None:
    assert _room(_service(TEXT_MESSAGE_URL), TEXT_MESSAGE_URL) == SMS
    mail = "mailto://me:secret@a.example"
    assert _room(_service(mail), mail) == Room("mailto", 32_768, 250, html=True)
    assert not _room(_service(f"{mail}?format=text"), mail).html


def test_every_group_of_schemes_is_among_them() -> None:
    assert MAILS | TEXT_MESSAGES <= PLAIN < SCHEMES


def test_a_chat_that_takes_parts_cuts_no_id_and_ends_with_ids() -> None:
    many = [replace(CHANGE, id=f"c-{n:016}", storefront=f"a{n}") for n in range(100)]
    message = changes_message(many, PAGES)
    assert fitted(message, Room("discord", 2000, 250, html=False)).body == message.body
    service = _service("discord://123456789012345678/abcdefghijklmnopqrstuvwxyz")
    parts = service._apply_overflow(message.body, message.title)
    assert len(parts) > 1
    words = {word for part in parts for word in part["body"].split()}
    assert [c for c in message.body.splitlines()[-1].split()[1:] if c not in words] == []


def test_a_chat_is_not_flooded_with_parts() -> None:
    many = [replace(c, id=f"c-{n:016}") for n, c in enumerate(MANY * 15)]
    message = changes_message(many, PAGES)
    room = Room("discord", 2000, 250, html=False)
    flood = fitted(message, room)
    assert len(message.body) > 50_000
    assert len(flood.body) < 2000
    assert "and 208 more: appwatch incidents show i-1\nappwatch: c-0000000000000000 " in flood.body
    assert fitted(message, room._replace(scheme="json")).body == message.body


def test_a_title_is_cut_before_the_service_cuts_it() -> None:
    url = f"zulip://bot@example/{'a1' * 16}/news"
    service = _service(url)
    long = changes_message([replace(CHANGE, name="Name " * 30)], PAGES)
    message = fitted(long, _room(service, url))
    [part] = service._apply_overflow(message.body, message.title)
    assert part["title"] == message.title
    assert message.title.endswith("…")
