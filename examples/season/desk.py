"""Runs ``tracelib`` as the clerk does, one process a command, and reads its JSON."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

PASSPHRASE = "示例口令，仅供演示"  # noqa: S105 - of an invented workspace
"""Opens every key of the season: growers, keys and passphrase are invented."""
Say = Callable[[str], None]


class UnexpectedAnswerError(AssertionError):
    """A command answered otherwise than the season needs."""


class Desk:
    """One workspace on one laptop, and who works there."""

    def __init__(self, folder: Path, operator: str, say: Say) -> None:
        self.folder = folder
        self._operator = operator
        self._say = say
        self.told = ""
        """What the last command said to the person rather than to the program: warnings, a one-time passphrase."""

    def run(self, *words: object, env: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401 - JSON has every type
        """Run a command that must succeed; its answer."""
        done = self._start(words, env)
        if done.returncode:
            raise UnexpectedAnswerError(f"{_line(words)}: status {done.returncode}\n{done.stderr}")
        lines = done.stdout.strip().splitlines()
        return json.loads(lines[-1]) if lines else None

    def refused(self, code: str, *words: object, env: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
        """Run a command that must be refused with the error ``code``; the error as JSON."""
        done = self._start(words, env)
        error = json.loads(done.stderr.strip().splitlines()[-1])["error"] if done.returncode else {}
        if error.get("code") != code:
            raise UnexpectedAnswerError(f"{_line(words)}: expected {code}, got {error or done.stdout}")
        self._say(f"    refused: {error['message']}")
        return error

    def answer(self, *words: object) -> Any:  # noqa: ANN401
        """The answer of a command that may end with a status of its own (checks, reconciliations)."""
        return json.loads(self._start(words, None).stdout.strip().splitlines()[-1])

    def _start(self, words: tuple[object, ...], env: Mapping[str, str] | None) -> "subprocess.CompletedProcess[str]":
        self._say(f"  $ tracelib {_line(words)}")
        start = [sys.executable, "-P", "-c", "from tracelib_cli.main import run; run()", "--as", self._operator]
        workspace = [] if words[0] == "init" else ["--workspace", str(self.folder)]
        environment = {**os.environ, "TRACELIB_PASSPHRASE": PASSPHRASE, **(env or {})}
        done = subprocess.run(
            [*start, *workspace, *map(str, words), "--json"],
            capture_output=True,
            text=True,
            encoding="utf-8",
            env=environment,
            stdin=subprocess.DEVNULL,
            check=False,
            timeout=1800,
        )
        self.told = done.stderr
        return done


def _line(words: tuple[object, ...]) -> str:
    texts = [word.name if isinstance(word, Path) else str(word) for word in words]
    return " ".join(f"'{text}'" if " " in text or not text else text for text in texts)
