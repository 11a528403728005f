"""Leads through the steps: shows, explains, runs, waits; remembers how far it came."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tracelib.errors import RuleError
from tracelib_cli.context import PASSPHRASE_VARIABLE, Context
from tracelib_cli.first.next_steps import TOUR as STATE

if TYPE_CHECKING:
    from tracelib_cli.tour.steps import Step

PASSPHRASE = "tour of a day"  # noqa: S105 - the sample's own, told to everybody
CODES = "codes.csv"


class TourFolderError(RuleError):
    """The folder holds something else."""

    code = "tour.folder"
    template = "{folder} is not empty and was not left by an earlier tour: name another with --dir DIR."


class TourStepError(RuleError):
    """A command of the tour ended otherwise than the tour says."""

    code = "tour.step"
    template = (
        "The step «{step}» ended with status {found} where {expected} was expected ({command}). "
        "Begin anew in another folder: tracelib tour --dir DIR"
    )


class Guide:
    """One tour in one folder, which is the workspace too. ``done`` says how many steps are behind us."""

    def __init__(self, context: Context, folder: Path, *, waits: bool) -> None:
        self.context = context
        self.folder = folder
        self.waits = waits
        self.quiet = context.out.json
        self.done = self._earlier()
        self._step = ""

    def _earlier(self) -> int:
        """How many steps an earlier run did here; TourFolderError where the folder is somebody else's."""
        state = self.folder / STATE
        if state.is_file():
            try:
                return int(json.loads(state.read_text(encoding="utf-8"))["done"])
            except (ValueError, KeyError, TypeError):
                raise TourFolderError(folder=self.folder) from None
        if self.folder.exists() and any(self.folder.iterdir()):
            raise TourFolderError(folder=self.folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._remember()
        return 0

    def _remember(self) -> None:
        from tracelib.trust.keystore import write_synced

        done = getattr(self, "done", 0)
        write_synced(self.folder / STATE, json.dumps({"done": done}).encode(), private=False)

    def walk(self, steps: "tuple[Step, ...]") -> bool:
        """Do the steps that are left; False where somebody stopped half-way."""
        if self.done and not self.quiet:
            self.tell(self.context.say("Going on after step {number}.", number=self.done))
        for number, step in enumerate(steps[self.done :], self.done + 1):
            self._step = step.name
            self.tell("")
            self.tell(click.style(f"{number}/{len(steps)}  {self.context.say(step.title)}", bold=True))
            self.tell(self.context.say(step.why))
            self.tell("")
            step.act(self)
            self.done = number
            self._remember()
            if number < len(steps) and not self._goes_on():
                return False
        return True

    def _goes_on(self) -> bool:
        if not self.waits:
            return True
        question = self.context.say("Enter goes on, q stops")
        answer: str = click.prompt(question, default="", show_default=False, prompt_suffix=" … ", err=True)
        return not answer.strip().lower().startswith("q")

    def tell(self, text: str) -> None:
        """A line for people."""
        if not self.quiet:
            click.echo(text)

    def run(self, *words: str, expected: int = 0) -> None:
        """Run a command of the program in the folder, its answer on the screen as everybody sees it."""
        self.tell(click.style("$ tracelib " + " ".join(_quoted(word) for word in words), fg="cyan"))
        sys.stdout.flush()
        kept = {key: value for key, value in os.environ.items() if not key.startswith("TRACELIB_")}
        given = {PASSPHRASE_VARIABLE: PASSPHRASE, "TRACELIB_LANG": self.context.language}
        command = [sys.executable, "-P", "-c", "from tracelib_cli.main import run; run()", *words]
        output: dict[str, Any] = {"capture_output": True} if self.quiet else {"stderr": subprocess.STDOUT}
        done = subprocess.run(command, cwd=self.folder, env={**kept, **given}, check=False, **output)
        if done.returncode != expected:
            told = " ".join(words)
            raise TourStepError(step=self._step, found=done.returncode, expected=expected, command=told)
        self.tell("")

    def write(self, name: str, text: str) -> None:
        """Write a small file of the tour, with the mark that makes spreadsheets read it as UTF-8, and show it."""
        (self.folder / name).write_text(text, encoding="utf-8-sig")
        for line in (f"{name}:", *text.splitlines()):
            self.tell(f"    {line}")
        self.tell("")

    def code(self, number: int) -> str:
        """The code at this place of the list that the tour issued, from 0."""
        with (self.folder / CODES).open(encoding="utf-8-sig", newline="") as stream:
            return [row["code"] for row in csv.DictReader(stream)][number]


def _quoted(word: str) -> str:
    return f"'{word}'" if " " in word or not word else word
