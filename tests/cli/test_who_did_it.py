"""Every command is told apart: it notes who did it, or it writes but what was named, or it writes nothing."""

import ast
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest

from tracelib_cli.main import main

ROOT = Path(__file__).parent.parent.parent
NOTED = {
    "init": "workspace.init",
    "root new": "root.new",
    "key new": "key.new",
    "key revoke": "key.revoke",
    "delegate request": "delegate.request",
    "delegate grant": "delegate.grant",
    "delegate accept": "delegate.accept",
    "delegate again": "delegate.again",
    "bundle export": "bundle.sign",
    "bundle import": "bundle.import",
    "party add": "party.add",
    "brand add": "brand.add",
    "product add": "product.add",
    "grade add": "grade.add",
    "certification add": "certification.add",
    "authorization add": "authorization.add",
    "catalog import": "catalog.import",
    "catalog publish": "catalog.publish",
    "batch register": "batch.register",
    "batch split": "batch.split",
    "batch merge": "batch.merge",
    "batch repack": "batch.repack",
    "batch close": "batch.close",
    "batch map look": "batch.map",
    "batch map remove": "batch.map_remove",
    "code issue": "code.issue",
    "code replace": "code.replace",
    "unit issue": "code.issue",
    "key retire": "key.retire",
    "code void": "code.void",
    "print order": "print.order",
    "print cancel": "print.cancel",
    "print receive": "print.receive",
    "print account": "print.account",
    "print reconcile": "print.reconcile",
    "recall open": "recall.open",
    "recall notice": "recall.notice",
    "recall close": "recall.close",
    "backup make": "workspace.backup",
    "config set": "config.set",
    "db upgrade": "db.upgrade",
}
"""Command and the verb under which the book of changes has it; proved here by doing it."""

NOTED_ELSEWHERE = {
    "recall return": "recall.return",
    "sync push": "sync.push",
    "restore": "workspace.restore",
    "line report": "line.shift",
    "event harvest": "event.harvest",
    "event import": "event.import",
    "workspace resume": "workspace.resume",
    "workspace move out": "workspace.move_out",
    "workspace move in": "workspace.move_in",
}
"""The same where doing it takes more than a desk: a test elsewhere does it and finds the verb in the book."""

STEPS = (
    "destroy", "grade", "inspect", "pack", "precool", "receive", "return", "sell", "ship", "store", "unpack",
)  # fmt: skip
NOTED_IN_ONE_PLACE = {f"event {name}" for name in STEPS}
"""Steps share one function that notes them as ``event.NAME``."""

WITH_THEIR_OWN_BOOK = {"code export", "unit export", "label print", "print make", "line run"}
"""The print log, scans and events: append-only entries of their own that say who or where."""

FILES_ONLY = {
    "batch template", "catalog export", "event export", "label image",
    "label template new", "label test", "label check", "label show", "print note", "workspace move ask", "demo", "tour",
    "device test", "line install", "device bind",
}  # fmt: skip
"""They write a file that was named and change nothing in the workspace's database (demo, tour: in another one)."""

READING = {
    "line status", "device list", "device watch",
    "root show", "key list", "key show", "delegate list", "bundle check", "bundle show", "party list", "party show",
    "brand list", "brand show", "product list", "product show", "grade list", "grade show", "certification list",
    "certification show", "authorization list", "authorization show", "catalog show", "catalog check", "catalog diff",
    "catalog history", "catalog verify", "batch list", "batch map list", "batch map show", "key issued",
    "batch show", "batch report", "code verify", "code show",
    "label template check", "label template list", "label template show", "print list", "print show", "event list",
    "event check", "event hash", "trace",
    "sync status", "serve", "db check", "backup show", "backup verify", "config show", "changes", "doctor",
    "completion",
    "recall list", "recall show", "recall report",
}  # fmt: skip


def commands() -> set[str]:
    """Every command of the program by its words."""
    context = click.Context(main)

    def walk(command: click.Command | None, path: list[str]) -> set[str]:
        if isinstance(command, click.Group):
            names = command.list_commands(context)
            return set().union(*(walk(command.get_command(context, name), [*path, name]) for name in names))
        return {" ".join(path)}

    return walk(main, [])


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("day").resolve()
    for name in ("home", "tmp", "elsewhere"):
        (folder / name).mkdir()
    return folder


