"""Settings: precedence, origins, and answers to mistakes in the file."""

from pathlib import Path

import pytest

from tracelib_cli.settings import (
    NoWorkspaceError,
    Settings,
    SettingsFileError,
    SettingValueError,
    UnknownSettingError,
)


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    (tmp_path / "tracelib.toml").write_text('party = "GNQC"\n[serve]\nport = 9000\n', encoding="utf-8")
    return tmp_path


def test_option_beats_variable_beats_file_beats_default(workspace: Path) -> None:
    options: dict[str, str | None] = {"workspace": str(workspace), "lang": "zh"}
    environ = {"TRACELIB_LANG": "en", "TRACELIB_SERVE_PORT": "9001"}
    found = {v.setting.key: (v.text, v.origin) for v in Settings.resolve(options, environ).all()}
    assert found["lang"] == ("zh", "option")
    assert found["serve.port"] == ("9001", "TRACELIB_SERVE_PORT")
    assert found["party"] == ("GNQC", "tracelib.toml")
    assert found["serve.host"] == ("127.0.0.1", "default")


def test_workspace_is_found_upwards(workspace: Path) -> None:
    deep = workspace / "a" / "b"
    deep.mkdir(parents=True)
    assert Settings.resolve({}, {}, start=deep).workspace == workspace


def test_relative_database_is_in_the_workspace(workspace: Path) -> None:
    settings = Settings.resolve({}, {}, start=workspace)
    assert settings.database_url() == f"sqlite:///{workspace}/tracelib.db"
    assert settings.path("keys") == workspace / "keys"


def test_unknown_key_names_the_nearest(workspace: Path) -> None:
    (workspace / "tracelib.toml").write_text("[serve]\nprot = 1\n", encoding="utf-8")
    with pytest.raises(UnknownSettingError) as caught:
        Settings.resolve({}, {}, start=workspace)
    assert caught.value.params["key"] == "serve.prot"
    assert caught.value.params["nearest"] == "serve.port"


@pytest.mark.parametrize("text", ["party = ", "\x00", "[serve\n"])
def test_broken_file_is_one_clear_error(workspace: Path, text: str) -> None:
    (workspace / "tracelib.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingsFileError):
        Settings.resolve({}, {}, start=workspace)


def test_byte_order_mark_is_no_mistake(workspace: Path) -> None:
    (workspace / "tracelib.toml").write_bytes(b'\xef\xbb\xbfparty = "WZBH"\n')
    assert Settings.resolve({}, {}, start=workspace).text("party") == "WZBH"


@pytest.mark.parametrize("text", ["party = true\n", "party = [1]\n", "party = 1.5\n"])
def test_wrong_type_is_refused(workspace: Path, text: str) -> None:
    (workspace / "tracelib.toml").write_text(text, encoding="utf-8")
    with pytest.raises(SettingValueError):
        Settings.resolve({}, {}, start=workspace)


def test_number_that_is_none(workspace: Path) -> None:
    settings = Settings.resolve({"workspace": str(workspace)}, {"TRACELIB_SERVE_PORT": "many"})
    with pytest.raises(SettingValueError):
        settings.integer("serve.port")


def test_named_workspace_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(NoWorkspaceError):
        Settings.resolve({"workspace": str(tmp_path)}, {})
