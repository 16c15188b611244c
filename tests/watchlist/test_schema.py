"""The JSON Schema for editors comes from the model that reads, and the shipped file fits it."""

import subprocess
import sys
from pathlib import Path
from typing import Any, TypeAlias

from ruamel.yaml import YAML

from appwatch.settings import load as load_settings
from appwatch.stores import STORES
from appwatch.watchlist import KINDS, json_schema, load
from tests.watchlist import stores

Json: TypeAlias = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
SETTINGS = load_settings({}, Path(__file__).parent)  # where no .env stands
REAL = {name: make(SETTINGS) for name, make in STORES.items()}


def resolved(part: Json, schema: Json) -> Json:
    found: Json = schema["$defs"][part["$ref"].split("/")[-1]] if "$ref" in part else part
    return found


def unknown_keys(value: object, part: Json, schema: Json) -> list[str]:
    """Return the keys of a document that its schema does not know."""
    part = resolved(part, schema)
    if isinstance(value, list):
        return [key for item in value for key in unknown_keys(item, part["items"], schema)]
    if not isinstance(value, dict) or "properties" not in part:
        return []
    known = part["properties"]
    below = [unknown_keys(value[key], known[key], schema) for key in value if key in known]
    return [key for key in value if key not in known] + [key for keys in below for key in keys]


def described(part: Json) -> bool:
    return all("description" in key for key in part.get("properties", {}).values())


def test_every_key_is_described() -> None:
    schema = json_schema(stores.STORES)
    assert [name for name, part in schema["$defs"].items() if not described(part)] == []
    assert described(schema)
    assert schema["additionalProperties"] is False


def test_each_store_is_a_key_of_an_app() -> None:
    app = json_schema(stores.STORES)["$defs"]["App"]["properties"]
    assert {"north", "south", "storefronts"} <= app.keys()
    assert "number" in app["north"]["type"]


def test_the_kinds_and_defaults_stand_in_the_schema() -> None:
    schema = json_schema(stores.STORES)
    alert = schema["$defs"]["AlertPart"]
    assert alert["properties"]["on"]["items"]["enum"] == list(KINDS)
    assert alert["required"] == ["name", "to"]
    assert schema["properties"]["every"]["default"] == "15m"


def test_the_shipped_watchlist_fits_the_schema() -> None:
    document = YAML(typ="safe").load((ROOT / "watchlist.yaml").read_text(encoding="utf-8"))
    schema = json_schema(REAL)
    assert unknown_keys(document, schema, schema) == []


def test_the_shipped_watchlist_loads_with_the_real_stores() -> None:
    watchlist = load(ROOT / "watchlist.yaml", REAL)
    assert {"zynn", "jike", "pocket-casts", "castro", "overcast"} <= {a.id for a in watchlist.apps}
    assert watchlist.channels == ()
    assert sum(bool(app.listings) for app in watchlist.apps) >= 6


def test_the_alerts_shown_in_the_shipped_watchlist_can_be_switched_on(tmp_path: Path) -> None:
    text = (ROOT / "watchlist.yaml").read_text(encoding="utf-8")
    shown = text[text.index("# alerts:") :].replace("# ", "", 1).replace("\n# ", "\n")
    (tmp_path / "watchlist.yaml").write_text(text[: text.index("# alerts:")] + shown)
    (channel,) = load(tmp_path / "watchlist.yaml", REAL).channels
    assert (channel.name, channel.reference) == ("newsroom", "NEWSROOM_URL")


def test_importing_the_package_imports_nothing_slow() -> None:
    code = "import sys, appwatch.watchlist, appwatch.settings; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert not {"pydantic", "pydantic_settings", "ruamel.yaml"} & set(run.stdout.split())