@pytest.fixture(scope="module")
def day(place: Path) -> dict[str, Any]:
    """A day at the desk in a watched process, whose home, temporary and current folder are watched as well."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("TRACELIB_", "XDG_"))}
    given = {"HOME": str(place / "home"), "TMPDIR": str(place / "tmp"), "PYTHONDONTWRITEBYTECODE": "1"}
    python_path = os.pathsep.join(str(ROOT / part) for part in (".", "scanner", "cli"))
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name("desk_day.py")), str(place)],
        capture_output=True, text=True, env={**kept, **given, "PYTHONPATH": python_path}, cwd=place / "elsewhere",
        check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-4000:]
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def test_every_command_is_told_apart() -> None:
    """A new command belongs into one of the lists above, and where it changes something, into the first."""
    lists = [set(NOTED), set(NOTED_ELSEWHERE), NOTED_IN_ONE_PLACE, WITH_THEIR_OWN_BOOK, FILES_ONLY, READING]
    told = set().union(*lists)
    assert sum(map(len, lists)) == len(told), "a command stands in two lists"
    assert commands() - told == set(), "commands that nobody has told apart"
    assert told - commands() == set(), "commands that are gone"


@pytest.mark.parametrize("command", NOTED)
def test_who_did_it_is_in_the_book(day: dict[str, Any], command: str) -> None:
    assert [f"示例 {command}", NOTED[command]] in day["changes"]


def test_every_change_names_somebody_and_nobody_else_is_named(day: dict[str, Any]) -> None:
    known = {f"示例 {command}" for command in commands()}
    assert {operator for operator, _ in day["changes"]} <= known


def verbs_in_the_program() -> set[str]:
    """The verbs that are written out where a change is noted."""
    found = set()
    for folder in ("tracelib", "cli/tracelib_cli"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("changes.add"):
                    first = node.args[0]
                    if isinstance(first, ast.Constant):
                        found.add(str(first.value))
    return found


@pytest.mark.parametrize("verb", NOTED_ELSEWHERE.values())
def test_what_is_not_proved_here_is_asserted_by_another_test(verb: str) -> None:
    """The verb stands within an assertion of some test, not only in the program."""
    asserted = [
        ast.unparse(node.test)
        for path in (ROOT / "tests").rglob("test_*.py")
        if path.name != Path(__file__).name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Assert)
    ]
    assert any(verb in one for one in asserted)


def test_every_step_is_noted_where_all_of_them_are() -> None:
    noting = (ROOT / "tracelib" / "operations" / "events" / "step.py").read_text("utf-8")
    assert 'verb = f"event.{done.step.name}"' in noting
    assert "uow.changes.add(verb" in noting


def test_every_verb_has_its_chinese(day: dict[str, Any]) -> None:
    from tracelib.text import translator

    said = translator("zh")
    verbs = verbs_in_the_program() | {verb for _, verb in day["changes"]}
    words = {verb: verb.replace(".", " ").replace("_", " ") for verb in verbs}
    assert {verb for verb, word in words.items() if said("verb", word) == word} == set()


def test_nothing_is_written_outside_the_workspace_but_what_was_named(day: dict[str, Any], place: Path) -> None:
    allowed = [str(place / name) for name in ("desk", "coop", "out", "home/.local/state/tracelib")]
    on_the_way = {os.devnull, str(place / "home/.local"), str(place / "home/.local/state")}
    outside = [
        path
        for path in day["writes"]
        if path not in on_the_way and not any(path == one or path.startswith(one + os.sep) for one in allowed)
    ]
    assert outside == []
    assert any(path.endswith("tracelib.db") for path in day["writes"]), "the watch sees nothing"
    assert any("labels.pdf" in path for path in day["writes"]), "the watch sees nothing"
    for name in ("tmp", "elsewhere"):
        assert list((place / name).iterdir()) == []
    left = [path.relative_to(place / "home") for path in (place / "home").rglob("*") if path.is_file()]
    assert {path.parent.as_posix() for path in left} <= {".local/state/tracelib"}, "the one mark of ADR 16"
    assert {path.suffix for path in left} <= {".mark"}
