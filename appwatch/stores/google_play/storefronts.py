"""The countries that a page of Google Play may be asked for, and the names it calls them by."""

import re
import unicodedata
from collections.abc import Mapping
from types import MappingProxyType

# ISO 3166-1 alpha-2 codes and Kosovo's xk, with English names as Unicode CLDR has them.
_TABLE = """
    ad Andorra; ae United Arab Emirates; af Afghanistan; ag Antigua & Barbuda; ai Anguilla;
    al Albania; am Armenia; ao Angola; aq Antarctica; ar Argentina; as American Samoa; at Austria;
    au Australia; aw Aruba; ax Åland Islands; az Azerbaijan; ba Bosnia & Herzegovina; bb Barbados;
    bd Bangladesh; be Belgium; bf Burkina Faso; bg Bulgaria; bh Bahrain; bi Burundi; bj Benin;
    bl St. Barthélemy; bm Bermuda; bn Brunei; bo Bolivia; bq Caribbean Netherlands; br Brazil;
    bs Bahamas; bt Bhutan; bv Bouvet Island; bw Botswana; by Belarus; bz Belize; ca Canada;
    cc Cocos (Keeling) Islands; cd Congo - Kinshasa; cf Central African Republic;
    cg Congo - Brazzaville; ch Switzerland; ci Côte d'Ivoire; ck Cook Islands; cl Chile;
    cm Cameroon; cn China; co Colombia; cr Costa Rica; cu Cuba; cv Cape Verde; cw Curaçao;
    cx Christmas Island; cy Cyprus; cz Czechia; de Germany; dj Djibouti; dk Denmark; dm Dominica;
    do Dominican Republic; dz Algeria; ec Ecuador; ee Estonia; eg Egypt; eh Western Sahara;
    er Eritrea; es Spain; et Ethiopia; fi Finland; fj Fiji; fk Falkland Islands; fm Micronesia;
    fo Faroe Islands; fr France; ga Gabon; gb United Kingdom; gd Grenada; ge Georgia;
    gf French Guiana; gg Guernsey; gh Ghana; gi Gibraltar; gl Greenland; gm Gambia; gn Guinea;
    gp Guadeloupe; gq Equatorial Guinea; gr Greece; gs South Georgia & South Sandwich Islands;
    gt Guatemala; gu Guam; gw Guinea-Bissau; gy Guyana; hk Hong Kong; hm Heard & McDonald Islands;
    hn Honduras; hr Croatia; ht Haiti; hu Hungary; id Indonesia; ie Ireland; il Israel;
    im Isle of Man; in India; io British Indian Ocean Territory; iq Iraq; ir Iran; is Iceland;
    it Italy; je Jersey; jm Jamaica; jo Jordan; jp Japan; ke Kenya; kg Kyrgyzstan; kh Cambodia;
    ki Kiribati; km Comoros; kn St. Kitts & Nevis; kp North Korea; kr South Korea; kw Kuwait;
    ky Cayman Islands; kz Kazakhstan; la Laos; lb Lebanon; lc St. Lucia; li Liechtenstein;
    lk Sri Lanka; lr Liberia; ls Lesotho; lt Lithuania; lu Luxembourg; lv Latvia; ly Libya;
    ma Morocco; mc Monaco; md Moldova; me Montenegro; mf St. Martin; mg Madagascar;
    mh Marshall Islands; mk North Macedonia; ml Mali; mm Myanmar; mn Mongolia; mo Macao;
    mp Northern Mariana Islands; mq Martinique; mr Mauritania; ms Montserrat; mt Malta;
    mu Mauritius; mv Maldives; mw Malawi; mx Mexico; my Malaysia; mz Mozambique; na Namibia;
    nc New Caledonia; ne Niger; nf Norfolk Island; ng Nigeria; ni Nicaragua; nl Netherlands;
    no Norway; np Nepal; nr Nauru; nu Niue; nz New Zealand; om Oman; pa Panama; pe Peru;
    pf French Polynesia; pg Papua New Guinea; ph Philippines; pk Pakistan; pl Poland;
    pm St. Pierre & Miquelon; pn Pitcairn Islands; pr Puerto Rico; ps Palestinian Territories;
    pt Portugal; pw Palau; py Paraguay; qa Qatar; re Réunion; ro Romania; rs Serbia; ru Russia;
    rw Rwanda; sa Saudi Arabia; sb Solomon Islands; sc Seychelles; sd Sudan; se Sweden;
    sg Singapore; sh St. Helena; si Slovenia; sj Svalbard & Jan Mayen; sk Slovakia;
    sl Sierra Leone; sm San Marino; sn Senegal; so Somalia; sr Suriname; ss South Sudan;
    st São Tomé & Príncipe; sv El Salvador; sx Sint Maarten; sy Syria; sz Eswatini;
    tc Turks & Caicos Islands; td Chad; tf French Southern Territories; tg Togo; th Thailand;
    tj Tajikistan; tk Tokelau; tl Timor-Leste; tm Turkmenistan; tn Tunisia; to Tonga; tr Türkiye;
    tt Trinidad & Tobago; tv Tuvalu; tw Taiwan; tz Tanzania; ua Ukraine; ug Uganda;
    um U.S. Outlying Islands; us United States; uy Uruguay; uz Uzbekistan; va Vatican City;
    vc St. Vincent & Grenadines; ve Venezuela; vg British Virgin Islands; vi U.S. Virgin Islands;
    vn Vietnam; vu Vanuatu; wf Wallis & Futuna; ws Samoa; xk Kosovo; ye Yemen; yt Mayotte;
    za South Africa; zm Zambia; zw Zimbabwe
"""
# Other English names of the same countries, older ones among them.
_ALSO = """
    bn Brunei Darussalam; bo Bolivia (Plurinational State of); bs The Bahamas; bq Bonaire;
    cd Congo (DRC); cd Democratic Republic of the Congo; cd Congo (Kinshasa);
    cg Republic of the Congo; cg Congo (Republic); cg Congo (Brazzaville); ci Ivory Coast;
    cv Cabo Verde; cz Czech Republic; fk Falkland Islands (Islas Malvinas); gb UK;
    gb Great Britain; gm The Gambia; hk Hong Kong SAR China; hk Hong Kong SAR; ir Iran (Islamic
    Republic of); kr Korea; kr Republic of Korea; kr Korea, Republic of; la Lao PDR;
    la Lao People's Democratic Republic; md Republic of Moldova; mk Macedonia (FYROM);
    mk Macedonia; mm Myanmar (Burma); mm Burma; mo Macau; mo Macao SAR China; mo Macau SAR China;
    mo Macao SAR; ps Palestine; ru Russian Federation; sy Syrian Arab Republic; sz Swaziland;
    tl East Timor; tr Turkey; tw Taiwan, China; tz United Republic of Tanzania; us USA;
    us United States of America; va Vatican; va Holy See; ve Venezuela (Bolivarian Republic of);
    vi US Virgin Islands; vn Viet Nam; ae UAE
"""
_MEANT = MappingProxyType({"uk": "gb", "ko": "kr", "el": "gr", "ks": "xk"})
# Mainland China has no Google Play; for North Korea and Syria every app answers 404 (2019).
_NOT_SERVED = MappingProxyType({"cn": "mainland China", "kp": "North Korea", "sy": "Syria"})


