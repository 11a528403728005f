"""How far a workspace's guard had come on this machine: one number for each workspace, kept outside of its folder.

Whoever copies an old folder back over the workspace brings guard and database back together, into the very same files;
nothing within the folder can tell. This mark is not in the folder, so it stays (ADR 16). It holds no names, paths or
counters: how often the guard was written. Where it cannot be kept (a container, a home that is read-only), work goes on
without it.
"""

import hashlib
import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

LONGEST = 20


@dataclass(frozen=True, slots=True)
class MachineMark:
    """The mark of one workspace. ``folder`` None: none is kept."""

    folder: Path | None
    workspace: str

    @property
    def file(self) -> Path | None:
        """Where it is kept: named by the hash of the workspace's id."""
        name = hashlib.sha256(f"tracelib/mark/1{self.workspace}".encode()).hexdigest()[:32]
        return None if self.folder is None else self.folder / f"{name}.mark"

    def read(self) -> int:
        """The highest number that was kept, 0 where there is none that can be read."""
        if self.file is None:
            return 0
        try:
            with self.file.open("rb") as stream:
                text = stream.read(LONGEST).strip()
        except OSError:
            return 0
        return int(text) if text.isdigit() else 0

    def keep(self, number: int) -> None:
        """Keep a number, on the disk when this returns; what cannot be kept is not."""
        if self.file is None:
            return
        temporary = self.file.with_suffix(".tmp")
        with suppress(OSError):
            self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            with temporary.open("wb") as stream:
                stream.write(b"%d\n" % number)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(self.file)
