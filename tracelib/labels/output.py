"""Where labels go: a file, a printer in the network, a folder of jobs; any number of labels in little memory."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain, repeat
from pathlib import Path
from typing import Literal, get_args

from tracelib.labels.content import LabelContent
from tracelib.labels.errors import DestinationError, NativeSymbolError, NoLabelsError
from tracelib.labels.files import whole_file
from tracelib.labels.fonts import LabelFont
from tracelib.labels.pdf import write_pdf
from tracelib.labels.printer import Printer, parse_printer, send_job
from tracelib.labels.raster import Painter
from tracelib.labels.spool import spool_job
from tracelib.labels.template import Template
from tracelib.labels.tspl import TsplLabels
from tracelib.labels.zpl import ZplLabels

Kind = Literal["pdf", "zpl", "tspl"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SPOOL = "spool:"
Progress = Callable[[int], None]
"""Called with the number of labels written so far."""
Numbered = Iterable[tuple[int, LabelContent]]
"""Labels with the position of their code, which a broken job names."""


@dataclass(frozen=True, slots=True)
class Spool:
    """A folder that another program prints from."""

    folder: Path

    def __str__(self) -> str:
        return f"{SPOOL}{self.folder}"


Destination = Path | Printer | Spool


@dataclass(frozen=True, slots=True)
class PrintRun:
    """How to print: on what, with which font, to where, as what. ``copies`` of each label follow each other.

    ``native``: the printer draws the symbol (TSPL alone). PDF goes into a file alone.
    """

    template: Template
    font: LabelFont
    out: Destination
    kind: Kind = "pdf"
    copies: int = 1
    native: bool = False


@dataclass(frozen=True, slots=True)
class PrintedFile:
    """What went out: labels, pages, bytes, and the file where there is one.

    ``confirmed``: a printer in the network said that it has everything; None where there is nobody to say so.
    """

    labels: int
    pages: int
    size: int
    path: Path | None = None
    confirmed: bool | None = None


def parse_destination(text: str, *, status: bool = False) -> Destination:
    """``tcp://HOST[:PORT]`` or ``spool:FOLDER``; ``status`` asks the printer for its state first.

    Raises:
        DestinationError: another form.
    """
    if text.startswith(SPOOL) and len(text) > len(SPOOL):
        return Spool(Path(text.removeprefix(SPOOL)))
    if text.startswith("tcp:"):
        return parse_printer(text, status=status)
    raise DestinationError(given=text)


def print_out(labels: Numbered, run: PrintRun, title: str = "", progress: Progress | None = None) -> PrintedFile:
    """Put labels out as ``run`` says. A file or a job of a folder appears whole or not at all.

    Raises:
        NoLabelsError: there is none.
        NativeSymbolError: not in this language.
        LabelFileError; PrinterAwayError and the other errors of ``tracelib.labels.printer``.
        LabelCodeError, GlyphMissingError, LabelTextTooLongError, SymbolTooSmallError, BarsTooWideError: a label that
            cannot be printed as it is.
    """
    if run.kind == "pdf" and isinstance(run.out, Path):
        copied = chain.from_iterable(repeat(label, run.copies) for _, label in labels)
        written = write_pdf(copied, run.template, run.font, run.out, progress, title)
        return PrintedFile(*written, path=run.out)
    if run.native and run.kind != "tspl":
        raise NativeSymbolError(kind=run.kind.upper())
    printed = put_out_jobs(_commands(labels, run), run.out, run.kind, _in_copies(progress, run))
    return replace(printed, labels=printed.labels * run.copies, pages=printed.pages * run.copies)


def put_out_jobs(
    jobs: Iterator[tuple[int, bytes]], out: Destination, kind: Kind, progress: Progress | None = None
) -> PrintedFile:
    """Put commands for a label printer out, each with the number that a broken job names.

    Raises:
        NoLabelsError: there is none.
        LabelFileError; the errors of ``tracelib.labels.printer``; whatever ``jobs`` raises.
    """
    jobs = _at_least_one(jobs)
    if isinstance(out, Printer):
        sent = send_job(out, jobs, progress)
        return PrintedFile(sent.labels, sent.labels, sent.size, None, sent.confirmed)
    commands = (command for _, command in _told(jobs, progress))
    if isinstance(out, Spool):
        path, count, size = spool_job(out.folder, kind, commands)
    else:
        path, count, size = out, 0, 0
        with whole_file(path) as stream:
            for command in commands:
                size += stream.write(command)
                count += 1
    return PrintedFile(count, count, size, path)


def _commands(labels: Numbered, run: PrintRun) -> Iterator[tuple[int, bytes]]:
    painter = Painter(run.template, run.font)
    encoder = ZplLabels(painter) if run.kind == "zpl" else TsplLabels(painter, native=run.native)
    for number, label in labels:
        yield number, encoder.label(label, run.copies)


def _at_least_one(jobs: Iterator[tuple[int, bytes]]) -> Iterator[tuple[int, bytes]]:
    """The jobs; the first one is made at once, so that what no label can be is said before anything is connected."""
    first = next(jobs, None)
    if first is None:
        raise NoLabelsError(detail="the range is empty")
    return chain([first], jobs)


def _in_copies(progress: Progress | None, run: PrintRun) -> Progress | None:
    return None if progress is None else lambda count: progress(count * run.copies)


def _told(jobs: Iterator[tuple[int, bytes]], progress: Progress | None) -> Iterator[tuple[int, bytes]]:
    for count, job in enumerate(jobs, 1):
        yield job
        if progress is not None:
            progress(count)
