"""Print labels and keep the print log: what ``label print`` does."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.batches.pieces import Piece, in_order
from tracelib.batches.prints import Kind
from tracelib.labels.errors import JobBrokenError, JobStoppedError
from tracelib.labels.output import PrintRun, Progress
from tracelib.operations.print_labels import LabelFacts, PrintedLabels, print_labels
from tracelib.operations.print_log import Again, PrintLog, file_entry, file_sha256, logged_print, pieces_of
from tracelib.operations.units import Units, joined

if TYPE_CHECKING:
    from tracelib.store.code_values import IssuedRange
    from tracelib.store.unit_of_work import UnitOfWork

MOST_LOOKED_UP = 100_000
"""Codes of an unknown file whose counters are computed one by one."""


@dataclass(frozen=True, slots=True)
class LabelJob:
    """Labels to print: their codes, what the codes have in common, and which codes of the batch they are.

    ``pieces`` is empty where nobody knows: a changed list, without the serial key. ``first`` is the place of the first
    one, from which a job that breaks counts on.
    """

    facts: LabelFacts
    codes: Iterable[str]
    pieces: Sequence[Piece]
    first: int = 1


def print_logged(
    log: PrintLog, job: LabelJob, run: PrintRun, again: Again, progress: Progress | None = None
) -> PrintedLabels:
    """As ``print_labels``, with an entry in the print log before and after.

    Raises PrintedBeforeError before anything is printed, and what ``print_labels`` raises.
    """
    name = run.out.name if isinstance(run.out, Path) else str(run.out)
    entry = file_entry(_key(job.facts), Kind.LABELS, name, job.pieces, {"copies": run.copies})
    with logged_print(log, entry, again) as record:
        try:
            done = print_labels(log.store, job.facts, job.codes, run, progress, first=job.first)
        except (JobBrokenError, JobStoppedError, KeyboardInterrupt):
            record.written = not isinstance(run.out, Path)  # a printer may have printed some
            raise
        record.written = True
        record.done(file_sha256(done.file.path) if done.file.path else "")
    return done


def codes_in_file(
    uow: "UnitOfWork",
    facts: LabelFacts,
    codes: Iterable[str],
    source: tuple[str, int, int | None],
    serial_keys: Mapping[bytes, bytes],
) -> tuple[Piece, ...]:
    """Which codes of its batch a file holds: by the file's hash where it is an export of ours, else by the serial keys.

    ``source`` is the file's SHA-256 and the places of the first and the last code that are printed; ``codes`` are
    these. Empty where neither says it.
    """
    sha256, first, last = source
    known = uow.prints.entry_of_file(facts.party_id, sha256)
    if known is not None and (known.party_id, known.product_id, known.lot) == _key(facts):
        return in_order(known.pieces, first, last)
    if not serial_keys:
        return ()
    units = Units(uow, serial_keys)
    parts: list[IssuedRange] = []
    for number, code in enumerate(codes, 1):
        if number > MOST_LOOKED_UP:
            return ()
        parts += units.named(code)
    return pieces_of(uow, joined(parts))


def _key(facts: LabelFacts) -> tuple[str, str, str]:
    """Party, product and lot; the last two are empty for logistic units."""
    if not facts.common.lot:
        return facts.party_id, "", ""
    party_id, product_id, lot = facts.batch.split("/")
    return party_id, product_id, lot
