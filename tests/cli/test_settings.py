"""Settings: precedence, origins, and answers to mistakes in the file."""

import errno
from pathlib import Path

import pytest

from tracelib_cli.context import NobodyError, operator_of, operator_or_nobody
from tracelib_cli.errors import from_os
from tracelib_cli.settings import (
    NoWorkspaceError,
    Settings,
    SettingsFileError,
    SettingValueError,
    UnknownSettingError,
    check_settings,
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


@pytest.mark.parametrize(
    "text",
    [
        'lang = "xx"',
        "serve.port = 70000",
        'serve.port = "abc"',
        'root = "zz"',
        f'host = "{"q" * 300}"',
        'host = "a\\u0000b"',
        'keys = "a\\u0000b"',
        f'party = "{"P" * 5000}"',
    ],
)
def test_value_that_no_use_takes_is_refused_where_it_is_read(workspace: Path, text: str) -> None:
    """Said with the file that it came from: a backup's settings are judged by the same rules before they are used."""
    path = Path("b.backup", "tracelib.toml")
    with pytest.raises(SettingValueError) as caught:
        check_settings(text + "\n", path)
    assert caught.value.params["origin"] == str(path)
    assert len(str(caught.value)) < 300
    (workspace / "tracelib.toml").write_text(text + "\n", encoding="utf-8")
    with pytest.raises(SettingValueError):
        Settings.resolve({}, {}, start=workspace)


def test_number_of_thousands_of_digits_is_one_clear_error(workspace: Path) -> None:
    with pytest.raises(SettingsFileError):
        check_settings(f"serve.port = {'9' * 5000}\n", workspace / "tracelib.toml")


@pytest.mark.parametrize("name", ["\u3164", "\u2800", "?", "-", " ", "", "王" * 61, "a\nb"])
def test_name_that_names_nobody_is_refused(workspace: Path, name: str) -> None:
    with pytest.raises(SettingValueError):
        operator_of(Settings.resolve({"operator": name}, {}, start=workspace))


@pytest.mark.parametrize("name", ["王芳", "Wang Fang", "7", "O'Neill-Ruiz"])
def test_usual_names_are_taken(workspace: Path, name: str) -> None:
    assert operator_of(Settings.resolve({"operator": name}, {}, start=workspace)) == name


def test_user_without_a_name_reads_and_is_told_how_to_name_himself(
    workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", nobody)
    settings = Settings.resolve({}, {}, start=workspace)
    assert operator_or_nobody(settings) == ""
    with pytest.raises(NobodyError, match="--as NAME"):
        operator_of(settings)


@pytest.mark.parametrize("number", [errno.ENAMETOOLONG, errno.ENODEV, errno.ENXIO, errno.EFBIG, errno.EINVAL,
                                    errno.ELOOP, errno.EBUSY, errno.ENOSPC])  # fmt: skip
def test_refusal_of_the_disk_is_an_error_of_ours(number: int) -> None:
    found = from_os(OSError(number, "refused", "f" * 300))
    assert found is not None
    assert found.code == "store.disk"


def test_number_that_is_none(workspace: Path) -> None:
    settings = Settings.resolve({"workspace": str(workspace)}, {"TRACELIB_SERVE_PORT": "many"})
    with pytest.raises(SettingValueError):
        settings.integer("serve.port")


def test_named_workspace_must_be_one(tmp_path: Path) -> None:
    with pytest.raises(NoWorkspaceError):
        Settings.resolve({"workspace": str(tmp_path)}, {})
