"""Channels that hang, refuse, fail or drip delay no other one."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from appwatch.simulator import Failure, Receiver, World, receive
from tests.cli.conftest import WATCHLIST, Clock, Office
from tests.cli.processes import WallClock, eventually, hurried, ready, running

DEAD = {
    "hanging": Failure.HANG,
    "failing": Failure.SERVER_ERROR,
    "dripping": Failure.DRIP,
    "refusing": Failure.REFUSED,
    "closing": Failure.CLOSED,
}


@pytest.fixture
def clock() -> Clock:
    return WallClock()


@pytest.fixture
def dead(office: Office) -> Iterator[dict[str, Receiver]]:
    """Return receivers that fail, each in its way, and have the watchlist name them."""
    with ExitStack() as stack:
        made = {name: stack.enter_context(receive()) for name in DEAD}
        addresses = {name: one.apprise_url for name, one in made.items()}
        with closing(socket.create_server(("127.0.0.1", 0))) as unheard:
            addresses["unheard"] = f"json://127.0.0.1:{unheard.getsockname()[1]}/"
        addresses["unknown"] = "json://no-such-host.invalid/"
        with closing(socket.create_server(("127.0.0.1", 0))) as no_tls:
            addresses["no-tls"] = f"jsons://127.0.0.1:{no_tls.getsockname()[1]}/"
        for name, failure in DEAD.items():
            made[name].fail(failure)
        for name, address in addresses.items():
            office.environment[f"{name.upper().replace('-', '_')}_URL"] = address
        yield made


def versions(office: Office) -> list[str]:
    return office.call("watchlist", "history").stdout.splitlines()


def test_dead_channels_of_every_kind_delay_no_live_one(
    office: Office, world: World, newsroom: Receiver, dead: dict[str, Receiver]
) -> None:
    names = [*DEAD, "unheard", "unknown", "no-tls"]
    channels = "".join(
        f'  - {{name: {name}, to: "${{{name.upper().replace("-", "_")}_URL}}"}}\n' for name in names
    )
    live = '  - {name: newsroom, to: "${NEWSROOM_URL}", group_for: 0s}\n'
    watchlist = WATCHLIST[: WATCHLIST.index("  - {name: newsroom")] + channels + live
    with running(office, watchlist) as (_process, address):
        assert newsroom.wait_for(1, 20)
        assert eventually(lambda: all(one.attempts for one in dead.values()))
        hung = dead["hanging"].attempts
        for number, app in enumerate(("966129812", "1080840241"), start=2):
            world.remove("app_store", app, ["cn"])
            assert newsroom.wait_for(number, 20)
        assert dead["hanging"].attempts == hung  # what hung then hangs still
        assert eventually(lambda: "refusing" in str(ready(address)[1]["channels_off"]))
        failing = ("failing", "closing", "unheard", "unknown", "no-tls")
        for name in failing:
            assert name in str(ready(address)[1]["channels_failing"]), name


def test_a_channel_that_an_edit_adds_is_told_while_another_hangs(
    office: Office, world: World, newsroom: Receiver
) -> None:
    hanging = WATCHLIST.replace("newsroom, ", "hanging, ").replace("NEWSROOM", "HANGING")
    both = hurried(WATCHLIST + hanging.splitlines()[-1] + "\n")
    with receive() as hung:
        hung.fail(Failure.HANG)
        office.environment["HANGING_URL"] = hung.apprise_url
        with running(office, hanging) as (_process, address):
            assert eventually(lambda: hung.attempts == 1)
            office.write(both)
            assert eventually(lambda: len(versions(office)) == 2)
            world.remove("app_store", "1080840241", ["cn"])
            assert newsroom.wait_for(1, 20)
            assert ready(address)[1]["channels_failing"] == []


def test_a_channel_that_refused_is_tried_again_when_its_address_is_mended(
    office: Office, newsroom: Receiver, dead: dict[str, Receiver]
) -> None:
    variables = office.folder / ".env"
    variables.write_text(f"MENDED_URL={office.environment['REFUSING_URL']}\n")
    watchlist = WATCHLIST.replace("NEWSROOM_URL", "MENDED_URL")
    with running(office, watchlist) as (_process, address):
        assert eventually(lambda: "newsroom" in str(ready(address)[1]["channels_off"]))
        variables.write_text(f"MENDED_URL={newsroom.apprise_url}\n")
        assert newsroom.wait_for(1, 20)  # the first report, which waited
        assert ready(address)[1]["channels_off"] == []
    assert dead["refusing"].attempts == 1
