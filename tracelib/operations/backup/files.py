"""Which files make a workspace, under which names a backup keeps them, and where they go when they come home."""

import re
import shutil
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from tracelib.identifiers.division import DIVISIONS
from tracelib.store.archive import Manifest
from tracelib.store.backup_errors import ArchiveFormatError, NoRoomError
from tracelib.trust.keystore import RETIRED, SUFFIX

DATABASE, SETTINGS, LINE, BUNDLE = "tracelib.db", "tracelib.toml", "line.toml", "trust.bundle"
KEYS = "keys"
FOLDERS = ("templates", "pictures")
SINGLE = (SETTINGS, LINE, BUNDLE, DIVISIONS)
"""``SINGLE`` and ``FOLDERS`` are all that a backup keeps beside the database and the keys: what people made and no
command makes again. A new file of that sort in a workspace is named there, and in docs/backup.md.
"""
_WHERE = frozenset(("database", "keys", "bundle", "line"))
_PLACES = re.compile(r"^([ \t]*(?:database|keys|bundle|line)[ \t]*=)", re.MULTILINE)
"""Settings that say where things are; in a workspace that is made from a backup they are in their usual places."""
_KEY_FILE = re.compile(rf"{KEYS}/(?:{RETIRED}/)?[a-z0-9][a-z0-9-]{{0,39}}{re.escape(SUFFIX)}")
_RESERVE = 16 << 20
CheckSettings = Callable[[str, Path], None]
"""Raises for the text of a settings file, named by the path, that the program would refuse: the command line knows."""


@dataclass(frozen=True, slots=True)
class WorkspaceFiles:
    """Where a workspace keeps what is not in its database."""

    folder: Path
    keys: Path
    bundle: Path
    line: Path

    @classmethod
    def usual(cls, folder: Path) -> "WorkspaceFiles":
        """The usual places in a folder."""
        return cls(folder, folder / KEYS, folder / BUNDLE, folder / LINE)

    def place_of(self, name: str) -> Path:
        """Where a member of a backup belongs."""
        if name.startswith(f"{KEYS}/"):
            return self.keys / name.removeprefix(f"{KEYS}/")
        return {BUNDLE: self.bundle, LINE: self.line}.get(name, self.folder / name)

    def members(self, *, keys: bool) -> Iterator[tuple[str, Path]]:
        """Every file but the database that a backup keeps: (name in it, file). No links, nothing hidden."""
        yield from ((name, self.place_of(name)) for name in SINGLE if self.place_of(name).is_file())
        if keys:
            for below in (KEYS, f"{KEYS}/{RETIRED}"):
                found = sorted(self.place_of(f"{below}/x").parent.glob(f"*{SUFFIX}"))
                yield from ((f"{below}/{file.name}", file) for file in found)
        for folder in FOLDERS:
            for file in sorted((self.folder / folder).rglob("*")):
                relative = file.relative_to(self.folder)
                hidden = any(part.startswith(".") for part in relative.parts)
                if file.is_file() and not file.is_symlink() and not hidden:
                    yield relative.as_posix(), file


def require_known(file: Path, manifest: Manifest) -> None:
    """ArchiveFormatError for a member that no backup of ours has: it could lay itself over something else."""
    for member in manifest.members:
        name = member.name
        known = name in (DATABASE, *SINGLE) or _KEY_FILE.fullmatch(name)
        folder, below, _ = name.partition("/")
        if not known and not (below and folder in FOLDERS):
            raise ArchiveFormatError(file=file, reason=f"it holds {name}, which is no part of a workspace")


def require_room(folder: Path, needed: int) -> None:
    """NoRoomError where the disk of a folder has less free than ``needed`` bytes."""
    free = shutil.disk_usage(folder).free
    if free < needed + _RESERVE:
        raise NoRoomError(folder=folder, free=free >> 20, needed=(needed + _RESERVE) >> 20)


def checked_settings(file: Path, settings: Path, check: CheckSettings) -> str:
    """The text of the settings that came out of ``file``. Raises what ``check`` raises; ArchiveFormatError."""
    try:
        text = settings.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise ArchiveFormatError(file=file, reason=f"its {SETTINGS} is no text") from None
    check(text, Path(file.name, SETTINGS))
    return text


def settings_at_home(file: Path, settings: Path, check: CheckSettings, database: str | None = None) -> str:
    """The settings out of ``file`` for a workspace in a new place: where things are is put out of force, ``database``
    named where given. ``check`` raises for settings that the program would refuse.

    Raises ArchiveFormatError where places are said in another way than a line of ours, and what ``check`` raises.
    """
    moved = _PLACES.sub(r"# elsewhere before: \1", checked_settings(file, settings, check))
    left = sorted(_WHERE.intersection(tomllib.loads(moved)))
    if left:
        raise ArchiveFormatError(file=file, reason=f"its {SETTINGS} says «{left[0]}» in a way that is not ours")
    return moved if database is None else f"database = {_toml_text(database)}\n{moved}"


def _toml_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
