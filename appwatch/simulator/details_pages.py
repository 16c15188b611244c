"""Google Play's pages: details, home and "not found"."""

from datetime import datetime
from html import escape

from appwatch.simulator.bodies import Piece, padding, piece, steady
from appwatch.simulator.details_data import (
    Block,
    DetailsPage,
    DetailsPageLayout,
    country_block,
    data_blocks,
)
from appwatch.simulator.places import currency
from appwatch.simulator.script_data import script_json
from appwatch.simulator.world import Presence, SimulatedApp

NOT_FOUND_PAGE = (
    '<!DOCTYPE html><html><head><meta http-equiv="content-type" content="text/html;charset=utf-8">'
    "<title>Not Found</title><style>body{font-family:arial,sans-serif;text-align:center}</style>"
    '</head><body text="#000000" bgcolor="#ffffff" dir="ltr"><div id="content">'
    '<div id="error-section" class="rounded">We\'re sorry, the requested URL was not found on '
    'this server.</div><div id="search-section" class="rounded"><a href="/store">Google Play</a>'
    '<form id="search-box" method="get" action="/store/search"><input type="text" value="" '
    'name="q"><input type="submit" value="Search"></form></div></div></body></html>'
)


def details_page(page: DetailsPage) -> tuple[Piece, ...]:
    """Return the page; its data stands behind about nine tenths of the bytes."""
    blocks = data_blocks(page)
    names = _names(blocks, page)
    opening = _opening(page, _address(page)) + _services(blocks, names)
    markup = f"</head><body>{_markup(page)}{_linked(page)}<script>/*"
    data = "*/</script>" + _callbacks(blocks, names, page)
    head = piece((opening + markup).encode())
    tail = piece(f"{data}</body></html>".encode())
    return (head, padding(max(page.size - len(head.raw) - len(tail.raw), 0)), tail)


def home_page(storefront: str, moment: datetime, size: int) -> tuple[Piece, ...]:
    """Return Play's home page: the right host, and no trace of any listing asked."""
    nobody = SimulatedApp("Android Apps on Google Play", google_play="")
    page = DetailsPage(nobody, storefront, Presence.ABSENT, moment, size=size)
    blocks = [country_block(page), Block("lGYRle", [], [None, [["Top charts"]]])]
    names = {"jRco8": "ds:1", "lGYRle": "ds:2"}
    opening = _opening(page, "https://play.google.com/store/apps")
    callbacks = "".join(_callback(names[block.service], 1, block, page) for block in blocks)
    return (
        piece(f"{opening}</head><body><script>/*".encode()),
        padding(size),
        piece(f"*/</script>{callbacks}</body></html>".encode()),
    )


def _opening(page: DetailsPage, address: str) -> str:
    title = f"{escape(page.app.name)} - Apps on Google Play"
    moment = int(page.moment.timestamp()) * 1_000_000
    package = escape(page.package)
    return (
        '<!doctype html><html lang="en" dir="ltr"><head><base href="https://play.google.com/">'
        f'<script data-id="_gd">window.WIZ_global_data = {{"Yllh3e":"%.@.{moment},134057338]",'
        '"cfb2h":"boq_playuiserver_20260630.08_p0"};</script>'
        f'<link rel="canonical" href="{address}"><meta property="og:url" content="{address}">'
        f'<meta property="og:title" content="{title}"><title id="main-title">{title}</title>'
        f'<meta name="appstore:bundle_id" content="{package}">'
        f'<meta name="appstore:store_id" content="{package}">'
    )


def _address(page: DetailsPage) -> str:
    return (
        f"https://play.google.com/store/apps/details?id={page.package}"
        f"&amp;hl={page.language}&amp;gl={page.storefront}"
    )


def _names(blocks: list[Block], page: DetailsPage) -> list[str]:
    """Give each block a ds number, other ones in each variant."""
    numbers = list(range(len(blocks)))
    steady(f"{page.package}:{page.variant}").shuffle(numbers)
    return [f"ds:{number}" for number in numbers]


def _services(blocks: list[Block], names: list[str]) -> str:
    entries = [
        f"'{name}' : {{id:'{block.service}',request:{script_json(block.request)}}}"
        for name, block in sorted(
            zip(names, blocks, strict=True), key=lambda pair: int(pair[0][3:])
        )
    ]
    return (
        f"<script>var AF_dataServiceRequests = {{{','.join(entries)}}}; "
        "var AF_initDataChunkQueue = []; var AF_initDataCallback;</script>"
    )


def _callbacks(blocks: list[Block], names: list[str], page: DetailsPage) -> str:
    pairs = list(zip(names, blocks, strict=True))
    steady(f"order:{page.package}:{page.variant}").shuffle(pairs)
    return "".join(
        _callback(name, position, block, page)
        for position, (name, block) in enumerate(pairs, start=1)
    )


def _callback(name: str, position: int, block: Block, page: DetailsPage) -> str:
    data = script_json(block.data)
    if page.layout is DetailsPageLayout.OLD:
        told = f"isError:  false , hash: '{position}', data:function(){{return {data}\n}}"
    else:
        told = f"hash: '{position}', data:{data}, sideChannel: {{}}"
    return f"<script class=\"{name}\">AF_initDataCallback({{key: '{name}', {told}}});</script>"


def _markup(page: DetailsPage) -> str:
    name = f'<h1 itemprop="name"><span>{escape(page.app.name)}</span></h1>'
    if page.presence is Presence.PREREGISTRATION:
        return f'{name}<button aria-label="Pre-register"><span>Pre-register</span></button>'
    if not page.offered:
        return name
    address = f"https://play.google.com/store/apps/details?id={page.package}&amp;feature=md"
    return (
        f'{name}<button aria-label="Install"><span><span itemprop="offers" itemscope '
        f'itemtype="https://schema.org/Offer"><meta itemprop="url" content="{address}">'
        '<meta itemprop="price" content="0"></span></span>Install</button>'
    )


def _linked(page: DetailsPage) -> str:
    """Return linked data: InStock even where nothing is offered, as recorded in 2019."""
    offer = {
        "@type": "Offer",
        "price": "0",
        "priceCurrency": currency(page.storefront),
        "availability": "https://schema.org/InStock",
    }
    value = {
        "@context": "https://schema.org",
        "@type": "SoftwareApplication",
        "name": page.app.name,
        "url": f"https://play.google.com/store/apps/details?id={page.package}",
        "operatingSystem": "ANDROID",
        "author": {"@type": "Person", "name": page.app.developer},
        "offers": [offer],
    }
    return f'<script type="application/ld+json">{script_json(value)}</script>'
