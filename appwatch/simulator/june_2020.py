"""June 2020, when real apps left and came back: a world, its faults and its watchlist.

Days are as the press reported them; the hours are ours, but for Jike's return. Where nothing
was reported a listing stays as it was. Zynn's ids are made up: its own are not known.
"""

from collections.abc import Callable
from datetime import UTC, datetime

from appwatch.simulator.faults import Fault, FaultKind, Faults, Surface
from appwatch.simulator.world import (
    APP_STORE,
    GOOGLE_PLAY,
    Event,
    Presence,
    SimulatedApp,
    World,
)

BEFORE = datetime(2019, 7, 12, tzinfo=UTC)  # watching begins, once a week
START = datetime(2020, 6, 5, tzinfo=UTC)  # from here on four times a day
END = datetime(2020, 6, 17, tzinfo=UTC)

ZYNN = SimulatedApp(
    "Zynn", "Owlii", app_store="9000000001", google_play="com.example.zynn", stand_in=True
)
JIKE = SimulatedApp(
    "Jike 即刻",
    "Ruguo",
    app_store="966129812",
    google_play="com.ruguoapp.jike",
    updated=datetime(2019, 6, 20, 9, 30, tzinfo=UTC),  # before it left
)
POCKET_CASTS = SimulatedApp("Pocket Casts", "Podcast Media LLC", app_store="414834813")
CASTRO = SimulatedApp("Castro", "Supertop", app_store="1080840241")
OVERCAST = SimulatedApp("Overcast", "Overcast Radio, LLC", app_store="888422857")
SIGNAL = SimulatedApp(
    "Signal",
    "Open Whisper Systems",
    app_store="874139669",
    google_play="org.thoughtcrime.securesms",
)

APP_STORE_CONTROLS = frozenset(
    """
    361309726 899247664 361285480 361304891 408709785 377298193 364709193 375380948 1108187390
    """.split()
)
GOOGLE_PLAY_CONTROLS = frozenset(
    """
    com.google.android.apps.maps com.google.android.gm com.google.android.youtube
    com.android.chrome com.google.android.apps.translate com.google.android.apps.photos
    com.google.android.apps.docs com.google.android.calendar com.google.android.gms
    """.split()
)

ZYNN_LEAVES_PLAY = datetime(2020, 6, 9, 21, tzinfo=UTC)  # reported on the 10th
ZYNN_LEAVES_APP_STORE = datetime(2020, 6, 15, 18, tzinfo=UTC)  # reported on the 15th and 16th
JIKE_LEFT = datetime(2019, 7, 15, tzinfo=UTC)
JIKE_RETURNS = datetime(2020, 6, 10, 4, tzinfo=UTC)  # 12:00 in Beijing
POCKET_CASTS_LEAVES = datetime(2020, 6, 10, 20, tzinfo=UTC)  # reported on the 10th and 11th
CASTRO_LEAVES = datetime(2020, 6, 7, 8, tzinfo=UTC)  # reported a few days later

_CN = frozenset({"cn"})
_EVENTS = (
    (JIKE_LEFT, Event(APP_STORE, JIKE.app_store, Presence.ABSENT, _CN)),
    (CASTRO_LEAVES, Event(APP_STORE, CASTRO.app_store, Presence.ABSENT, _CN)),
    (ZYNN_LEAVES_PLAY, Event(GOOGLE_PLAY, ZYNN.google_play, Presence.ABSENT)),
    (JIKE_RETURNS, Event(APP_STORE, JIKE.app_store, Presence.LISTED, _CN)),
    (POCKET_CASTS_LEAVES, Event(APP_STORE, POCKET_CASTS.app_store, Presence.ABSENT, _CN)),
    (ZYNN_LEAVES_APP_STORE, Event(APP_STORE, ZYNN.app_store, Presence.ABSENT)),
)

