"""``tracelib doctor``: what this machine and workspace need, and what to do about it."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.clock import wall_text
from tracelib.errors import TraceError
from tracelib.text import phrase, translator
from tracelib_cli import checkup
from tracelib_cli.checkup import BAD, CARE, GOOD, Check, Finding
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.machine_marks import marks_can_be_kept, marks_folder
from tracelib_cli.settings import find_workspace

if TYPE_CHECKING:
    from tracelib.trust.keyring import KeyRing

MARKS = {GOOD: "✓", CARE: "!", BAD: "✗"}
LITTLE_BYTES, NEARLY_FULL_BYTES = 2 * 1024**3, 200 * 1024**2


@click.command(cls=TranslatedCommand)
@click.option(
    "--clock-is-right", is_flag=True, help="You looked: the clock is right, whatever the book of changes makes of it."
)
@answers
@pass_context
def command(context: Context, clock_is_right: bool) -> int:
    """Check this machine and workspace: clock, disk, keys, bundle, host, fonts, decoders, database.

    Exit status 0 unless something is wrong that stops work.

    Example: tracelib doctor
    """
    if clock_is_right:
        now = context.clock.now()
        with context.store.unit_of_work() as uow:
            uow.changes.confirm_clock(now)
        if not context.out.json:
            text = "Noted that the clock is right: {now}. What was refused because of it can be run again now."
            context.out.line(context.say(text, now=wall_text(now)))
    findings = _findings(context)
    if context.out.json:
        context.out.value([{"name": f.name, "state": f.state, "found": f.found, "remedy": f.remedy} for f in findings])
    else:
        say = context.say
        context.out.table(
            ["", say("What"), say("Found"), say("What to do")],
            [(MARKS[f.state], say(f.name), f.found, f.remedy) for f in findings],
        )
    return 1 if any(finding.state == BAD for finding in findings) else 0


def _findings(context: Context) -> list[Finding]:
    """Every check that can be made: those of a workspace where there is one, those of its database where it opens."""
    findings = _run(context, MACHINE)
    settings = _run(context, (("Workspace", _workspace),))
    findings += settings
    if any(finding.state == BAD for finding in settings):
        return findings
    findings += _run(context, WORKSPACE)
    if context.settings.folder is not None:
        database = _run(context, (("Database", checkup.database),))
        findings += database
        findings += _run(context, OF_KEYS)
        if not any(finding.state == BAD for finding in database):
            findings += _run(context, OF_STORE)
    return findings


def _run(context: Context, checks: "tuple[tuple[str, Check], ...]") -> list[Finding]:
    """The findings of some checks; an error of the tree is one too."""
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings += check(context)
        except TraceError as error:
            findings.append(Finding(name, BAD, error.message(translator(context.language))))
    return findings


def _machine(context: Context) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", GOOD, version)
    free = shutil.disk_usage(find_workspace(Path.cwd()) or ".").free
    state = BAD if free < NEARLY_FULL_BYTES else CARE if free < LITTLE_BYTES else GOOD
    found = context.say("{free} GB free", free=f"{free / 1024**3:.1f}")
    yield Finding(phrase("Disk"), state, found, "" if state == GOOD else context.say("Make room on the disk."))


def _clock(context: Context) -> Iterator[Finding]:
    from tracelib.trust.keyring import BUILD_S

    now = context.clock.now()
    wrong = now.timestamp() < BUILD_S
    remedy = context.say("Set the clock: it is earlier than this program.") if wrong else ""
    yield Finding(phrase("Clock"), BAD if wrong else GOOD, wall_text(now), remedy)


def _fonts(context: Context) -> Iterator[Finding]:
    from tracelib.labels.fonts import find_font

    named = context.settings.text("label.font")
    font = find_font(context.settings.path("label.font") if named else None)
    yield Finding(phrase("Font for labels"), GOOD, str(font.path))


def _decoders(context: Context) -> Iterator[Finding]:
    from importlib.util import find_spec

    if find_spec("zxingcpp") is None:
        remedy = "pip install '.[scanner]'"
        yield Finding(phrase("Decoder"), CARE, context.say("no reading of pictures here"), remedy)
        return
    yield Finding(phrase("Decoder"), GOOD, "zxing-cpp")
    from tracelib_scanner.decoders import zbar

    missing = zbar.load() is None
    remedy = context.say("Install libzbar0 for labels that the first decoder cannot read.") if missing else ""
    found = context.say("not here; the line goes on without it") if missing else "zbar"
    yield Finding(phrase("Second decoder"), CARE if missing else GOOD, found, remedy)


def _workspace(context: Context) -> Iterator[Finding]:
    say = context.say
    if context.settings.folder is None:
        yield Finding(phrase("Workspace"), CARE, say("none here"), "tracelib init DIR")
        return
    yield Finding(phrase("Workspace"), GOOD, str(context.settings.folder))
    yield _host(context)


def _host(context: Context) -> Finding:
    """Whether the settings ``host`` and ``path`` can stand in a code, and are somebody's own."""
    from tracelib.codes.url import url_head

    say, host = context.say, context.settings.text("host")
    try:
        url_head(host, context.settings.text("path"))
    except TraceError as error:
        found = error.message(translator(context.language))
        return Finding(phrase("Host"), BAD, found, "tracelib config set host HOST | tracelib config set path PATH")
    example = host.endswith(("example.com", "example.org", "example.net"))
    remedy = say("Fine for trying out; real labels need your own host.") if example else ""
    return Finding(phrase("Host"), CARE if example else GOOD, host, remedy)


