"""Where this machine remembers how far counter guards had come: the state folder of the user who works (ADR 16)."""

import os
import sys
from pathlib import Path


def marks_folder() -> Path | None:
    """``$XDG_STATE_HOME/tracelib`` (default ``~/.local/state``); on Windows ``%LOCALAPPDATA%\\tracelib``, on a Mac
    ``~/Library/Application Support/tracelib``. None for a user without a home.
    """
    try:
        return _state_home() / "tracelib"
    except RuntimeError:
        return None


def marks_can_be_kept() -> bool:
    """Whether the folder can be written, or made. Nothing is made."""
    folder = marks_folder()
    if folder is None:
        return False
    nearest = next(one for one in (folder, *folder.parents) if one.exists())
    return nearest.is_dir() and os.access(nearest, os.W_OK | os.X_OK)


def _state_home() -> Path:
    named = os.environ.get("LOCALAPPDATA" if sys.platform == "win32" else "XDG_STATE_HOME", "")
    if named and Path(named).is_absolute():  # a relative one is to be ignored (XDG Base Directory Specification)
        return Path(named)
    parts = {"win32": ("AppData", "Local"), "darwin": ("Library", "Application Support")}
    return Path.home().joinpath(*parts.get(sys.platform, (".local", "state")))
