"""Where each store sells, and what it calls the place and its money."""

from functools import lru_cache

# The 175 App Store storefronts since April 2020.
_APP_STORE = """
ae af ag ai al am ao ar at au az ba bb be bf bg bh bj bm bn bo br bs bt bw by bz ca cd cg ch ci
cl cm cn co cr cv cy cz de dk dm do dz ec ee eg es fi fj fm fr ga gb gd ge gh gm gr gt gw gy hk
hn hr hu id ie il in iq is it jm jo jp ke kg kh kn kr kw ky kz la lb lc lk lr lt lu lv ly ma md
me mg mk ml mm mn mo mr ms mt mu mv mw mx my mz na ne ng ni nl no np nr nz om pa pe pg ph pk pl
pt pw py qa ro rs ru rw sa sb sc se sg si sk sl sn sr st sv sz tc td th tj tm tn to tr tt tw tz
ua ug us uy uz vc ve vg vn vu xk ye za zm zw
"""
APP_STORE_STOREFRONTS = frozenset(_APP_STORE.split())
# No storefronts, yet lookup answers 200 and nothing there, for every app (recorded 2019).
SILENT_COUNTRIES = frozenset({"ad", "bd", "cf", "et", "gn", "li", "mc", "ps", "ws"})
# Google Play answers 404 there for every app (recorded 2019).
UNSERVED_BY_PLAY = frozenset({"kp", "sy"})

# Where Play's own English name differs from the common one.
_PLAY_NAMES = {"hk": "Hong Kong", "mo": "Macao", "mm": "Myanmar (Burma)"}


@lru_cache(maxsize=512)
def country_name(code: str, language: str = "en") -> str | None:
    """Return what Google Play calls the country in this language, or None for no country."""
    from babel import Locale, UnknownLocaleError  # slow to import, needed by Play pages alone

    try:
        names = Locale.parse(language.replace("-", "_")).territories
    except (UnknownLocaleError, ValueError):
        names = Locale.parse("en").territories
    known = str(names[code.upper()]) if code.isalpha() and code.upper() in names else None
    return _PLAY_NAMES.get(code, known) if language.startswith("en") else known


@lru_cache(maxsize=512)
def currency(code: str) -> str:
    """Return the country's currency (ISO 4217), or USD where none is known."""
    from babel.numbers import get_territory_currencies  # slow to import, as above

    known = get_territory_currencies(code.upper())
    return known[-1] if known else "USD"
