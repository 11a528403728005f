"""``tracelib code issue`` and ``export``; ``commands/code.py`` puts them into its group."""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.errors import RuleError
from tracelib_cli.command import TranslatedCommand, answers, folded
from tracelib_cli.context import Context, pass_context
from tracelib_cli.printing import OnceMore, once_more, print_log

if TYPE_CHECKING:
    from tracelib.operations.export import Selection
    from tracelib.operations.issuing.issuer import Issuer
    from tracelib.operations.issuing.open_issuers import Issuers
    from tracelib.operations.issuing.register_range import Registered
    from tracelib.operations.printing.log import Again
    from tracelib.store.code_values import IssuedRange

FORMATS = ("csv", "txt", "jsonl")
LEVELS = ("item", "inner", "carton", "pallet")
STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True, slots=True)
class Target:
    """Where the codes go: ``out`` is a file, ``-`` or None; ``format_`` None follows the file's ending."""

    out: Path | None
    format_: str | None
    processes: int


@dataclass(frozen=True, slots=True)
class Stuck:
    """What the codes are stuck on: names of level and profile, grade number, nominal weight of one unit in grams."""

    level: str
    profile: str
    grade: int
    weight: int | None


to_target = folded(
    "target",
    Target,
    click.option(
        "--out", type=click.Path(path_type=Path, allow_dash=True), help="File for the codes; - is standard output."
    ),
    click.option(
        "--format",
        "format_",
        type=click.Choice(FORMATS),
        help="csv (header «code»), txt, jsonl; without it the file's ending decides.",
    ),
    click.option(
        "--processes", type=click.IntRange(0, 64), default=0, help="Processes that sign many codes; 0 takes every core."
    ),
)
stuck_on = folded(
    "stuck",
    Stuck,
    click.option("--level", type=click.Choice(LEVELS), required=True, help="What the codes are stuck on."),
    click.option(
        "--profile", type=click.Choice(("carton", "sticker")), default="carton", help="Signed codes, or short stickers."
    ),
    click.option("--grade", type=int, default=0, help="Number of the grade in the product's list; 0 is not graded."),
    click.option(
        "--weight-g", "weight", type=int, help="Nominal net weight of one unit in grams; cartons take the product's."
    ),
)


@click.command("issue", cls=TranslatedCommand)
@click.argument("lot")
@click.option("--count", type=int, required=True, help="How many codes.")
@stuck_on
@click.option("--key", "key_name", help="Name of the issuer key, where the party has several.")
@to_target
@answers
@pass_context
def issue(context: Context, *, lot: str, count: int, stuck: Stuck, key_name: str | None, target: Target) -> None:
    """Issue codes for a batch: a range of counters, registered with a signed manifest.

    Without --out nothing but the range is answered; its codes can be made at any time with tracelib code export.
    A run that was interrupted before its range was registered is taken up again by the same command; after that the
    codes are there, and tracelib code export writes them.

    Example: tracelib code issue ORANGE/GN-1 --count 1200 --level carton --grade 1 --out codes.csv
    """
    from tracelib.codes.record import Level
    from tracelib.operations.batches.find import resolve_batch
    from tracelib.operations.issuing.issue import IssueRequest, issue_codes
    from tracelib_cli.issuing import desk_of, issuers_of

    settings = context.settings
    require_new(target.out)
    with context.store.reading() as uow:
        batch = resolve_batch(uow, lot, settings.text("party"))
        uow.changes.require_clock(batch.party_id, context.clock.now())
        issuers = issuers_of(context, uow)
    issuer = issuers.of_party(batch.party_id, context.clock.now(), key_name)
    request = IssueRequest(
        batch=batch.key,
        count=count,
        level=Level[stuck.level.upper()],
        host=settings.text("host"),
        path=settings.text("path"),
        profile="sticker" if stuck.profile == "sticker" else "carton",
        grade=stuck.grade,
        weight_g=stuck.weight,
    )
    registered = issue_codes(desk_of(context, _processes(target)), issuer, request)
    deliver(context, issuer, registered, batch.reference, target)


@click.command("export", cls=TranslatedCommand)
@click.argument("lot")
@click.option("--from", "first", type=int, help="Position of the first code within the batch, from 1.")
@click.option("--to", "last", type=int, help="Position of the last code.")
@once_more
@to_target
@answers
@pass_context
def export(context: Context, *, lot: str, first: int | None, last: int | None, again: OnceMore, target: Target) -> None:
    """Write the codes of a batch again: always the same, in the order of issue; to standard output without --out.

    Every export is written into the print log. A file of codes that were printed before could become a second set of
    labels, so it needs --reprint --reason TEXT; to look at them, leave --out away.

    Example: tracelib code export ORANGE/GN-1 --from 1 --to 600 --out codes.csv
    """
    from tracelib.operations.batches.find import resolve_batch
    from tracelib.operations.export import select_codes
    from tracelib_cli.issuing import issuers_of

    with context.store.reading() as uow:
        batch = resolve_batch(uow, lot, context.settings.text("party"))
        selection = select_codes(uow, batch, first, last)
        issuers = issuers_of(context, uow)
    write_selection(context, issuers, selection, batch.reference, (target, again))


