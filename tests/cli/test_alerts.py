import json

import pytest

from appwatch.simulator import Failure, Receiver
from tests.cli.conftest import Office

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


def test_list_shows_the_scheme_and_nothing_else_of_an_address(office: Office) -> None:
    office.environment["NEWSROOM_URL"] = "json://user:hunter2@127.0.0.1/hidden"
    result = office.call("alerts", "list")
    (row,) = [json.loads(line) for line in result.stdout.splitlines()]
    assert (row["channel"], row["variable"], row["scheme"]) == ("newsroom", "NEWSROOM_URL", "json")
    assert "hunter2" not in result.output
    assert "hidden" not in result.output


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
    assert office.call("alerts", "deliveries", "--status", "failed").stdout == ""


def test_a_failed_delivery_makes_check_exit_1(office: Office, newsroom: Receiver) -> None:
    newsroom.fail(Failure.SERVER_ERROR)
    result = office.call("check", "--send")
    assert result.exit_code == 1
    assert "Alerts: 0 sent, 1 failed, 1 waiting." in result.stderr
