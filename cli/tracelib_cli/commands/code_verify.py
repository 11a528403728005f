"""``tracelib code verify`` and ``show``; ``commands/code.py`` puts them into its group.

Verification reads whatever a scanner sends: lines that are not UTF-8, control characters, a megabyte at once. Every
line gets its answer; none ends the run.
"""

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from tracelib.clock import wall_text
from tracelib.errors import shown
from tracelib_cli import errors
from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import PASSPHRASE_VARIABLE, Context, pass_context
from tracelib_cli.output import echo

if TYPE_CHECKING:
    from tracelib.codes.verify import Inspection
    from tracelib.operations.verify import Unit, Verifier

LONGEST_LINE = 1 << 20
"""Bytes of a line that are looked at. What follows is dropped and a mark put in its place, which no code may hold."""
CUT = "…"
_COLOURS = {"good": "green", "caution": "yellow", "bad": "red"}
_MARKS = {"good": "✔", "caution": "?", "bad": "✘"}


@click.command("verify", cls=TranslatedCommand)
@click.argument("code", required=False, default="-")
@click.option(
    "--bundle",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Verify with this trust bundle alone: no workspace, no database, no network.",
)
@click.option("--root", metavar="FINGERPRINT", help="Fingerprint of the root, from elsewhere than the bundle.")
@answers
@pass_context
def verify(context: Context, code: str, bundle: Path | None, root: str | None) -> int:
    """Verify codes: one, or with - one on each line of standard input. Exit status 4 if any is not accepted.

    In a workspace the registry is asked too. It finds serial numbers where TRACELIB_PASSPHRASE or --passphrase-fd opens
    the key store; else the steps registration and quota stay open. Nothing is changed and no check is counted.

    Example: tracelib code verify --bundle trust.bundle --root FINGERPRINT --json - < scans.txt
    """
    all_accepted = True
    with verifier_for(context, bundle, root) as verifier:
        texts = [code] if code != "-" else read_lines(sys.stdin.buffer)
        for text in texts:
            inspection = verifier.inspect(text, context.clock.now())
            all_accepted = all_accepted and inspection.accepted
            if context.out.json:
                context.out.value(inspection.as_json())
            else:
                _print(context, inspection)
            sys.stdout.flush()  # a device or a program at the other end waits for this answer
    return errors.OK if all_accepted else errors.VERIFICATION


@click.command("show", cls=TranslatedCommand)
@click.argument("serial")
@answers
@pass_context
def show(context: Context, serial: str) -> None:
    """Show what this workspace knows of a code by its serial, SSCC or address: batch, state, checks.

    A number that is typed only identifies: nothing is verified by it.

    Example: tracelib code show 7KQX9-Y93Q6-MJ608
    """
    from tracelib.operations.verify import held_serial_keys, identify_unit

    keys = held_serial_keys(context.keystore, _passphrase_at_hand(context))
    with context.store.reading() as uow:
        unit = identify_unit(uow, serial, keys)
    if context.out.json:
        context.out.value(_unit_as_json(unit))
    else:
        _print_unit(context, unit)


def read_lines(stream: IO[bytes]) -> Iterator[str]:
    """The non-empty lines of a byte stream as text, without their ends; bytes that are not UTF-8 survive in it.

    Of a line above 1 MiB only the beginning is kept, with a mark behind it; memory stays bounded whatever comes.
    """
    while line := stream.readline(LONGEST_LINE + 1):
        cut = ""
        if len(line) > LONGEST_LINE and not line.endswith(b"\n"):
            line, cut = line[:LONGEST_LINE], CUT
            while (rest := stream.readline(LONGEST_LINE)) and not rest.endswith(b"\n"):
                pass
        text = line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8", "surrogateescape") + cut
        if text:
            yield text


@contextlib.contextmanager
def verifier_for(context: Context, bundle: Path | None = None, root: str | None = None) -> "Iterator[Verifier]":
    """What verifies: the bundle alone, else the workspace with its register."""
    from tracelib.operations.verify import bundle_verifier, held_serial_keys, workspace_verifier
    from tracelib.trust.root import parse_fingerprint

    pinned = root if root is not None else context.settings.text("root")
    fingerprint = parse_fingerprint(pinned) if pinned else None
    if bundle is not None:
        yield bundle_verifier(bundle, fingerprint)
        return
    _ = context.settings.workspace  # the clearer error where there is neither a bundle nor a workspace
    keys = held_serial_keys(context.keystore, _passphrase_at_hand(context))
    own_keys = [info.public.hash for info in context.keystore.list()]
    with context.store.reading() as uow:
        yield workspace_verifier(uow, fingerprint or "", context.bundle_path(), own_keys=own_keys, serial_keys=keys)


