"""A world of stores on loopback, for the demo, the tests and the benchmarks.

It plays the other side, from what is recorded and documented of the stores, and shares no code
with the readers of their answers.
"""

from appwatch.simulator.details_data import DetailsPageLayout
from appwatch.simulator.endpoints import Appearance
from appwatch.simulator.faults import Fault, FaultKind, Faults, Surface
from appwatch.simulator.june_2020 import june_2020
from appwatch.simulator.product_pages import ProductPageLayout
from appwatch.simulator.receiver import Failure, Message, Receiver, receive
from appwatch.simulator.recorded import (
    Recordings,
    page_files,
    recorded_lookups,
    recorded_pages,
    recorded_world,
)
from appwatch.simulator.server import SeenRequest, Simulator, serve
from appwatch.simulator.world import (
    APP_STORE,
    GOOGLE_PLAY,
    Event,
    Presence,
    SimulatedApp,
    World,
)

__all__ = [
    "APP_STORE",
    "GOOGLE_PLAY",
    "Appearance",
    "DetailsPageLayout",
    "Event",
    "Failure",
    "Fault",
    "FaultKind",
    "Faults",
    "Message",
    "Presence",
    "ProductPageLayout",
    "Receiver",
    "Recordings",
    "SeenRequest",
    "SimulatedApp",
    "Simulator",
    "Surface",
    "World",
    "june_2020",
    "page_files",
    "receive",
    "recorded_lookups",
    "recorded_pages",
    "recorded_world",
    "serve",
]
