import json
from datetime import timedelta

import pytest

from appwatch.db import channels
from appwatch.db.channels import ChannelState
from appwatch.db.outbox import gathering
from appwatch.simulator import Failure, Receiver, World
from tests.cli.conftest import WATCHLIST, Clock, Office

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def test_list_shows_the_scheme_and_nothing_else_of_an_address(office: Office) -> None:
    office.environment["NEWSROOM_URL"] = "json://user:hunter2@127.0.0.1/hidden"
    result = office.call("alerts", "list")
    (row,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (row["channel"], row["variable"], row["scheme"]) == ("newsroom", "NEWSROOM_URL", "json")
    assert row["language"] == "en"
    assert "hunter2" not in result.output
    assert "hidden" not in result.output


def test_list_shows_nothing_of_an_address_whose_scheme_is_forgotten(office: Office) -> None:
    office.environment["NEWSROOM_URL"] = "user:hunter2@127.0.0.1/hidden?then=http://127.0.0.1"
    result = office.call("alerts", "list")
    row = json.loads(result.stdout)
    assert (row["scheme"], "has no scheme" in row["problem"]) == (None, True)
    assert "hunter2" not in result.output


def test_list_tells_of_a_channel_that_cannot_be_used(office: Office) -> None:
    office.environment["NEWSROOM_URL"] = "exec://rm"
    result = office.call("alerts", "list")
    assert result.exit_code == 1
    assert "none that alerts can use" in json.loads(result.stdout)["problem"]


def test_test_sends_a_message(office: Office, newsroom: Receiver) -> None:
    result = office.call("alerts", "test", "newsroom")
    assert result.exit_code == 0
    assert "newsroom: sent" in result.stdout
    assert newsroom.messages[0].title == "appwatch: test of newsroom"


def test_test_exits_1_when_the_service_fails(office: Office, newsroom: Receiver) -> None:
    newsroom.fail(Failure.SERVER_ERROR)
    assert office.call("alerts", "test").exit_code == 1


def test_test_refuses_a_channel_that_does_not_exist(office: Office) -> None:
    result = office.call("alerts", "test", "newsrom")
    assert result.exit_code == 2
    assert "there is newsroom" in result.stderr


def test_test_needs_the_variable(office: Office) -> None:
    del office.environment["NEWSROOM_URL"]
    result = office.call("alerts", "test")
    assert result.exit_code == 2
    assert "the variable NEWSROOM_URL is not set" in result.stderr


def test_deliveries_show_what_was_sent(office: Office) -> None:
    office.call("check", "--send")
    (row,) = map(json.loads, office.call("alerts", "deliveries").stdout.splitlines())
    assert (row["channel"], row["subject"], row["status"]) == ("newsroom", "first_report", "sent")
    assert office.call("alerts", "deliveries", "--status", "queued").stdout == ""


def test_a_failed_delivery_makes_check_exit_1(office: Office, newsroom: Receiver) -> None:
    newsroom.fail(Failure.SERVER_ERROR)
    result = office.call("check", "--send")
    assert result.exit_code == 1
    assert "Alerts: 0 sent, 1 failed, 1 waiting." in result.stderr


def test_a_shell_without_the_variable_switches_no_channel_off(
    office: Office, newsroom: Receiver
) -> None:
    address = office.environment.pop("NEWSROOM_URL")
    result = office.call("check", "--send")
    assert (result.exit_code, "its variable is not set" in result.stderr) == (1, True)
    office.environment["NEWSROOM_URL"] = address
    assert office.call("alerts", "list").exit_code == 0
    assert "1 sent, 0 failed, 0 waiting" in office.call("check", "--send").stderr
    assert [one.title for one in newsroom.messages] == [
        "appwatch: begins watching 5 targets; 0 were already absent"
    ]


def test_deliveries_show_every_attempt_in_the_services_words(
    office: Office, newsroom: Receiver
) -> None:
    newsroom.fail(Failure.SERVER_ERROR, times=1)
    office.call("check", "--send")
    office.clock.moment += timedelta(minutes=1)
    office.call("check", "--send")
    found = office.call("alerts", "deliveries", "--attempts").stdout
    first, second = map(json.loads, found.splitlines())
    assert (first["result"], second["result"]) == ("failed", "sent")
    assert first["words"].endswith("error=500.")
    assert first["channel"] == "newsroom"


def test_show_repeats_a_message_to_the_letter(office: Office, newsroom: Receiver) -> None:
    office.call("check", "--send")
    [sent] = newsroom.messages
    result = office.call("alerts", "show", "1")
    assert result.stdout == f"{sent.title}\n\n{sent.body}\n"
    assert "Message 1 to newsroom, first_report: sent." in result.stderr
    unknown = office.call("alerts", "show", "c-nothing")
    assert unknown.exit_code == 2
    assert "No message has the id 'c-nothing'" in unknown.stderr


def test_show_repeats_what_was_sent_though_another_message_tells_it_now(
    office: Office, newsroom: Receiver
) -> None:
    newsroom.fail(Failure.CLOSED_AFTER)
    office.call("check", "--send")
    [sent] = newsroom.messages
    with office.services() as services, services.database.write() as connection:
        assert gathering.sum_up(connection, "newsroom", [1], office.clock()) == 2
    result = office.call("alerts", "show", "1")
    assert result.stdout == f"{sent.title}\n\n{sent.body}\n"
    assert "Message 2 tells it, too." in result.stderr
    later = office.call("alerts", "show", "2")
    assert (later.exit_code, later.stdout) == (1, "")
    log = office.call("alerts", "deliveries", "--attempts").stdout
    assert (json.loads(log)["title"], json.loads(log)["body"]) == (sent.title, sent.body)


def test_show_repeats_what_was_sent_of_a_change_though_a_digest_of_it_waits(
    office: Office, world: World, newsroom: Receiver
) -> None:
    archive = '{name: archive, to: "${NEWSROOM_URL}", digest: "08:00 UTC"}'
    office.write(f"{WATCHLIST}  - {archive}\n")
    office.call("check", "--app", "castro", "--send")
    world.remove("app_store", "1080840241", ["cn"])
    for _ in range(2):
        office.call("check", "--app", "castro", "--send")
    sent = newsroom.messages[-1]
    waiting = json.loads(office.call("alerts", "deliveries").stdout.splitlines()[0])
    assert (waiting["channel"], waiting["status"]) == ("archive", "queued")
    [told] = waiting["changes"]
    result = office.call("alerts", "show", told)
    assert (result.exit_code, result.stdout) == (0, f"{sent.title}\n\n{sent.body}\n")


def test_a_channel_that_was_refused_is_off_until_its_test_arrives(
    office: Office, newsroom: Receiver
) -> None:
    newsroom.fail(Failure.REFUSED)
    office.call("check", "--send")
    listed = office.call("alerts", "list")
    assert listed.exit_code == 1
    assert json.loads(listed.stdout)["off_words"].endswith("error=403.")
    assert "newsroom is switched off since" in office.call("status").stderr
    alarms = office.call("alerts", "alarms")
    assert alarms.exit_code == 1
    assert "newsroom is switched off since" in alarms.stderr
    assert office.call("alerts", "test").exit_code == 1
    newsroom.recover()
    assert office.call("alerts", "test").exit_code == 0
    assert office.call("alerts", "list").exit_code == 0
    assert office.call("alerts", "alarms").exit_code == 0
    office.call("check", "--send")
    assert [one.title.split(":")[1] for one in newsroom.messages] == [
        " test of newsroom",
        " begins watching 5 targets; 0 were already absent",
    ]


def test_retry_sends_at_once_and_switches_on(office: Office, newsroom: Receiver) -> None:
    newsroom.fail(Failure.REFUSED, times=1)
    office.call("check", "--send")
    result = office.call("alerts", "retry")
    assert result.stdout.splitlines() == [
        "1 message is tried again, by `appwatch run` or `check --send`.",
        "newsroom: switched on again.",
    ]
    assert "1 sent" in office.call("check", "--send").stderr
    gone = office.call("alerts", "retry", "1")
    assert gone.exit_code == 2
    assert "Message 1 was sent; see: appwatch alerts show 1" in gone.stderr


def test_retry_lifts_the_rest_of_the_channels_that_it_tries(
    office: Office, newsroom: Receiver
) -> None:
    newsroom.fail(Failure.SERVER_ERROR, times=1)
    office.call("check", "--send")
    assert "0 sent, 0 failed, 1 waiting" in office.call("check", "--send").stderr
    assert office.call("alerts", "retry", "1").exit_code == 0
    assert "1 sent" in office.call("check", "--send").stderr


def test_retry_leaves_a_channel_off_whose_address_cannot_be_used(office: Office) -> None:
    office.call("check")
    office.environment["NEWSROOM_URL"] = "exec://rm"
    with office.services() as services, services.database.write() as connection:
        cause = channels.Cause.UNUSABLE
        channels.switch_off(connection, "newsroom", cause, "Its scheme is none.", office.clock())
    for arguments in ((), ("1",)):
        result = office.call("alerts", "retry", *arguments)
        assert result.exit_code == 1
        assert "switched on again" not in result.stdout
        assert "newsroom is switched off since" in result.stderr


@pytest.mark.parametrize("words", ['It said: "no entry"', 'It said: "no entry".', "It said: no."])
def test_the_words_of_a_service_and_the_remedy_are_two_sentences(words: str) -> None:
    said = channels.off_sentence(ChannelState("newsroom", off_at=Clock()(), off_words=words))
    assert said.removesuffix("Mend it, then run: appwatch alerts test newsroom").endswith(
        f": {words.removesuffix('.')}. "
    )


NOBODY = "The watchlist names no channel, so nobody is told of anything"


@pytest.mark.parametrize(
    ("channels", "told"),
    [
        ("", NOBODY),
        (
            'alerts: [{name: newsroom, to: "${NEWSROOM_URL}", operator: true, on: []}]\n',
            "No channel of the watchlist is told of any change",
        ),
        (
            'alerts: [{name: ops, to: "${NEWSROOM_URL}", operator: true, on: [retracted]}]\n',
            "No channel of the watchlist is told of any change",
        ),
    ],
)
def test_where_nobody_is_told_it_is_said_and_is_no_error(
    office: Office, channels: str, told: str
) -> None:
    office.write(WATCHLIST[: WATCHLIST.index("alerts:")] + channels)
    for command in ("watchlist validate", "alerts list", "doctor"):
        result = office.call(*command.split())
        assert result.exit_code == 0, result.output
        assert result.output.count(told) == 1
    office.write(WATCHLIST)
    assert "is told of" not in office.call("watchlist", "validate").output


def test_the_table_shows_operators_quiet_hours_and_digests(office: Office) -> None:
    row = (
        '{name: n, to: "${NEWSROOM_URL}", digest: "08:00 UTC", operator: true,'
        ' quiet: {hours: "22:00-07:00 UTC"}}'
    )
    office.write(f"{WATCHLIST[: WATCHLIST.index('alerts:')]}alerts: [{row}]\n")
    head, line = office.call("alerts", "list", "--format", "table").stdout.splitlines()
    assert {"digest", "quiet", "operator"} <= set(head.split())
    assert "08:00 UTC" in line
    assert "22:00-07:00 UTC" in line
    assert "yes" in line


def test_a_channel_for_trouble_alone_gets_no_first_report(
    office: Office, newsroom: Receiver
) -> None:
    office.write(WATCHLIST.replace('_URL}"}', '_URL}", operator: true, on: []}'))
    assert office.call("check", "--send").exit_code == 0
    assert newsroom.messages == []
