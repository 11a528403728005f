"""Settings: option, then ``TRACELIB_*``, then ``tracelib.toml``, then the default; resolved once."""

import difflib
import json
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tracelib.errors import NotFoundError, SettingsError, Translate
from tracelib.identifiers.errors import message_in_words

FILE_NAME = "tracelib.toml"
LANGUAGES = ("", "zh", "en")
LONGEST_HOST = 253
LONGEST, SHOWN, MOST_DIGITS, LAST_PORT = 1000, 60, 9, 65_535
_FINGERPRINT = re.compile("[0-9a-f]{64}")


class UnknownSettingError(SettingsError):
    """A key in the file that no setting has."""

    code = "settings.unknown"
    template = "{file} sets «{key}», which is no setting; did you mean «{nearest}»?"


class NoSettingError(SettingsError):
    """There is no setting of this name."""

    code = "settings.no_such"
    template = "There is no setting «{given}»: the nearest is «{nearest}», and all are shown by: tracelib config show"


class SettingValueError(SettingsError):
    """A value that does not fit its setting."""

    code = "settings.value"
    template = "«{given}» does not fit the setting «{key}» ({origin}): expected {expected}."

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return message_in_words(self, translate)


class SettingsFileError(SettingsError):
    """The file is not TOML, or cannot be read."""

    code = "settings.file"
    template = "{file} cannot be read as TOML: {detail}."