def _passphrase_at_hand(context: Context) -> bytes | None:
    """The passphrase from descriptor or variable; verifying never asks for one."""
    if context.passphrase_fd is None and PASSPHRASE_VARIABLE not in os.environ:
        return None
    return context.passphrase


# ---------------------------------------------------------------------------------------------- words for people


def _print(context: Context, inspection: "Inspection") -> None:
    from tracelib.codes.words import checks_in_words, is_proven, warnings_in_words, words_of

    say, words = context.say, words_of(inspection)
    head = f"{_MARKS[words.tone]} {say(words.short)}"
    checks = checks_in_words(inspection, say)
    echo(head + (f" · {checks}" if checks else ""), fg=_COLOURS[words.tone], bold=True)
    echo(f"  {say(words.sentence)}")
    reason = _reason(context, inspection)
    if reason:
        echo(f"  {say('Reason')}: {reason}")
    if inspection.record is None and inspection.serial is None:
        echo(f"  {say('Read')}: {shown(inspection.text)}")
    if inspection.record is not None and not is_proven(inspection):
        echo(f"  {say('What the code claims, and nothing proves:')}")
    for name, value in _facts(context, inspection):
        echo(f"  {say(name)}: {value}")
    for warning in warnings_in_words(inspection, say):
        echo(f"  ! {warning}", fg="yellow")


def _reason(context: Context, inspection: "Inspection") -> str | None:
    from tracelib.codes.words import failed_reason
    from tracelib.text import translator

    reason = None if inspection.accepted else failed_reason(inspection)
    return translator(context.language)("code.reason", reason) if reason else None


def _facts(context: Context, inspection: "Inspection") -> Iterator[tuple[str, str]]:
    """What the code says, as (English name, value) in the order in which people ask."""
    from tracelib.clock import date_of_day
    from tracelib.codes.record import level_name
    from tracelib.codes.words import is_proven, replacement_in_words, serial_in_words

    record, key, grade = inspection.record, inspection.trusted_key, inspection.grade_name
    if key is not None and (record is None or is_proven(inspection)):
        name_zh, name_en = key.party.name_zh, key.party.name_en
        name = name_en if context.language == "en" and name_en else name_zh
        yield "Issued by", name + (f" ({key.party.uscc})" if key.party.uscc else "")
    identified = inspection.identified
    lot = record.lot if record else identified.lot if identified else None
    product = record.product_key if record else identified.product_key if identified else None
    if product:
        yield "Product", product
    if lot:
        yield "Lot", lot
    serial = serial_in_words(inspection)
    if serial:
        yield "Serial number", serial
    yield from replacement_in_words(inspection)
    if record is not None:
        yield "Day of issue", date_of_day(record.day).isoformat()
        if record.weight_10g:
            yield "Net weight", f"{record.weight_10g / 100:g} kg"
        if grade is not None:
            yield "Grade", grade[1] if context.language == "en" and grade[1] else grade[0]
        yield "Level", context.say(level_name(record.level))


def _print_unit(context: Context, unit: "Unit") -> None:
    from tracelib.codes.words import serial_as_printed

    say, state = context.say, unit.state
    echo(say("identified, not verified"), fg="yellow", bold=True)
    rows: list[tuple[str, object]] = [("Serial number", unit.unit_id), ("Party", unit.party_id)]
    rows += [("Product", unit.product_key), ("Lot", unit.lot), ("Manifest", unit.seq)]
    rows.append(("State", say({"voided": "void", "active": "active"}.get(state.state if state else "", "issued"))))
    if state is not None:
        activated = wall_text(state.activated_at) if state.activated_at else None
        voided = wall_text(state.voided_at) if state.voided_at else None
        rows += [
            ("Activated", activated),
            ("Void since", voided),
            ("Reason", say(state.reason) if state.reason else None),
            ("Note", state.note or None),
            ("Replaced by", serial_as_printed(state.replaced_by)),
            ("Replaces", serial_as_printed(state.replaces)),
        ]
    if unit.checks is not None:
        rows.append(("Checks", unit.checks.count))
    for name, value in rows:
        if value is not None:
            echo(f"  {say(name)}: {value}")


def _unit_as_json(unit: "Unit") -> dict[str, object]:
    state, checks = unit.state, unit.checks
    return {
        "unit": unit.unit_id,
        "verdict": "identified",
        "party": unit.party_id,
        "product": unit.product_key,
        "lot": unit.lot,
        "manifest": unit.seq,
        "registered_at": unit.registered_at,
        "state": state.state if state else "issued",
        "activated_at": state.activated_at if state else None,
        "voided_at": state.voided_at if state else None,
        "reason": state.reason if state else None,
        "note": state.note if state else None,
        "replaced_by": state.replaced_by if state else None,
        "replaces": state.replaces if state else None,
        "checks": {"count": checks.count, "first_at": checks.first_at} if checks else None,
    }