# A false empty: every lookup there finds nothing, the controls neither. No app has left.
FALSE_EMPTY = Fault(
    FaultKind.FALSE_ABSENCE,
    surface=Surface.LOOKUP,
    storefronts=frozenset({"jp"}),
    since=datetime(2020, 6, 8, 1, tzinfo=UTC),
    until=datetime(2020, 6, 8, 20, tzinfo=UTC),
)
# An outage: for half an hour every surface misses all but Apple's own apps. No app has left.
OUTAGE = Fault(
    FaultKind.FALSE_ABSENCE,
    store=APP_STORE,
    storefronts=frozenset({"gb"}),
    listings=frozenset(
        app.app_store for app in (ZYNN, JIKE, POCKET_CASTS, CASTRO, OVERCAST, SIGNAL)
    ),
    since=datetime(2020, 6, 11, 9, 15, tzinfo=UTC),
    until=datetime(2020, 6, 11, 9, 45, tzinfo=UTC),
)
CAPTCHA_SPELL = Fault(
    FaultKind.CAPTCHA_REDIRECT,
    surface=Surface.DETAILS_PAGE,
    storefronts=frozenset({"in"}),
    since=datetime(2020, 6, 12, 1, tzinfo=UTC),
    until=datetime(2020, 6, 12, 14, tzinfo=UTC),
)

WATCHLIST_BEFORE = """\
# From July 2019 on: the apps that exist, looked at once a week.
every: 7d
storefronts:
  app_store: [cn, hk, jp, us, gb]
  google_play: [us, gb, in]
controls:
  app_store: [361309726, 899247664]
  google_play: [com.google.android.apps.maps]
apps:
  - id: jike
    name: Jike 即刻
    app_store: 966129812
    google_play: com.ruguoapp.jike
    storefronts: {app_store: [cn]}
    tags: [social]
alerts:
  - name: newsroom
    to: "${DEMO_URL}"
"""

WATCHLIST = """\
# June 2020: what the simulated stores show in the demo.
every: 6h
storefronts:
  app_store: [cn, hk, jp, us, gb]
  google_play: [us, gb, in]
controls:
  app_store: [361309726, 899247664]
  google_play: [com.google.android.apps.maps]
apps:
  - id: zynn
    name: Zynn
    app_store: 9000000001          # a stand-in: Zynn's own id is not known
    google_play: com.example.zynn  # a stand-in: Zynn's own package is not known
    tags: [video]
    reason: "Left Google Play on 9 or 10 June 2020, the App Store on 15 June"
  - id: jike
    name: Jike 即刻
    app_store: 966129812
    google_play: com.ruguoapp.jike
    storefronts: {app_store: [cn]}
    tags: [social]
    reason: "Gone from the App Store in China from July 2019 to June 2020"
  - id: pocket-casts
    name: Pocket Casts
    app_store: 414834813
    tags: [podcasts]
    reason: "Left the App Store in China on 10 or 11 June 2020"
  - id: castro
    name: Castro
    app_store: 1080840241
    tags: [podcasts]
    reason: "Left the App Store in China about 7 June 2020"
  - id: overcast
    name: Overcast
    app_store: 888422857
    tags: [podcasts]
    reason: "Stays: a neighbour of those that leave"
  - id: signal
    name: Signal
    app_store: 874139669
    google_play: org.thoughtcrime.securesms
    tags: [messengers]
    reason: "Stays in both stores"
alerts:
  - name: newsroom
    to: "${DEMO_URL}"
"""


def june_2020(now: Callable[[], datetime]) -> tuple[World, Faults]:
    """Return the world of June 2020 and what is wrong with its stores, read through `now`."""
    world = World(now, [ZYNN, JIKE, POCKET_CASTS, CASTRO, OVERCAST, SIGNAL])
    world.add_controls(APP_STORE, APP_STORE_CONTROLS)
    world.add_controls(GOOGLE_PLAY, GOOGLE_PLAY_CONTROLS)
    for moment, event in _EVENTS:
        world.at(moment, event)
    return world, Faults([FALSE_EMPTY, OUTAGE, CAPTCHA_SPELL])
