"""Settings: defaults, types, .env and secret files; every wrong value told at once."""

from pathlib import Path

import pytest

from appwatch.errors import SettingError
from appwatch.settings import (
    SETTINGS,
    Settings,
    load,
    read_environment,
    read_secret,
    settings_table,
)

ROOT = Path(__file__).resolve().parents[1]


def refused(environment: dict[str, str], folder: Path) -> list[str]:
    with pytest.raises(SettingError) as caught:
        load(environment, folder)
    return str(caught.value).splitlines()


def test_without_any_variable_the_defaults_hold(tmp_path: Path) -> None:
    assert load({}, tmp_path) == Settings(
        database_url=f"sqlite:///{tmp_path}/appwatch.db",
        watchlist=tmp_path / "watchlist.yaml",
        evidence_dir=tmp_path / "evidence",
        evidence_max_mb=0,
        disk_room_mb=500.0,
        timestamp_url="",
        wayback_url="",
        wayback_key="",
        ping_url="",
        web_host="127.0.0.1",
        web_port=8080,
        base_url="",
        apple_lookup_url="https://itunes.apple.com",
        apple_platform_url="https://uclient-api.itunes.apple.com",
        apple_web_url="https://apps.apple.com",
        google_play_url="https://play.google.com",
        apple_per_minute=20,
        google_play_per_minute=20,
        request_timeout=30,
        max_body_mb=16,
        google_play_cookie="",
        vantage="local",
        proxy="",
        log_format="console",
    )


def test_database_and_evidence_stand_beside_the_watchlist(tmp_path: Path) -> None:
    found = load({"APPWATCH_WATCHLIST": "conf/list.yaml"}, tmp_path)
    assert found.watchlist == tmp_path / "conf/list.yaml"
    assert found.database_url == f"sqlite:///{tmp_path}/conf/appwatch.db"
    assert found.evidence_dir == tmp_path / "conf/evidence"


@pytest.mark.parametrize(
    "url",
    ["sqlite:////var/lib/appwatch.db", "postgresql+psycopg://u:p@db/appwatch?sslmode=require"],
)
def test_absolute_databases_stay_as_they_are(tmp_path: Path, url: str) -> None:
    assert load({"APPWATCH_DATABASE_URL": url}, tmp_path).database_url == url


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("WEB_PORT", "65536", "is '65536'; expected a whole number from 0 to 65535"),
        ("WEB_PORT", "http", "is 'http'; expected a whole number"),
        ("WEB_HOST", "http://x", "is 'http://x'; expected an address to listen at"),
        ("BASE_URL", "example.org", "is 'example.org'; expected an address such as https://"),
        ("BASE_URL", "https://example.org/?q", "is 'https://example.org/?q'; expected"),
        ("BASE_URL", "https://u:s3cret@example.org", "cannot be used; expected"),
        ("APPLE_WEB_URL", "ftp://apps.apple.com", "is 'ftp://apps.apple.com'; expected"),
        ("GOOGLE_PLAY_URL", "http://h:99999", "is 'http://h:99999'; expected"),
        ("GOOGLE_PLAY_URL", "http://[::1", "is 'http://[::1'; expected"),
        ("APPLE_PER_MINUTE", "-1", "is '-1'; expected a number from 0 to 6000"),
        ("GOOGLE_PLAY_PER_MINUTE", "nan", "is 'nan'; expected a number from 0 to 6000"),
        ("REQUEST_TIMEOUT", "0", "is '0'; expected a number of seconds from 0.1 to 600"),
        ("MAX_BODY_MB", "1e9", "is '1e9'; expected a number of MB"),
        ("LOG_FORMAT", "xml", "is 'xml'; expected console or json"),
        ("VANTAGE", "my place", "is 'my place'; expected a name of letters"),
        ("DATABASE_URL", "postgresql://u:s3cret@h/d", "cannot be used; expected sqlite:///FILE or"),
        ("DATABASE_URL", "sqlite:///:memory:", "cannot be used; expected sqlite:///FILE or"),
        ("DATABASE_URL", "sqlite://", "cannot be used; expected sqlite:///FILE or"),
        ("PROXY", "socks5://u:s3cret@h", "cannot be used; expected the address of an HTTP proxy"),
        ("GOOGLE_PLAY_COOKIE", "A=s3cret; B=c", "cannot be used; expected one cookie, NAME=VALUE"),
        ("PROXY_FILE", "none", "names a file that cannot be read"),
    ],
)
def test_a_wrong_value_is_told_with_the_allowed_ones(
    tmp_path: Path, name: str, value: str, message: str
) -> None:
    (found,) = refused({f"APPWATCH_{name}": value}, tmp_path)
    assert found.startswith(f"APPWATCH_{name} {message}")
    assert "s3cret" not in found