def _counters(context: Context) -> Iterator[Finding]:
    """Whether this is the workspace that the counters belong to; a copy may not issue. (db check compares them.)"""
    from tracelib.store.counter_guard import LOCK_NAME, hold_guard
    from tracelib_cli.issuing import desk_of

    if context.settings.folder is None or not (context.settings.path("keys") / LOCK_NAME).is_file():
        return
    desk = desk_of(context)
    with hold_guard(desk.keys, workspace=desk.workspace, machine=desk.machine, marks=desk.marks, timeout_s=2) as guard:
        yield Finding(phrase("Counters"), GOOD, context.say("they belong to this workspace"))
        closed = len(guard.state.closed)
    if not marks_can_be_kept():
        found = context.say("an older copy of this folder would not be noticed on this machine")
        remedy = context.say("Let {folder} be written, or never copy an old folder back.", folder=marks_folder() or "~")
        yield Finding(phrase("Counters"), CARE, found, remedy)
    if closed:
        found = context.say("{count} keys came out of a backup and issue nothing here", count=closed)
        yield Finding(phrase("Counters"), CARE, found, "docs/backup.md")


def _keys(context: Context) -> Iterator[Finding]:
    from tracelib.trust.errors import EnvelopeError

    if context.settings.folder is None:
        return
    names = [info.name for info in context.keystore.list()]
    remedy = "" if names else "tracelib key new NAME"
    yield Finding(phrase("Keys"), GOOD if names else CARE, ", ".join(names) or context.say("none"), remedy)
    for name in context.keystore.strangers():
        yield Finding(phrase("Keys"), BAD, EnvelopeError(what=name).message(translator(context.language)))


def _bundle(context: Context) -> Iterator[Finding]:
    if context.settings.folder is None:
        return
    if not context.bundle_path().is_file():
        remedy = "tracelib bundle export | tracelib bundle import FILE"
        yield Finding(phrase("Trust bundle"), CARE, context.say("none"), remedy)
        return
    ring = _ring(context)
    state = ring.state(context.clock.now())
    remedies = {
        "stale": context.say("Fetch a new bundle."),
        "old": context.say("Fetch a new bundle: recalls and revocations may be missing."),
        "clock_wrong": context.say("Set the clock: it is earlier than the bundle."),
    }
    mark = {"fresh": GOOD, "stale": CARE}.get(state, BAD)
    found = context.say("number {seq}, {state}", seq=ring.bundle_seq, state=context.say(state))
    yield Finding(phrase("Trust bundle"), mark, found, remedies.get(state, ""))
    for fault in ring.faults:
        yield Finding(phrase("Trust bundle"), CARE, fault.message(translator(context.language)))


def _ring(context: Context) -> "KeyRing":
    from tracelib.operations.trust.ring import workspace_ring

    with context.store.reading() as uow:
        return workspace_ring(uow, context.settings.text("root"), context.bundle_path())


MACHINE: tuple[tuple[str, Check], ...] = (
    ("Python", _machine),
    ("Clock", _clock),
    ("Decoder", _decoders),
)
WORKSPACE: tuple[tuple[str, Check], ...] = (
    ("Operator", checkup.operator),
    ("Font for labels", _fonts),
)
OF_KEYS: tuple[tuple[str, Check], ...] = (("Counters", _counters), ("Keys", _keys))
OF_STORE: tuple[tuple[str, Check], ...] = (
    ("Trust bundle", _bundle),
    ("Clock", checkup.clock_against_store),
    ("Keys", checkup.carried_keys),
    ("Delegations", checkup.delegations),
    ("Counters", checkup.counters_in_books),
    ("Unfinished issues", checkup.unfinished),
    ("Events to the platform", checkup.outbox),
    ("Backup", checkup.backup),
)
