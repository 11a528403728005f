"""Make the files of a print order: roll by roll, going on where an interrupted run stopped.

A roll is finished once its file stands in the folder and the log has its hash. Whatever was interrupted in between is
made again; the bytes are the same. Finished rolls are read back and compared before they count.
"""

import functools
import json
import os
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.batches.print_account import roll_hashes
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.batches.prints import Verb, reprint_reasons
from tracelib.errors import RuleError, StoreError
from tracelib.labels.content import LabelContent
from tracelib.labels.errors import LabelFileError
from tracelib.labels.fonts import LabelFont
from tracelib.labels.output import KINDS, PrintRun, print_out
from tracelib.labels.print_house import (
    MANIFEST,
    README,
    SUMS,
    HouseFacts,
    manifest_text,
    readme_text,
    roll_lines,
    sums_text,
)
from tracelib.labels.template import Template
from tracelib.operations.export import OutputError, all_lines, sync_folder, write_file
from tracelib.operations.file_hash import Hashing, file_sha256
from tracelib.operations.issuing.unit_pieces import IssuerOf, parts_of
from tracelib.operations.printing.find import require_valid
from tracelib.operations.printing.labels import LabelFacts, label_contents
from tracelib.operations.printing.log import PrintLog, order_entry
from tracelib.operations.printing.made_again import Target, noted_again
from tracelib.store.retry import in_turn

if TYPE_CHECKING:
    from tracelib.store.code_values import IssuedRange

LONGEST_MANIFEST = 4 << 20
Progress = Callable[[int], None]
"""Called with the number of labels in rolls that are finished."""


class RollWriteError(StoreError):
    """A roll's file could not be written; the order stays, and can be gone on with."""

    code = "print.write"
    retryable = True
    template = (
        "{file} could not be written: {detail}. {made} of {rolls} rolls are finished and nothing half-written is "
        "left. Make room, or put the medium back, then go on with: tracelib print make {order} --out FOLDER"
    )


class FolderGoneError(StoreError):
    """The folder is no longer the one that the work began in: a stick was pulled out, or a drive vanished."""

    code = "print.folder_gone"
    retryable = True
    template = (
        "The folder {folder} is not there any more: was the medium pulled out? {made} of {rolls} rolls are finished. "
        "Put it back, then go on with: tracelib print make {order} --out FOLDER"
    )


class FolderTakenError(RuleError):
    """The folder holds another order's files."""

    code = "print.folder_taken"
    template = (
        "{folder} holds the files of another order ({held}), which would be lost. Choose another folder for {order}: "
        "tracelib print make {order} --out FOLDER"
    )


@dataclass(frozen=True, slots=True)
class MadeRolls:
    """An order's files: how many rolls there are, how many were made now; the rest was finished and is whole."""

    order: PrintOrder
    rolls: tuple[PrintRoll, ...]
    sha256: Mapping[int, str]
    made: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """How labels are drawn, for orders of drawn labels."""

    template: Template
    font: LabelFont
    facts: LabelFacts


@dataclass(frozen=True, slots=True)
class RollJob:
    """How an order's files are made: the issuer keys, where to, in how many processes; ``product`` is its name.

    ``drawing`` is there where the order's format draws labels; ``reason`` says why files of delivered rolls are made
    again, where that is meant. ``facts`` are what labels of the batch say, for the print house's paper.
    """

    issuer_of: IssuerOf
    folder: Path
    product: str
    processes: int = 1
    drawing: Drawing | None = None
    reason: str = ""
    facts: LabelFacts | None = None


def make_rolls(log: PrintLog, order: PrintOrder, job: RollJob, progress: Progress | None = None) -> MadeRolls:
    """Bring the folder to hold every roll of an order, with ``SHA256SUMS``, ``README.txt`` and ``manifest.json``.

    Raises:
        OrderCancelledError, FolderTakenError.
        DeliveredBeforeError: files of delivered rolls are missing from the folder, and no reason is given.
        RollWriteError, FolderGoneError: disk full, medium gone; what is finished stays finished.
        the errors of the issuer keys and of the store.
    """
    with log.store.reading() as uow:
        rolls, ranges = uow.prints.rolls(order), uow.codes.ranges_of(*order.batch)
        entries = uow.prints.entries_of_order(order.party_id, order.number)
    require_valid(order, entries)
    known = roll_hashes(entries)
    folder = _Folder(job.folder, order)
    finished = {roll.roll: known[roll.roll] for roll in rolls if folder.holds(roll, known.get(roll.roll))}
    missing = [roll for roll in rolls if roll.roll not in finished]
    done = sum(roll.count for roll in rolls if roll.roll in finished)
    noted = noted_again(log, order, Target(job.folder, job.reason, folder.is_new and not finished), entries, missing)
    with noted, closing(_codes(job, ranges, missing)) as codes_of_rolls:
        for roll, codes in codes_of_rolls:
            if progress is not None:
                progress(done)
            write = functools.partial(_write_roll, job, order, roll, codes)
            sha256 = folder.write(roll.file, write, len(finished))
            if known.get(roll.roll) != sha256:
                _note(log, order, roll, sha256)
            finished[roll.roll] = sha256
            done += roll.count
    with log.store.reading() as uow:
        reprint = "; ".join(reprint_reasons(uow.prints.entries(*order.batch), order.number))
    house = HouseFacts(job.product, _label(job, rolls, ranges))
    papers = (
        (MANIFEST, manifest_text(order, house, rolls, finished, reprint)),
        (README, readme_text(order, house, rolls, finished, reprint)),
        (SUMS, sums_text(rolls, finished)),
    )
    for name, text in papers:
        folder.write(name, functools.partial(_write_pieces, [text.encode()]), len(finished))
    folder.clear_parts(rolls)
    if not any(entry.verb is Verb.DONE and not entry.roll for entry in entries):
        in_turn(log.store, lambda uow: uow.prints.append(order_entry(order, Verb.DONE, log.clock.now())))
    return MadeRolls(order, tuple(rolls), finished, len(missing))


