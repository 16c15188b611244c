"""Apple's 175 App Store storefronts, by ISO 3166-1 alpha-2 code in lower case."""

# The list has stood since April 2020. Source: ArtSabintsev/Siren, AppStoreCountry.swift.
STOREFRONTS = tuple(
    """
    ae af ag ai al am ao ar at au az ba bb be bf bg
    bh bj bm bn bo br bs bt bw by bz ca cd cg ch ci
    cl cm cn co cr cv cy cz de dk dm do dz ec ee eg
    es fi fj fm fr ga gb gd ge gh gm gr gt gw gy hk
    hn hr hu id ie il in iq is it jm jo jp ke kg kh
    kn kr kw ky kz la lb lc lk lr lt lu lv ly ma md
    me mg mk ml mm mn mo mr ms mt mu mv mw mx my mz
    na ne ng ni nl no np nr nz om pa pe pg ph pk pl
    pt pw py qa ro rs ru rw sa sb sc se sg si sk sl
    sn sr st sv sz tc td th tj tm tn to tr tt tw tz
    ua ug us uy uz vc ve vg vn vu xk ye za zm zw
    """.split()
)
_KNOWN = frozenset(STOREFRONTS)
_MEANT = {"uk": "gb", "ko": "kr", "el": "gr", "ks": "xk"}


def refuse_storefront(storefront: str) -> str | None:
    """Return why this is no App Store storefront and what was expected, or None."""
    if storefront in _KNOWN:
        return None
    if storefront.lower() in _MEANT:
        return f"{storefront!r} is no storefront; use {_MEANT[storefront.lower()]}"
    if storefront.lower() in _KNOWN:
        return f"{storefront!r} is written in lower case; use {storefront.lower()}"
    return f"Apple has no App Store for {storefront!r}; use one of its 175 storefronts"
