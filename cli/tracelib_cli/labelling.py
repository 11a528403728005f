"""What the label commands share: templates, the font, the mark of a test root, where labels go."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracelib.text import phrase
from tracelib_cli.command import folded
from tracelib_cli.context import Context

if TYPE_CHECKING:
    from tracelib.labels.content import LabelContent
    from tracelib.labels.fonts import LabelFont
    from tracelib.labels.output import Destination, Kind
    from tracelib.labels.template import Template

TEMPLATES_FOLDER = "templates"
DPIS = ("203", "300", "600")


@dataclass(frozen=True, slots=True)
class Paper:
    """What labels stand on: the name of a template, dots an inch (None: the template's)."""

    template: str
    dpi: str | None


def on_paper(default: str) -> Callable[..., Callable[..., object]]:
    """The options ``--template`` and ``--dpi``."""
    return folded(
        "paper",
        Paper,
        click.option(
            "--template", default=default, show_default=True, metavar="NAME",
            help="Paper and layout: tracelib label template list.",
        ),
        click.option("--dpi", type=click.Choice(DPIS), help="Dots an inch of the printer; the template's without it."),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Output:
    """Where labels go, as given: a file or a printer, the printer's language, whether to ask for its state."""

    out: Path | None
    printer: str | None
    format_: str | None
    status: bool


to_output = folded(
    "output",
    Output,
    click.option("--out", type=click.Path(path_type=Path), help="File to write: .pdf, or .zpl and .tspl for printers."),
    click.option(
        "--printer", metavar="DESTINATION",
        help="Where labels go instead of a file: tcp://HOST[:9100], or spool:FOLDER that another program empties.",
    ),
    click.option("--format", "format_", type=click.Choice(("zpl", "tspl")), help="What the label printer understands."),
    click.option("--status", is_flag=True, help="Ask a ZPL printer first whether it is ready (~HS)."),
)  # fmt: skip


def templates_folder(context: Context) -> Path | None:
    """The folder with the user's templates; None outside a workspace."""
    folder = context.settings.folder
    return folder / TEMPLATES_FOLDER if folder else None


def template_on(context: Context, paper: Paper) -> "Template":
    """The template that was named, at the resolution that was asked for."""
    from tracelib.labels.template_files import find_template

    return find_template(paper.template, templates_folder(context)).at(int(paper.dpi) if paper.dpi else None)


def font_of(context: Context, template: "Template") -> "LabelFont":
    """The template's font beside its file, else the one of the settings, else one from the usual places."""
    from tracelib.labels.fonts import find_font

    folder = templates_folder(context)
    if template.font and folder is not None:
        return find_font(folder / template.font)
    named = context.settings.text("label.font")
    return find_font((context.settings.folder or Path.cwd()) / named if named else None)


def destination_of(context: Context, output: Output) -> "tuple[Destination, Kind]":
    """What ``--out`` or ``--printer`` says, and the kind of data that goes there.

    Raises click.UsageError where they contradict each other, DestinationError, OutputKindError.
    """
    from tracelib.labels.output import KINDS, parse_destination
    from tracelib.labels.picture import require_ending

    if output.out is not None and output.printer is None:
        kind = require_ending(output.out, tuple(f".{kind}" for kind in KINDS)).removeprefix(".")
        return output.out, next(known for known in KINDS if known == kind)
    if output.out is not None or output.printer is None:
        text = "Say once where labels go: --out FILE, --printer tcp://HOST or --printer spool:FOLDER."
        raise click.UsageError(context.say(text))
    destination = parse_destination(output.printer, status=output.status)
    if output.format_ is None:
        raise click.UsageError(context.say("Say with --format what the printer understands: zpl or tspl."))
    return destination, next(known for known in KINDS if known == output.format_)


def content_of(context: Context, code: str) -> "LabelContent | None":
    """What the label of ``code`` says, None outside a workspace or where the workspace does not know the batch."""
    from tracelib.operations.printing.labels import facts_of_code, label_contents

    if context.settings.folder is None:
        return None
    with context.store.reading() as uow:
        facts = facts_of_code(uow, code, context.settings.text("party"), test=is_test_root(context))
    return None if facts is None else next(label_contents([code], facts))


def is_test_root(context: Context) -> bool:
    """Whether labels need the mark: always, unless the pinned root's own bundle says that it is a production root."""
    from tracelib.trust.bundle import open_bundle

    path, pinned = context.bundle_path(), context.settings.text("root")
    if not pinned or not path.is_file():
        return True
    return open_bundle(path.read_bytes(), pinned).root_set.is_test


@contextmanager
def label_progress(context: Context, total: int | None) -> Iterator[Callable[[int], None] | None]:
    """A bar on the terminal while labels are printed; nothing where no person is looking."""
    if context.out.json or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from tracelib_cli.stalled import Stalled

    text = phrase("no label for {seconds} s: a printer that is paused or out of paper takes none")
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
               Stalled(context.say(text)))  # fmt: skip
    with Progress(*columns, console=Console(stderr=True), transient=True) as display:
        task = display.add_task(context.say("Labels"), total=total)
        yield lambda labels: display.update(task, completed=labels)