def _label(job: RollJob, rolls: Sequence[PrintRoll], ranges: "Sequence[IssuedRange]") -> LabelContent | None:
    """The order's first label, of whose texts all are alike but the serial."""
    if job.facts is None:
        return None
    piece = rolls[0].pieces[0]
    one = parts_of(ranges, [piece.part(piece.first, piece.first)])
    code = b"".join(all_lines(job.issuer_of, one)).decode("ascii").strip()
    return next(label_contents([code], job.facts))


def _note(log: PrintLog, order: PrintOrder, roll: PrintRoll, sha256: str) -> None:
    facts = {"roll": roll.roll, "pieces": roll.pieces, "count": roll.count, "file": roll.file, "sha256": sha256}
    entry = order_entry(order, Verb.DONE, log.clock.now(), **facts)
    in_turn(log.store, lambda uow: uow.prints.append(entry))


def _codes(
    job: RollJob, ranges: "Sequence[IssuedRange]", rolls: Sequence[PrintRoll]
) -> Generator[tuple[PrintRoll, Iterator[str]], None, None]:
    """Each roll with its codes. All rolls' codes are one stream, so that several processes sign it."""
    pieces = all_lines(job.issuer_of, parts_of(ranges, [p for roll in rolls for p in roll.pieces]), job.processes)
    with closing(line for piece in pieces for line in piece.decode("ascii").splitlines()) as codes:
        for roll in rolls:
            yield roll, islice(codes, roll.count)


def _write_roll(job: RollJob, order: PrintOrder, roll: PrintRoll, codes: Iterator[str], path: Path) -> str:
    """Write a roll's file, a list or drawn labels; its hash. Codes that became void since the order stay in."""
    if job.drawing is None:
        return _write_pieces(roll_lines(order.format, roll.pieces, codes), path)
    drawing = job.drawing
    kind = next(kind for kind in KINDS if kind == order.format)
    labels = enumerate(label_contents(codes, drawing.facts), roll.pieces[0].position)
    print_out(labels, PrintRun(drawing.template, drawing.font, path, kind), f"{order.number}/{roll.roll}")
    sync_folder(path.parent)
    return file_sha256(path)


def _write_pieces(pieces: Iterable[bytes], path: Path) -> str:
    hashed = Hashing(pieces)
    write_file(path, iter(hashed))
    return hashed.sha256


class _Folder:
    """The folder of an order; remembers which one it was, for a mount point stays when its stick is gone."""

    def __init__(self, path: Path, order: PrintOrder) -> None:
        self._path = path
        self._order = order
        try:
            path.mkdir(parents=True, exist_ok=True)
            self._identity = self._look()
        except OSError as error:
            raise self._error(path, error, 0) from None
        held = self._held()
        self.is_new = held is None
        if held not in (None, (order.party_id, order.number)):
            raise FolderTakenError(folder=path, held="/".join(held or ()), order=order.number)

    def _held(self) -> tuple[str, str] | None:
        """Whose files are there: party and number as the manifest says them; None where it says nothing."""
        try:
            with (self._path / MANIFEST).open("rb") as stream:
                value = json.loads(stream.read(LONGEST_MANIFEST))
            return str(value["party"]), str(value["order"])
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def holds(self, roll: PrintRoll, sha256: str | None) -> bool:
        """Whether the roll's file is there, with the hash that the log has."""
        if sha256 is None:
            return False
        try:
            return file_sha256(self._path / roll.file) == sha256
        except OSError:
            return False

    def write(self, name: str, write: Callable[[Path], str], made: int) -> str:
        """Write one file whole; its hash."""
        path = self._path / name
        try:
            self._require(made)
            sha256 = write(path)
            self._require(made)
        except (OutputError, LabelFileError) as error:
            self._require(made)
            raise self._error(path, error.params["detail"], made) from None
        except OSError as error:
            self._require(made)
            raise self._error(path, error, made) from None
        return sha256

    def clear_parts(self, rolls: Sequence[PrintRoll]) -> None:
        """Remove what a killed run left half-written."""
        names = tuple(f".{name}." for name in [*(roll.file for roll in rolls), MANIFEST, README, SUMS])
        for path in self._path.glob(".*"):
            if path.name.startswith(names):
                path.unlink(missing_ok=True)

    def _look(self) -> tuple[int, int]:
        found = os.stat(self._path)
        return found.st_dev, found.st_ino

    def _require(self, made: int) -> None:
        try:
            if self._look() == self._identity:
                return
        except OSError:
            pass
        raise FolderGoneError(folder=self._path, made=made, rolls=self._order.rolls, order=self._order.number)

    def _error(self, file: Path, error: object, made: int) -> RollWriteError:
        detail = error.strerror if isinstance(error, OSError) and error.strerror else error
        return RollWriteError(file=file, detail=detail, made=made, rolls=self._order.rolls, order=self._order.number)
