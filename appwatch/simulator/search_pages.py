"""Google Play's search page: one app at length, the others in a list, as recorded in July 2026."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from appwatch.simulator.bodies import Piece, piece
from appwatch.simulator.details_data import Block, DetailsPage, country_block
from appwatch.simulator.script_data import script_json
from appwatch.simulator.world import Presence, SimulatedApp

_SERVICE = "lGYRle"


def search_page(
    apps: Sequence[SimulatedApp], storefront: str, moment: datetime
) -> tuple[Piece, ...]:
    """Return the page that a search shows which found these apps."""
    nobody = DetailsPage(SimulatedApp("Search"), storefront, Presence.ABSENT, moment)
    sections = [*([_shown(apps[0])] if apps else []), _listed(apps[1:])]
    results = Block(_SERVICE, [[], [[8, [20, 50]]]], [[None, sections], None, []])
    blocks = {"ds:5": country_block(nobody), "ds:4": results}
    services = ",".join(
        f"'{name}' : {{id:'{block.service}',request:{script_json(block.request)}}}"
        for name, block in blocks.items()
    )
    callbacks = "".join(
        f"<script class=\"{name}\">AF_initDataCallback({{key: '{name}', hash: '1', "
        f"data:{script_json(block.data)}, sideChannel: {{}}}});</script>"
        for name, block in blocks.items()
    )
    return (
        piece(
            '<!doctype html><html lang="en"><head><title>Android Apps on Google Play</title>'
            f"<script>var AF_dataServiceRequests = {{{services}}}; var AF_initDataCallback;"
            f"</script></head><body>{callbacks}</body></html>".encode()
        ),
    )


def _shown(app: SimulatedApp) -> list[Any]:
    """Return the section of the app that the store takes for the one that was meant."""
    facts: list[Any] = [None] * 69
    facts[0], facts[68] = [app.name], [app.developer]
    section: list[Any] = [None] * 24
    section[23] = [*[None] * 16, [None, None, facts, {"12": [[app.google_play, 7]]}], []]
    return section


def _listed(apps: Sequence[SimulatedApp]) -> list[Any]:
    rows = []
    for app in apps:
        row: list[Any] = [None] * 15
        row[0], row[3], row[14] = [app.google_play, 7], app.name, app.developer
        rows.append([row])
    section: list[Any] = [None] * 23
    section[22] = [rows, [""]]
    return section