def write_selection(
    context: Context, issuers: "Issuers", selection: "Selection", name: str, wanted: tuple[Target, OnceMore]
) -> None:
    """Write codes again where they are wanted, and answer what was written. Shared with ``unit``."""
    from tracelib.operations.export import all_lines

    target, again = wanted
    out = target.out or STANDARD_OUTPUT
    lines = all_lines(issuers, selection.ranges, _processes(target))
    _write(context, lines, selection.ranges, target, None if out == STANDARD_OUTPUT else again.checked())
    count = selection.last - selection.first + 1
    answer = {"batch": name, "from": selection.first, "to": selection.last, "count": count, "file": str(out)}
    if out != STANDARD_OUTPUT:
        text = "{count} codes of {batch} ({first} to {last}) are in {file}."
        _answer(context, answer, text, first=selection.first, last=selection.last)


class CodesFileExistsError(RuleError):
    """The file for new codes is there already."""

    code = "issue.file_exists"
    template = (
        "{file} is there already and may be on its way to the printer. If this command was cut off before, the codes "
        "in it are issued (tracelib batch report): nothing is left to do. For further codes name another file."
    )


def require_new(out: Path | None) -> None:
    """Raise CodesFileExistsError where codes of a fresh range would overwrite a file."""
    if out is not None and out != STANDARD_OUTPUT and out.is_file() and out.stat().st_size:
        raise CodesFileExistsError(file=out)


def deliver(context: Context, issuer: "Issuer", registered: "Registered", name: str, target: Target) -> None:
    """Write the codes of a fresh range where they are wanted, and answer what was issued. Shared with ``unit``."""
    from tracelib.operations.export import code_lines
    from tracelib.operations.issuing.unit_pieces import pieces_of

    range_ = registered.range
    if target.out is not None:
        _write(context, code_lines(issuer, range_, _processes(target)), (range_,), target, None)
    if target.out == STANDARD_OUTPUT:
        return
    for other in () if context.out.json else registered.finished:
        text = "{count} codes that an interrupted run had reserved for lot {lot} are registered too."
        context.out.line(context.say(text, count=other.count, lot=other.lot or "-"))
    text = "{count} codes for {batch}, {from} to {to}, are registered (manifest {seq}) and in {file}."
    if target.out is None:
        text = (
            "{count} codes for {batch}, {from} to {to}, are registered (manifest {seq}). Write them with: "
            "tracelib code export"
        )
    with context.store.reading() as uow:
        (piece,) = pieces_of(uow, (range_,))
    places = {"from": piece.position, "to": piece.last_position}
    _answer(context, {**_as_dict(registered, name, target.out), **places}, text)


def _as_dict(registered: "Registered", name: str, out: Path | None) -> dict[str, object]:
    range_ = registered.range
    return {
        "batch": name,
        "count": range_.count,
        "prefix": range_.prefix,
        "first": range_.first,
        "last": range_.last,
        "seq": range_.seq,
        "manifest": registered.manifest.hash,
        "root": registered.manifest.manifest.root,
        "resumed": registered.resumed,
        "finished": [{"prefix": r.prefix, "first": r.first, "count": r.count} for r in registered.finished],
        "file": None if out is None else str(out),
    }


def _answer(context: Context, answer: dict[str, object], text: str, **more: object) -> None:
    if context.out.json:
        context.out.value(answer)
    else:
        context.out.line(context.say(text, **{**answer, **more}))


def _write(
    context: Context, lines: "Iterator[bytes]", ranges: "Sequence[IssuedRange]", target: Target, again: "Again | None"
) -> None:
    """Write the codes of ``ranges``, which are of one batch, and note it in the print log."""
    from tracelib.batches.prints import Kind
    from tracelib.operations.export import FORMATS as KNOWN
    from tracelib.operations.export import as_format, write_file, write_stream
    from tracelib.operations.file_hash import Hashing
    from tracelib.operations.issuing.unit_pieces import pieces_of
    from tracelib.operations.printing.log import file_entry, logged_print

    out = target.out or STANDARD_OUTPUT
    wanted = target.format_ or out.suffix.lower().removeprefix(".")
    pieces = Hashing(as_format(lines, next((known for known in KNOWN if known == wanted), "csv")))
    with context.store.reading() as uow:
        codes = pieces_of(uow, ranges)
    key = (ranges[0].party_id, ranges[0].product_id, ranges[0].lot)
    entry = file_entry(key, Kind.LIST, "-" if out == STANDARD_OUTPUT else out, codes)
    with logged_print(print_log(context), entry, again) as record:
        if out == STANDARD_OUTPUT:
            write_stream(sys.stdout.buffer, iter(pieces))
        else:
            write_file(out, iter(pieces))
        record.done(pieces.sha256)


def _processes(target: Target) -> int:
    """How many processes sign: what was asked for, or every core."""
    return target.processes or os.cpu_count() or 1
