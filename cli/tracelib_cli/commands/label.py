"""``tracelib label``: labels as PDF, PNG, SVG and ZPL."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib_cli.command import TranslatedGroup, answers
from tracelib_cli.context import Context, pass_context

if TYPE_CHECKING:
    from tracelib.labels.content import LabelContent
    from tracelib.labels.fonts import LabelFont
    from tracelib.operations.print_labels import LabelFacts, PrintRun

DOTS_PER_MM = {"203": 8, "300": 12, "600": 24}
"""Thermal printers have 8, 12 or 24 dots a millimetre, whatever is rounded on the box."""


@click.group(cls=TranslatedGroup)
def command() -> None:
    """Labels: a batch as PDF, one code as a picture.

    Example: tracelib label print 26A0137 --template a4-24 --out labels.pdf
    """


@command.command("print")
@click.argument("lot", required=False)
@click.option("--template", default="a4-24", show_default=True, metavar="NAME", help="Paper: a4-24 or roll-60x40.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="PDF file to write.")
@click.option("--from", "first", type=click.IntRange(1), metavar="I", help="First code of the batch, counted from 1.")
@click.option("--to", "last", type=click.IntRange(1), metavar="J", help="Last code of the batch.")
@click.option("--copies", type=click.IntRange(1, 100), default=1, show_default=True, help="Labels of each code.")
@click.option("--codes", type=click.Path(path_type=Path), metavar="FILE", help="Take the codes from an exported file.")
@answers
@pass_context
def print_(
    context: Context,
    *,
    lot: str | None,
    template: str,
    out: Path,
    first: int | None,
    last: int | None,
    copies: int,
    codes: Path | None,
) -> None:
    """Print the labels of a batch, named as LOT, PRODUCT/LOT or PARTY/PRODUCT/LOT, as PDF at true size.

    With --codes the codes come from a file that was exported; that needs no key, and units have no other way.

    Example: tracelib label print NAVEL-5KG/26A0137 --template roll-60x40 --from 1 --to 200 --out roll.pdf
    """
    from tracelib.labels.picture import require_ending
    from tracelib.labels.template import find_template
    from tracelib.operations.print_labels import PrintRun

    require_ending(out, (".pdf",))
    run = PrintRun(find_template(template), _font(context), out, copies)
    if codes is not None:
        if first is not None or last is not None:
            raise click.UsageError(context.say("--codes prints the whole file: leave --from and --to out."))
        _from_file(context, lot, codes, run)
    elif lot is not None:
        _from_batch(context, lot, (first, last), run)
    else:
        raise click.UsageError(context.say("Name a LOT, or a file of codes with --codes."))


@command.command("image")
@click.argument("code")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="File to write: .png, .svg or .zpl.")
@click.option("--template", default="roll-60x40", show_default=True, metavar="NAME", help="Paper: a4-24 or roll-60x40.")
@click.option("--symbol", is_flag=True, help="The QR symbol alone, without text.")
@click.option("--dpi", type=click.Choice(tuple(DOTS_PER_MM)), help="Dots an inch: 300 for .png, 203 for .zpl.")
@answers
@pass_context
def image(context: Context, code: str, out: Path, template: str, symbol: bool, dpi: str | None) -> None:
    """Draw one label. Where the workspace does not know the code's batch, the QR symbol alone.

    Example: tracelib label image CODE --out label.png
    """
    from tracelib.codes.url import read_code
    from tracelib.labels.files import whole_file
    from tracelib.labels.picture import PICTURES, label_picture, require_ending, symbol_picture
    from tracelib.labels.template import find_template

    kind, paper, code = require_ending(out, PICTURES), find_template(template), code.strip()
    read_code(code)
    content = None if symbol else _content_of(context, code)
    dots_per_mm = DOTS_PER_MM[dpi or ("203" if kind == ".zpl" else "300")]
    if content is None:
        data = symbol_picture(code, kind, dots_per_mm)
    else:
        data = label_picture(content, paper, _font(context), kind, dots_per_mm)
    with whole_file(out) as stream:
        stream.write(data)
    if context.out.json:
        context.out.value({"file": str(out), "shows": "label" if content else "symbol", "bytes": len(data)})
    elif content is None and not symbol:
        context.out.line(context.say("{file}: the symbol alone; the workspace does not know this batch.", file=out))
    else:
        context.out.line(context.say("{file} is written.", file=out))


def _from_batch(context: Context, lot: str, wanted: tuple[int | None, int | None], run: "PrintRun") -> None:
    """Labels of codes that are made again: the same bytes as when they were issued."""
    from tracelib.operations.export import all_lines, select_codes
    from tracelib.operations.find_batch import resolve_batch
    from tracelib.operations.print_labels import facts_of_batch
    from tracelib_cli.issuing import issuers_of

    with context.store.reading() as uow:
        batch = resolve_batch(uow, lot, context.settings.text("party"))
        selection = select_codes(uow, batch, *wanted)
        issuers = issuers_of(context, uow)
        facts = facts_of_batch(uow, batch, test=issuers.keyring.environment == "test")
    pieces = all_lines(issuers, selection.ranges)
    codes = (line for piece in pieces for line in piece.decode("ascii").splitlines())
    _print(context, facts, codes, run, selection.last - selection.first + 1)


def _from_file(context: Context, lot: str | None, path: Path, run: "PrintRun") -> None:
    """Labels of codes from a file; without ``lot`` the first code says of which batch."""
    from tracelib.labels.code_list import read_code_list
    from tracelib.labels.errors import NoLabelsError
    from tracelib.operations.find_batch import resolve_batch
    from tracelib.operations.print_labels import facts_of_batch, require_facts_of_code

    party, test = context.settings.text("party"), _test_root(context)
    with context.store.reading() as uow:
        if lot is not None:
            facts = facts_of_batch(uow, resolve_batch(uow, lot, party), test=test)
        else:
            first = next(read_code_list(path), None)
            if first is None:
                raise NoLabelsError(detail=context.say("{file} is empty", file=path))
            facts = require_facts_of_code(uow, first, party, test=test)
    _print(context, facts, read_code_list(path), run, None)


def _print(context: Context, facts: "LabelFacts", codes: Iterable[str], run: "PrintRun", total: int | None) -> None:
    from tracelib.operations.print_labels import print_labels

    with _progress(context, total and total * run.copies) as progress:
        done = print_labels(context.store, facts, codes, run, progress)
    file = done.file
    if context.out.json:
        context.out.value(
            {
                "file": str(run.out),
                "template": run.template.name,
                "batch": facts.batch,
                "codes": done.codes,
                "void": done.void,
                "copies": run.copies,
                "labels": file.labels,
                "pages": file.pages,
                "bytes": file.size,
                "test": facts.test,
            }
        )
        return
    say, line = context.say, context.out.line
    line(say("{file}: {labels} labels on {pages} pages.", file=run.out, labels=file.labels, pages=file.pages))
    if done.void:
        line(say("{count} void codes were left out.", count=done.void))
    line(say("Print at 100 %, never «fit to page»: only then are the symbols sharp."))


def _content_of(context: Context, code: str) -> "LabelContent | None":
    """What the label of ``code`` says, None outside a workspace or where the workspace does not know the batch."""
    from tracelib.operations.print_labels import facts_of_code, label_contents

    if context.settings.folder is None:
        return None
    with context.store.reading() as uow:
        facts = facts_of_code(uow, code, context.settings.text("party"), test=_test_root(context))
    return None if facts is None else next(label_contents([code], facts))


def _font(context: Context) -> "LabelFont":
    from tracelib.labels.fonts import find_font

    named = context.settings.text("label.font")
    folder = context.settings.folder or Path.cwd()
    return find_font(folder / named if named else None)


def _test_root(context: Context) -> bool:
    """Whether labels need the mark: always, unless the pinned root's own bundle says that it is a production root."""
    from tracelib.trust.bundle import open_bundle

    path, pinned = context.bundle_path(), context.settings.text("root")
    if not pinned or not path.is_file():
        return True
    return open_bundle(path.read_bytes(), pinned).root_set.is_test


@contextmanager
def _progress(context: Context, total: int | None) -> Iterator[Callable[[int], None] | None]:
    """A bar on the terminal while labels are printed; nothing where no person is looking."""
    if context.out.json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task(context.say("Labels"), total=total)
        yield lambda labels: display.update(task, completed=labels)