class NoWorkspaceError(NotFoundError):
    """A command needs a workspace and there is none here."""

    code = "workspace.none"
    template = (
        "There is no workspace in {folder} or above it: "
        "go to one, name it with --workspace DIR, or make one with: tracelib init DIR"
    )


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting: dotted key, default, what it is for.

    ``kind`` is text, integer or path (relative to the workspace).
    """

    key: str
    default: str
    help: str
    kind: str = "text"

    @property
    def variable(self) -> str:
        """The environment variable that sets it."""
        return "TRACELIB_" + self.key.upper().replace(".", "_")


SETTINGS: tuple[Setting, ...] = (
    Setting("lang", "", "language of messages: zh or en; empty follows the locale"),
    Setting("operator", "", "who is working, written beside every change; empty takes the name of the machine's user"),
    Setting("party", "", "the party that commands act for when none is named"),
    Setting("host", "q.example.com", "host name in issued codes"),
    Setting("path", "", "path before the code in issued URLs: at most two segments of 0-9 A-Z and -"),
    Setting("root", "", "fingerprint of the root set that is trusted, 64 lower-case hex digits"),
    Setting("database", "sqlite:///tracelib.db", "database URL; a relative SQLite path is relative to the workspace"),
    Setting("bundle", "trust.bundle", "trust bundle", "path"),
    Setting("keys", "keys", "folder of the key files and counter guards", "path"),
    Setting("label.font", "", "TrueType font with Chinese glyphs; empty looks in the usual places", "path"),
    Setting("serve.host", "127.0.0.1", "address that tracelib serve listens on"),
    Setting("serve.port", "8765", "port that tracelib serve listens on", "integer"),
    Setting("sync.url", "", "base address of the EPCIS capture interface that sync push sends to"),
    Setting("sync.token", "", "where the platform's token is kept: env:NAME or file:PATH, never the token itself"),
    Setting("sync.timeout", "30", "seconds that a platform may be silent before it is asked again", "integer"),
    Setting("line", "line.toml", "configuration of the packing line", "path"),
)
_BY_KEY = {setting.key: setting for setting in SETTINGS}


def check_value(setting: Setting, text: str, origin: str) -> None:
    """SettingValueError, naming ``origin``, for a text that no use of the setting would take."""
    expected = ""
    if not text.isprintable() or len(text) > LONGEST:
        expected = f"one line of at most {LONGEST} characters"
    elif setting.kind == "integer" and not (text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS):
        expected = "a whole number"
    elif setting.key == "lang" and text not in LANGUAGES:
        expected = "zh or en"
    elif setting.key == "serve.port" and not 0 <= int(text) <= LAST_PORT:
        expected = f"a number from 0 to {LAST_PORT}"
    elif setting.key == "host" and len(text) > LONGEST_HOST:
        expected = "a host name such as q.example.com"
    elif setting.key == "root" and text and not _FINGERPRINT.fullmatch(text):
        expected = "64 lower-case hex digits"
    if expected:
        raise SettingValueError(given=text[:SHOWN] + ("…" if len(text) > SHOWN else ""), key=setting.key, origin=origin,
                                expected=expected)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Value:
    """A resolved value and where it came from: option, variable, file or default."""

    setting: Setting
    text: str
    origin: str


class Settings:
    """All settings, resolved. ``folder`` is the workspace, or None outside one."""

    ORIGIN_DEFAULT: ClassVar[str] = "default"
    ORIGIN_OPTION: ClassVar[str] = "option"

    def __init__(self, folder: Path | None, values: Mapping[str, Value]) -> None:
        self.folder = folder
        self._values = dict(values)

    @classmethod
    def resolve(
        cls,
        options: Mapping[str, str | None],
        environ: Mapping[str, str] | None = None,
        start: Path | None = None,
        new: Path | None = None,
    ) -> "Settings":
        """Resolve every setting. ``options["workspace"]`` or ``TRACELIB_WORKSPACE`` names the workspace folder; ``new``
        is one that is being made and has no file yet.
        """
        environ = os.environ if environ is None else environ
        named = options.get("workspace") or environ.get("TRACELIB_WORKSPACE")
        folder = new or (Path(named).absolute() if named else find_workspace(start or Path.cwd()))
        if folder is not None and new is None and not (folder / FILE_NAME).is_file():
            raise NoWorkspaceError(folder=folder)
        from_file = _read_file(folder / FILE_NAME) if folder and not new else {}
        values = {}
        for setting in SETTINGS:
            option = options.get(setting.key)
            if option is not None:
                values[setting.key] = Value(setting, option, cls.ORIGIN_OPTION)
            elif setting.variable in environ:
                values[setting.key] = Value(setting, environ[setting.variable], setting.variable)
            elif setting.key in from_file:
                values[setting.key] = Value(setting, from_file[setting.key], FILE_NAME)
            else:
                values[setting.key] = Value(setting, setting.default, cls.ORIGIN_DEFAULT)
        return cls(folder, values)

    def all(self) -> list[Value]:
        """Every value in the order of ``SETTINGS``."""
        return [self._values[setting.key] for setting in SETTINGS]

    def origin(self, key: str) -> str:
        """Where a value comes from."""
        return self._values[key].origin

    def text(self, key: str) -> str:
        """A value as text; empty when it is not set."""
        return self._values[key].text

    def integer(self, key: str) -> int:
        """A value as a whole number."""
        value = self._values[key]
        try:
            return int(value.text)
        except ValueError:
            raise SettingValueError(given=value.text, key=key, origin=value.origin, expected="a whole number") from None

    def path(self, key: str) -> Path:
        """A value as a path, relative ones against the workspace."""
        return self.workspace / self._values[key].text

    @property
    def workspace(self) -> Path:
        """The workspace folder."""
        if self.folder is None:
            raise NoWorkspaceError(folder=Path.cwd())
        return self.folder

    def database_url(self) -> str:
        """The database URL, with a relative SQLite path made absolute."""
        url = self.text("database")
        prefix = "sqlite:///"
        if url.startswith(prefix) and not url.startswith(prefix + "/"):
            return prefix + str(self.workspace / url.removeprefix(prefix))
        return url


def check_settings(text: str, path: Path) -> None:
    """Raise for the text of a settings file, named by ``path``, that would be refused when it is read.

    SettingsFileError, UnknownSettingError, SettingValueError.
    """
    _parse(text, path)


def with_setting(path: Path, key: str, value: str) -> tuple[str | None, str]:
    """The value of a setting in a settings file before, and the file's text with the new one in its line.

    Raises NoSettingError; SettingValueError where the value does not fit, or where the file says the setting in a
    way that only a person should edit (inside a table); CodeFieldError for a host or path that no code can carry.
    """
    if key not in _BY_KEY:
        raise NoSettingError(given=key, nearest=_nearest(key))
    check_value(_BY_KEY[key], value, path.name)
    _check_code_part(key, value)
    before = _read_file(path)
    written = value if _BY_KEY[key].kind == "integer" else json.dumps(value, ensure_ascii=False)
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    tables = next((i for i, line in enumerate(lines) if line.lstrip().startswith("[")), len(lines))
    place = next((i for i, line in enumerate(lines[:tables]) if line.partition("=")[0].strip() == key), None)
    if place is None and key in before:
        raise SettingValueError(given=value, key=key, origin=path.name, expected="an edit by hand: it is in a table")
    lines[tables if place is None else place : tables if place is None else place + 1] = [f"{key} = {written}"]
    return before.get(key), "\n".join(lines) + "\n"


def _check_code_part(key: str, value: str) -> None:
    """Only when it is set: a file of old that no code was ever issued with must stay readable."""
    from tracelib.codes.url import require_host, require_path

    if key == "host":
        require_host(value)
    elif key == "path":
        require_path(value)


def _nearest(key: str) -> str:
    return difflib.get_close_matches(key, _BY_KEY, n=1, cutoff=0)[0]


def written_language(named: str | None) -> str:
    """What the settings file says of ``lang``; empty where there is none, or the file cannot be read: that is told when
    the settings are asked for, and in some language.
    """
    try:
        folder = Path(named) if named else find_workspace(Path.cwd())
        found = tomllib.loads((folder / FILE_NAME).read_text("utf-8-sig")).get("lang", "") if folder else ""
    except (OSError, ValueError, RecursionError):
        return ""
    return found if isinstance(found, str) and found in LANGUAGES else ""


def find_workspace(start: Path) -> Path | None:
    """The workspace that ``start`` lies in: the nearest folder upwards with a settings file."""
    for folder in (start, *start.parents):
        if (folder / FILE_NAME).is_file():
            return folder
    return None


def _read_file(path: Path) -> dict[str, str]:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsFileError(file=path, detail=error) from None
    return _parse(text, path)


def _parse(text: str, path: Path) -> dict[str, str]:
    flat: dict[str, str] = {}
    try:
        _flatten("", tomllib.loads(text), flat, path)
    except SettingsError:
        raise
    except (ValueError, RecursionError) as error:  # no TOML, or a number of thousands of digits
        raise SettingsFileError(file=path, detail=error) from None
    return flat


def _flatten(prefix: str, table: Mapping[str, object], flat: dict[str, str], path: Path) -> None:
    for name, value in table.items():
        key = f"{prefix}{name}"
        if isinstance(value, dict) and key not in _BY_KEY:
            _flatten(f"{key}.", value, flat, path)
            continue
        if key not in _BY_KEY:
            raise UnknownSettingError(file=path, key=key, nearest=_nearest(key))
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise SettingValueError(given=value, key=key, origin=path.name, expected="text or a whole number")
        text = str(value)
        check_value(_BY_KEY[key], text, path.name if path.is_absolute() else str(path))
        flat[key] = text
