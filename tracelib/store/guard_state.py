"""What the counter guard remembers in ``counters.json`` beside the keys: a value, read whole and written whole."""

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracelib.errors import StoreError

CounterWindow = tuple[int, int]
"""First and last counter, both included."""

_STATES = ("sealed_for", "awaiting", "adopted", "restored_from")


class GuardDamagedError(StoreError):
    """The guard's file cannot be read."""

    code = "guard.damaged"
    template = (
        "{file} is damaged ({detail}). Nothing was issued. Move it away and enrol a new key: "
        "tracelib key new, tracelib delegate request"
    )


@dataclass
class GuardState:
    """Identity and memory of a guard. What is empty is not written.

    ``counters``: ``PARTY/PREFIX/WINDOW`` to the next counter that was never reserved. ``granted``: windows that were
    given to line keys, by the same names. ``children``: full hash of a granting key to the hashes of the delegations
    that it signed. ``closed``: full hashes of keys that may neither issue nor grant here, with the reason.
    ``sealed_for``: the request of the workspace that all of this was handed over to; this one is closed for ever.
    ``awaiting``: the secret number of a request that this place made and no move has answered. ``adopted``: the move
    that was taken in. ``ancestors``: ids of the workspaces that the counters were handed over from, in order.
    ``restored_from``: id of the workspace whose backup made this one. ``writes``: how often the guard was written, by
    which one from the past is known. All hashes in hex.
    """

    workspace: str
    machine: str
    place: str
    counters: dict[str, int] = field(default_factory=dict)
    granted: dict[str, set[CounterWindow]] = field(default_factory=dict)
    children: dict[str, set[str]] = field(default_factory=dict)
    closed: dict[str, str] = field(default_factory=dict)
    sealed_for: str = ""
    awaiting: str = ""
    adopted: str = ""
    restored_from: str = ""
    ancestors: tuple[str, ...] = ()
    writes: int = 0

    @property
    def identity(self) -> dict[str, str]:
        """What tells a copy from the original."""
        return {"workspace": self.workspace, "machine": self.machine, "place": self.place}

    def memory(self) -> dict[str, Any]:
        """Everything but the identity and the states of a move, as plain JSON values: what a move hands over."""
        more = {
            "children": {name: sorted(hashes) for name, hashes in sorted(self.children.items()) if hashes},
            "closed": self.closed,
            "ancestors": list(self.ancestors),
        }
        return {
            "counters": self.counters,
            "granted": {name: sorted(windows) for name, windows in self.granted.items() if windows},
            **{name: value for name, value in more.items() if value},
        }

    def learn(self, memory: Mapping[str, Any]) -> None:
        """Take over what :meth:`memory` gave. ValueError, KeyError, TypeError, AttributeError where it is none."""
        self.counters = {str(name): int(value) for name, value in memory["counters"].items()}
        self.granted = {
            str(name): {(int(first), int(last)) for first, last in windows}
            for name, windows in memory.get("granted", {}).items()
        }
        self.children = {str(name): set(map(str, hashes)) for name, hashes in memory.get("children", {}).items()}
        self.closed = {str(name): str(why) for name, why in memory.get("closed", {}).items()}
        self.ancestors = tuple(str(one) for one in memory.get("ancestors", ()))

    def write(self, file: Path) -> None:
        """Put it on the disk: when this returns it is there, whatever happens."""
        states = {name: getattr(self, name) for name in _STATES}
        values = {
            **self.identity,
            **self.memory(),
            "writes": self.writes,
            **{name: value for name, value in states.items() if value},
        }
        body = json.dumps(values, indent=1, sort_keys=True) + "\n"
        temporary = file.with_suffix(".tmp")
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(body)
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(file)
        sync_folder(file.parent)


def read_state(file: Path) -> GuardState:
    """The state in a guard's file. GuardDamagedError; FileNotFoundError where there is none."""
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        state = GuardState(str(data["workspace"]), str(data["machine"]), str(data["place"]))
        state.learn(data)
        for name in _STATES:
            setattr(state, name, str(data.get(name, "")))
        state.writes = int(data.get("writes", 0))
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise GuardDamagedError(file=file, detail=error) from None
    return state


def sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut. Windows keeps it without."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
