"""Print labels and keep the print log: what ``label print`` does."""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tracelib.batches.pieces import Piece, count_of, in_order, shared, without
from tracelib.batches.prints import Kind, PrintEntry, Verb, prints_of
from tracelib.errors import RuleError
from tracelib.labels.errors import JobBrokenError, JobStoppedError, NoLabelsError
from tracelib.labels.output import PrintRun, Progress
from tracelib.operations.file_hash import file_sha256
from tracelib.operations.issuing.unit_pieces import AT_ONCE, numbered
from tracelib.operations.printing.labels import LabelFacts, OtherBatchError, PrintedLabels, print_labels
from tracelib.operations.printing.log import Again, PrintLog, file_entry, logged_print
from tracelib.operations.units import Units, parse_unit_id

if TYPE_CHECKING:
    from tracelib.store.code_values import IssuedRange
    from tracelib.store.unit_of_work import UnitOfWork

MOST_PIECES = 2_000
"""A list whose codes lie in more strips than this is not compared: no strip of labels looks like it."""


class LabelFileExistsError(RuleError):
    """Labels would be written over a file that is not of the same labels."""

    code = "label.file_exists"
    template = (
        "{file} is there already, with something else than these labels, and may not be printed yet. Nothing was "
        "written: name another file, or remove that one once its labels are out."
    )


@dataclass(frozen=True, slots=True)
class ListedCodes:
    """Which codes of its batch a list holds that are not void: ``count``, of which ``unknown`` are in no piece.

    ``sha256`` and ``first`` say which part of which list, for lists with unknown codes.
    """

    pieces: tuple[Piece, ...]
    count: int
    unknown: int
    sha256: str
    first: int


@dataclass(frozen=True, slots=True)
class LabelJob:
    """Labels to print: their codes, what the codes have in common, and which codes of the batch they are.

    ``first`` is the place of the first one, from which a job that breaks counts on. ``listed`` is there where the codes
    come from a list, of which not all may be known.
    """

    facts: LabelFacts
    codes: Iterable[str]
    pieces: Sequence[Piece]
    first: int = 1
    listed: ListedCodes | None = None


def print_logged(
    log: PrintLog, job: LabelJob, run: PrintRun, again: Again, progress: Progress | None = None
) -> PrintedLabels:
    """As ``print_labels``, with an entry in the print log before and after.

    Raises LabelFileExistsError and what ``logged_print`` raises before anything is printed, and what ``print_labels``
    raises.
    """
    if job.listed is not None and not job.listed.count:
        raise NoLabelsError(detail="the range is empty")
    out = run.out if isinstance(run.out, Path) else str(run.out)
    entry = file_entry(_key(job.facts), Kind.LABELS, out, job.pieces, {"copies": run.copies})
    if job.listed is not None:
        entry = replace(entry, count=job.listed.count)
        if job.listed.unknown:
            more = {"unknown": job.listed.unknown, "list": job.listed.sha256, "from": job.listed.first}
            entry = replace(entry, detail={**entry.detail, **more})
    if isinstance(run.out, Path):
        _require_room(log, entry, run.out)
    with logged_print(log, entry, again) as record:
        try:
            done = print_labels(log.store, job.facts, job.codes, run, progress, first=job.first)
        except (JobBrokenError, JobStoppedError, KeyboardInterrupt):
            record.written = not isinstance(run.out, Path)  # a printer may have printed some
            raise
        record.written = True
        record.done(file_sha256(done.file.path) if done.file.path else "", done.file.confirmed)
    return done


def _require_room(log: PrintLog, wanted: PrintEntry, out: Path) -> None:
    """Raise LabelFileExistsError where ``out`` holds anything but these labels: an earlier print may wait in it.

    The same labels may be written once more: their file is known by its hash, or its print never ended.
    """
    if not out.is_file() or not out.stat().st_size:
        return
    with log.store.reading() as uow:
        prints = prints_of(uow.prints.entries(wanted.party_id, wanted.product_id, wanted.lot))
    same = [one for one in prints if _labels_of(one.begun) == _labels_of(wanted)]
    standing = file_sha256(out)
    if not any(one.state is Verb.BEGUN or one.sha256 == standing for one in same):
        raise LabelFileExistsError(file=out)