def test_all_wrong_values_are_told_at_once(tmp_path: Path) -> None:
    wrong = {"APPWATCH_WEB_PORT": "x", "APPWATCH_LOG_FORMAT": "y", "APPWATCH_VANTAGE": "!"}
    (tmp_path / ".env").write_text("what is this\nAPPWATCH_MAX_BODY_MB=0\n")
    assert [line.split()[0] for line in refused(wrong, tmp_path)] == [
        f"{tmp_path}/.env:1:",
        "APPWATCH_WEB_PORT",
        "APPWATCH_MAX_BODY_MB",
        "APPWATCH_VANTAGE",
        "APPWATCH_LOG_FORMAT",
    ]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("A=b", "b"),
        ("export A=b # remark", "b"),
        ("A='x # y' # remark", "x # y"),
        ('  A = "q"  ', "q"),
        ("A=", ""),
        ("A= # remark", ""),
        ("A=http://h/#f?x=${Y}", "http://h/#f?x=${Y}"),
        ("# remark\n\nA=b\r\n", "b"),
        ("\ufeffA=b", "b"),
    ],
)
def test_a_line_of_env_is_read(tmp_path: Path, line: str, value: str) -> None:
    (tmp_path / ".env").write_text(line, encoding="utf-8")
    assert read_environment({"B": "c"}, tmp_path) == {"A": value, "B": "c"}


@pytest.mark.parametrize("line", ["A='s3cret", "s3cret", "=s3cret", "A-B=s3cret"])
def test_a_broken_line_of_env_is_told_without_its_text(tmp_path: Path, line: str) -> None:
    (tmp_path / ".env").write_text(f"A=b\n{line}\n")
    with pytest.raises(SettingError) as caught:
        read_environment({}, tmp_path)
    assert str(caught.value) == f"{tmp_path}/.env:2: this is no setting; expected NAME=VALUE"


def test_an_unreadable_env_file_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    (found,) = refused({}, tmp_path)
    assert found == f"{tmp_path}/.env cannot be read; expected a text file, or none"


def test_the_environment_goes_before_the_env_file(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("APPWATCH_VANTAGE=paris\nAPPWATCH_WEB_PORT=0\n")
    found = load({"APPWATCH_VANTAGE": "berlin"}, tmp_path)
    assert (found.vantage, found.web_port) == ("berlin", 0)


def test_a_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "proxy").write_text("http://u:p@h:3128\n")
    assert load({"APPWATCH_PROXY_FILE": "proxy"}, tmp_path).proxy == "http://u:p@h:3128"
    assert read_secret({"X_FILE": str(tmp_path / "proxy")}, "X", tmp_path) == "http://u:p@h:3128"
    with pytest.raises(SettingError, match="X and X_FILE are both set"):
        read_secret({"X": "a", "X_FILE": "proxy"}, "X", tmp_path)


def test_secrets_are_masked_where_settings_are_shown(tmp_path: Path) -> None:
    environment = {
        "APPWATCH_DATABASE_URL": "postgresql+psycopg://u:s3cret@db/appwatch?password=s3cret",
        "APPWATCH_PROXY": "http://u:s3cret@h:1",
        "APPWATCH_GOOGLE_PLAY_COOKIE": "SOCS=s3cret",
        "APPWATCH_PING_URL": "https://hc-ping.com/s3cret",
    }
    shown = repr(load(environment, tmp_path))
    assert "s3cret" not in shown
    assert "database_url='postgresql+psycopg://***@db/appwatch?***'" in shown
    assert "proxy='***'" in shown


def test_an_unknown_variable_gets_a_hint(tmp_path: Path) -> None:
    found = load({"APPWATCH_WEBPORT": "1", "APPWATCH_ZZZZ": "1", "APPWATCHER": "x"}, tmp_path)
    assert found.warnings == (
        "APPWATCH_WEBPORT is no setting; did you mean APPWATCH_WEB_PORT?",
        "APPWATCH_ZZZZ is no setting; nothing reads it",
    )


def test_no_pace_is_for_loopback_only(tmp_path: Path) -> None:
    environment = {"APPWATCH_GOOGLE_PLAY_PER_MINUTE": "0"}
    with pytest.raises(SettingError) as caught:
        load(environment, tmp_path)
    assert str(caught.value) == (
        "APPWATCH_GOOGLE_PLAY_PER_MINUTE is '0', but play.google.com is not on this machine;"
        " expected a number above 0, for 0 is for loopback only"
    )
    environment["APPWATCH_GOOGLE_PLAY_URL"] = "http://127.0.0.1:9999/"
    found = load(environment, tmp_path)
    assert (found.warnings, found.google_play_url) == ((), "http://127.0.0.1:9999")


def test_no_pace_needs_every_address_of_the_store_on_loopback(tmp_path: Path) -> None:
    environment = {"APPWATCH_APPLE_PER_MINUTE": "0", "APPWATCH_WEB_PORT": "x"}
    for name, host in (("LOOKUP", "127.0.0.2"), ("PLATFORM", "[::1]"), ("WEB", "192.0.2.1")):
        environment[f"APPWATCH_APPLE_{name}_URL"] = f"http://{host}:9"
    with pytest.raises(SettingError, match="APPWATCH_WEB_PORT") as caught:
        load(environment, tmp_path)
    told = str(caught.value).splitlines()
    assert "0', but 192.0.2.1 is not on" in next(line for line in told if "APPLE" in line)
    environment.update(APPWATCH_APPLE_WEB_URL="http://localhost:9", APPWATCH_WEB_PORT="0")
    assert load(environment, tmp_path).apple_per_minute == 0


def test_every_setting_is_documented() -> None:
    pages = [ROOT / "README.md", ROOT / "docs" / "settings.md"]
    text = "".join(page.read_text(encoding="utf-8") for page in pages if page.is_file())
    assert [setting.name for setting in SETTINGS if f"`{setting.name}`" not in text] == []


def test_the_documented_table_is_the_one_that_is_read() -> None:
    assert settings_table() in (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
