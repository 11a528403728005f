"""Write the codes that stand for void ones to a file, and note that list in the print log as every other."""

from contextlib import ExitStack
from pathlib import Path

from tracelib.batches.prints import Kind
from tracelib.operations.export import OutputError, write_file
from tracelib.operations.file_hash import Hashing
from tracelib.operations.issuing.replace import (
    Keys,
    ReplacementsNotWrittenError,
    ReplacePlan,
    replacement_lines,
    replacements_of,
)
from tracelib.operations.issuing.unit_pieces import pieces_of
from tracelib.operations.printing.log import PrintLog, file_entry, logged_print
from tracelib.store.code_values import IssuedRange


def write_replacements(log: PrintLog, keys: Keys, plan: ReplacePlan, out: Path, processes: int = 1) -> None:
    """Write what stands for the units of ``plan`` to a CSV file: code, serial, replaces; in the order of issue.

    The log has an entry for each batch. Raises ReplacementsNotWrittenError; the file is whole or not there.
    """
    with log.store.reading() as uow:
        batches: dict[tuple[str, str, str], list[IssuedRange]] = {}
        for part in replacements_of(uow, keys, plan.parts):
            batches.setdefault((part.party_id, part.product_id, part.lot), []).append(part)
        entries = [file_entry(key, Kind.LIST, out, pieces_of(uow, parts)) for key, parts in batches.items()]
    with ExitStack() as stack:
        records = [stack.enter_context(logged_print(log, entry, None)) for entry in entries]
        with log.store.reading() as uow:
            lines = Hashing(replacement_lines(uow, keys, plan.parts, processes))
            try:
                write_file(out, iter(lines))
            except OutputError as error:
                raise ReplacementsNotWrittenError(**error.params) from None
        for record in records:
            record.done(lines.sha256)