def _labels_of(entry: PrintEntry) -> tuple[object, ...]:
    """Which labels go where, whatever the number of copies."""
    return entry.pieces, entry.count, *(entry.detail.get(name) for name in ("place", "list", "from"))


def codes_in_file(
    uow: "UnitOfWork",
    facts: LabelFacts,
    codes: Iterable[str],
    source: tuple[str, int, int | None],
    serial_keys: Mapping[bytes, bytes],
) -> ListedCodes:
    """Which codes of its batch a file holds: by the file's hash where it is an export of ours, else by the serial keys.

    ``source`` is the file's SHA-256 and the places of the first and the last code that are printed; ``codes`` are
    these. Every code is looked at, of any number of them; they take 8 bytes each.

    Raises OtherBatchError where another party than that of ``facts`` issued a code.
    """
    sha256, first, last = source
    exported = uow.prints.entry_of_file(facts.party_id, sha256)
    if exported is not None and (exported.party_id, exported.product_id, exported.lot) == _key(facts):
        pieces = in_order(exported.pieces, first, last)
        if pieces:
            pieces = _living(uow, facts.party_id, codes, pieces)
            return ListedCodes(pieces, count_of(pieces), 0, sha256, first)
    units = Units(uow, serial_keys)
    counters: dict[str, array[int]] = {}
    count = unknown = 0
    for unit_id, is_void in _judged(uow, facts.party_id, codes):
        if is_void:
            continue
        count += 1
        found = units.find(unit_id)
        _require_party(facts, units, unit_id, found)
        if found is None or (found.party_id, found.product_id, found.lot or "") != _key(facts):
            unknown += 1
        else:
            counters.setdefault(found.prefix, array("q")).append(found.first)
    strips = [Piece(prefix, low, n, 0) for prefix, one in counters.items() for low, n in _runs(one)]
    if len(strips) > MOST_PIECES:
        return ListedCodes((), count, count, sha256, first)
    ranges = numbered(uow.codes.ranges_of(*_key(facts)))
    return ListedCodes(tuple(p for piece in ranges for p in shared([piece], strips)), count, unknown, sha256, first)


def _judged(uow: "UnitOfWork", party_id: str, codes: Iterable[str]) -> Iterator[tuple[str, bool]]:
    """Each code's unit, and whether it is void."""
    remaining = map(parse_unit_id, codes)
    while units := list(islice(remaining, AT_ONCE)):
        void = uow.prints.void_among(party_id, units)
        for unit_id in units:
            yield unit_id, unit_id in void


def _living(uow: "UnitOfWork", party_id: str, codes: Iterable[str], pieces: Sequence[Piece]) -> tuple[Piece, ...]:
    """The pieces without their void codes; ``codes`` are those of the pieces, in their order."""
    judged = _judged(uow, party_id, codes)
    void = [
        piece.part(counter, counter)
        for piece in pieces
        for counter, (_, is_void) in zip(range(piece.first, piece.last + 1), judged, strict=False)
        if is_void
    ]
    return without(pieces, void)


def _require_party(facts: LabelFacts, units: Units, unit_id: str, found: "IssuedRange | None") -> None:
    """Raise OtherBatchError for a code of another party: its own product and lot may have the same names.

    A logistic unit says nothing of its party, so that its prefix is asked where its number cannot be read back.
    """
    if found is None and facts.common.lot:
        return
    parties = {found.party_id} if found else units.parties_of(unit_id)
    if parties and facts.party_id not in parties:
        named = (found.product_id, found.lot or "") if found else ()
        raise OtherBatchError(
            unit=unit_id, found="/".join(part for part in (min(parties), *named) if part), batch=facts.batch
        )


def _runs(counters: "array[int]") -> list[tuple[int, int]]:
    """Neighbouring counters as (first, count)."""
    every = np.unique(np.frombuffer(counters, dtype=np.int64))
    starts = np.flatnonzero(np.diff(every, prepend=every[0] - 2) != 1)
    ends = np.append(starts[1:], len(every))
    return [(int(every[start]), int(end - start)) for start, end in zip(starts, ends, strict=True)]


def _key(facts: LabelFacts) -> tuple[str, str, str]:
    """Party, product and lot; the last two are empty for logistic units."""
    if not facts.common.lot:
        return facts.party_id, "", ""
    party_id, product_id, lot = facts.batch.split("/")
    return party_id, product_id, lot
