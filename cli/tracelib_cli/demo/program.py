"""Runs the program's own commands, as a user would type them, and reads their JSON."""

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tracelib_cli.context import PASSPHRASE_VARIABLE

Say = Callable[[str], None]


class Program:
    """``tracelib --workspace FOLDER …`` within this process: the same commands, without starting Python each time."""

    def __init__(self, folder: Path, show: Say, operator: str = "") -> None:
        self.folder = folder
        self._show = show
        self._options = ["--workspace", str(folder), *(["--as", operator] if operator else [])]

    def run(self, *arguments: str | Path, quiet: bool = False) -> Any:  # noqa: ANN401 - JSON has every type
        """Run a command and return its JSON answer; errors of the tree pass through. ``quiet`` does not show it."""
        from tracelib_cli.main import main

        words = [str(argument) for argument in arguments]
        if not quiet:
            self._show("tracelib " + " ".join(_quoted(word) for word in words))
        options = [] if words[0] == "init" else self._options
        answer = io.StringIO()
        with contextlib.redirect_stdout(answer):
            main.main(args=[*options, *words, "--json"], prog_name="tracelib", standalone_mode=False)
        text = answer.getvalue().strip()
        return json.loads(text.splitlines()[-1]) if text else None

    def command_line(self, *arguments: str | Path) -> list[str]:
        """The words that start a command as a process of its own, with JSON answers."""
        code = "from tracelib_cli.main import run; run()"
        return [sys.executable, "-c", code, "--workspace", str(self.folder), *map(str, arguments), "--json"]


@contextlib.contextmanager
def given_passphrase(passphrase: str) -> Iterator[None]:
    """Commands that run meanwhile take this passphrase and ask nobody."""
    before = os.environ.get(PASSPHRASE_VARIABLE)
    os.environ[PASSPHRASE_VARIABLE] = passphrase
    try:
        yield
    finally:
        if before is None:
            del os.environ[PASSPHRASE_VARIABLE]
        else:
            os.environ[PASSPHRASE_VARIABLE] = before


def _quoted(word: str) -> str:
    return f"'{word}'" if " " in word or not word else word
