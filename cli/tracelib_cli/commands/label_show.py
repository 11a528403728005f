"""``tracelib label show``: a label's symbol in the terminal, or its picture in the system's viewer."""

import shutil
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib_cli.command import TranslatedCommand, answers
from tracelib_cli.context import Context, pass_context
from tracelib_cli.labelling import Paper, content_of, font_of, on_paper, template_on

if TYPE_CHECKING:
    from tracelib.labels.content import LabelContent

PICTURES_FOLDER = "pictures"
OPENING_DPI = "300"


@click.command("show", cls=TranslatedCommand)
@click.argument("name", metavar="LOT|CODE")
@click.option("--from", "position", type=click.IntRange(1), default=1, help="Which code of the batch, counted from 1.")
@click.option("--open", "open_", is_flag=True, help="Open the label's picture with the system's viewer.")
@on_paper("roll-100x50")
@answers
@pass_context
def show(context: Context, name: str, *, position: int, open_: bool, paper: Paper) -> None:
    """Show a label in the terminal, so that a phone reads it from the screen; a batch's first one, or any code's.

    Example: tracelib label show 26A0137

    Example: tracelib label show 26A0137 --from 12 --open
    """
    from tracelib.codes.url import read_code
    from tracelib.labels.symbol import encode_symbol
    from tracelib_cli.terminal_symbol import symbol_lines

    code = name.strip() if "://" in name else _code_of_batch(context, name, position)
    read_code(code)
    content = content_of(context, code)
    if open_:
        _open(context, code, content, paper)
        return
    if context.out.json:
        context.out.value({"code": code, "version": encode_symbol(code).version})
        return
    columns = shutil.get_terminal_size().columns
    for line in symbol_lines(encode_symbol(code).modules, columns, colours=sys.stdout.isatty()):
        context.out.drawn(line)
    for words in _words(content, context) if content else []:
        context.out.line(words)
    context.out.line(code)


def _code_of_batch(context: Context, lot: str, position: int) -> str:
    """The code at ``position`` of a batch, made again with the issuer's key."""
    from tracelib.operations.batches.find import resolve_batch
    from tracelib.operations.export import all_lines, select_codes
    from tracelib_cli.issuing import issuers_of

    with context.store.reading() as uow:
        batch = resolve_batch(uow, lot, context.settings.text("party"))
        selection = select_codes(uow, batch, position, position)
        issuers = issuers_of(context, uow)
    return b"".join(all_lines(issuers, selection.ranges)).decode("ascii").strip()


def _words(content: "LabelContent", context: Context) -> list[str]:
    """What the label says in words, in the user's language."""
    from tracelib.labels.template import Line
    from tracelib.labels.wording import wordings

    fields = ("test", "product", "grade_weight", "lot", "produced_on", "unit_id", "issuer")
    lines = [Line.model_validate({"field": field}) for field in fields]
    return [words for line in lines for words in wordings(line, content, (context.language,))]


def _open(context: Context, code: str, content: "LabelContent | None", paper: Paper) -> None:
    """Draw the picture, in the workspace where there is one, and hand it to the viewer."""
    from tracelib.labels.files import whole_file
    from tracelib.labels.picture import label_picture, symbol_picture

    template = template_on(context, Paper(paper.template, paper.dpi or OPENING_DPI))
    if content is None:
        data = symbol_picture(code, ".png", template.dots_per_mm)
    else:
        data = label_picture(content, template, font_of(context, template), ".png")
    workspace = context.settings.folder
    folder = workspace / PICTURES_FOLDER if workspace else Path(tempfile.mkdtemp(prefix="tracelib-"))
    folder.mkdir(exist_ok=True)
    path = folder / f"{code.rsplit('/', 1)[1][:40]}.png"  # serial or SSCC: only letters and digits
    with whole_file(path) as stream:
        stream.write(data)
    opened = click.launch(str(path)) == 0
    if context.out.json:
        context.out.value({"file": str(path), "opened": opened})
    elif opened:
        context.out.line(context.say("{file} is open in the viewer.", file=path))
    else:
        context.out.line(context.say("There is no picture viewer here; the picture is in {file}", file=path))