def _rows(table: str) -> list[tuple[str, str]]:
    """Return (code, name) for every entry of a table of `code name; code name`."""
    entries = (entry.split(maxsplit=1) for entry in table.split(";"))
    return [(code, name) for code, name in entries]


def _plain(name: str) -> str:
    """Return the name without accents, case, punctuation and articles."""
    parts = unicodedata.normalize("NFKD", name.replace("&", " and ")).casefold()
    letters = "".join(part for part in parts if not unicodedata.combining(part))
    words = re.sub(r"[\W_]+", " ", letters).split()
    return " ".join("saint" if word == "st" else word for word in words if word != "the")


_CODES = frozenset(code for code, _ in _rows(_TABLE))
_CODE_OF: Mapping[str, str] = MappingProxyType(
    {_plain(name): code for code, name in (*_rows(_TABLE), *_rows(_ALSO))}
)


def code_named(name: str) -> str | None:
    """Return the code of the country that English calls by this name, or None."""
    return _CODE_OF.get(_plain(name))


def code_written(text: str) -> str | None:
    """Return the code that these two letters mean, in any case; or None if no country's."""
    code = text.lower()
    code = _MEANT["uk"] if code == "uk" else code
    return code if code in _CODES else None


def refuse_storefront(storefront: str) -> str | None:
    """Return why this cannot be asked of Google Play and what was expected, or None."""
    if storefront in _NOT_SERVED:
        return (
            f"Google Play does not serve {storefront} ({_NOT_SERVED[storefront]}); "
            "name a country that it serves"
        )
    if storefront in _CODES:
        return None
    if storefront == "all":
        return '"all" stands for the App Store only; name the countries for Google Play one by one'
    if storefront in _MEANT:
        return f"{storefront!r} is no country code; use {_MEANT[storefront]}"
    if storefront.lower() in _CODES:
        return f"{storefront[:20]!r} must be written in lower case; use {storefront.lower()}"
    return f"{storefront[:20]!r} is no country code; expected two letters of ISO 3166-1, such as us"
