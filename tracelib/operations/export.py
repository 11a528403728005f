"""The codes of registered ranges as a stream: the same bytes every time, in the order of issue.

Positions within a batch count from 1 over all its ranges in the order in which they were issued; ranges whose manifest
is not stored have no codes yet and do not count.
"""

import errno
import functools
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO, TYPE_CHECKING, Literal

from tracelib.codes.url import require_host
from tracelib.errors import NotFoundError, RuleError, StoreError
from tracelib.operations.issuing.issuer import Issuer
from tracelib.operations.issuing.register_range import template_of
from tracelib.store.code_values import IssuedRange

if TYPE_CHECKING:
    from tracelib.batches.batch import Batch
    from tracelib.store.unit_of_work import UnitOfWork

Format = Literal["csv", "txt", "jsonl"]
FORMATS: tuple[Format, ...] = ("csv", "txt", "jsonl")
AT_ONCE = 4096
PARALLEL_FROM = 50_000
"""Below so many codes starting processes costs more than it gains."""


class NoCodesError(NotFoundError):
    """The batch has no codes."""

    code = "export.none"
    template = "No codes were issued for {batch}: tracelib code issue {lot} --count N --level carton"


class NoUnitsError(NotFoundError):
    """The party has no logistic units."""

    code = "export.no_units"
    template = "No logistic units were issued for {party}: tracelib unit issue --count N"


class PositionError(RuleError):
    """The positions asked for are not there."""

    code = "export.position"
    template = "{batch} has codes 1 to {last}; those at {given} were asked for."


class PositionOrderError(RuleError):
    """The first position asked for lies behind the last one."""

    code = "export.position_order"
    template = "{given_first} to {given_last}: the first position comes after the last one. Write the smaller first."


class OutputError(StoreError):
    """The file of codes could not be written; nothing half-written is left. The codes themselves are registered."""

    code = "export.write"
    template = (
        "{file} could not be written: {detail}. Nothing half-written is left, and no code is lost: make room, then "
        "write them with tracelib code export"
    )


@dataclass(frozen=True, slots=True)
class Selection:
    """Parts of registered ranges, in order; ``first`` and ``last`` are positions within the batch, from 1."""

    ranges: tuple[IssuedRange, ...]
    first: int
    last: int


def select_codes(uow: "UnitOfWork", batch: "Batch", first: int | None = None, last: int | None = None) -> Selection:
    """The codes of a batch from position ``first`` to ``last``, both included; None is the beginning or the end.

    Raises NoCodesError, PositionError, PositionOrderError.
    """
    selection = _select(uow.codes.ranges_of(*batch.key), batch.reference, first, last)
    if selection is None:
        raise NoCodesError(batch=batch.reference, lot=batch.lot)
    return selection


def select_units(uow: "UnitOfWork", party_id: str, first: int | None = None, last: int | None = None) -> Selection:
    """The codes of a party's logistic units, by position over all that were issued; as :func:`select_codes`.

    Raises NoUnitsError, PositionError, PositionOrderError.
    """
    selection = _select(uow.codes.ranges_of(party_id, "", ""), party_id, first, last)
    if selection is None:
        raise NoUnitsError(party=party_id)
    return selection


def _select(ranges: Sequence[IssuedRange], name: str, first: int | None, last: int | None) -> Selection | None:
    ranges = [range_ for range_ in ranges if range_.seq is not None]
    total = sum(range_.count for range_ in ranges)
    if not total:
        return None
    low, high = 1 if first is None else first, total if last is None else last
    if 1 <= high < low <= total:
        raise PositionOrderError(given_first=low, given_last=high)
    if not 1 <= low <= high <= total:
        raise PositionError(batch=name, last=total, given=low if last is None else f"{low}-{high}")
    parts: list[IssuedRange] = []
    before = 0
    for range_ in ranges:
        start, end = max(low - before, 1), min(high - before, range_.count)
        if start <= end:
            parts.append(replace(range_, first=range_.first + start - 1, count=end - start + 1))
        before += range_.count
    return Selection(tuple(parts), low, high)


def code_lines(issuer: Issuer, range_: IssuedRange, processes: int = 1) -> Iterator[bytes]:
    """The printed texts of a range (or a part of one), each with ``\\n``, in pieces of a few thousand.

    ``processes`` above 1 spreads the signing of many codes; the bytes are the same.
    """
    if range_.profile == "C":
        return _sticker_lines(issuer, range_)
    return _signed_lines(issuer, range_, processes)


def as_format(pieces: Iterator[bytes], format_: Format) -> Iterator[bytes]:
    """Lines of codes as CSV with the header ``code``, as plain text, or as JSON Lines (``{"code": …}``).

    No code holds a comma, a quote or a backslash, so nothing needs quoting.
    """
    if format_ == "csv":
        yield b"code\n"
    for piece in pieces:
        if format_ == "jsonl":
            lines = piece.removesuffix(b"\n").replace(b"\n", b'"}\n{"code": "')
            yield b'{"code": "' + lines + b'"}\n'
        else:
            yield piece


def all_lines(
    issuer_of: Callable[[bytes], Issuer], ranges: Sequence[IssuedRange], processes: int = 1
) -> Iterator[bytes]:
    """The lines of several ranges; ``issuer_of`` opens the issuer key with a full hash."""
    for range_ in ranges:
        yield from code_lines(issuer_of(range_.issuer_key), range_, processes)


def write_file(path: Path, pieces: Iterator[bytes]) -> int:
    """Write the pieces to a new file beside ``path`` and put it in its place when all is on disk; its size in bytes.

    Raises OutputError; what stood at ``path`` before is then still there, and nothing else.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    size = 0
    try:
        try:
            with temporary.open("wb") as stream:
                for piece in pieces:
                    size += stream.write(piece)
                stream.flush()
                os.fsync(stream.fileno())
            temporary.replace(path)
            sync_folder(path.parent)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise OutputError(file=path, detail=error.strerror or error) from None
    return size


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to the disk, so that a new name outlives a power cut. Windows does so itself."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems know no such thing
            raise
    finally:
        os.close(descriptor)


def write_stream(stream: IO[bytes], pieces: Iterator[bytes]) -> int:
    """Write the pieces to an open stream; the number of bytes. A reader that goes away ends it silently."""
    size = 0
    try:
        for piece in pieces:
            size += stream.write(piece)
        stream.flush()
    except BrokenPipeError:
        return size
    except OSError as error:
        raise OutputError(file="the output", detail=error.strerror or error) from None
    return size


def check_printable(issuer: Issuer, range_: IssuedRange) -> None:
    """Raise CodeFieldError or CodeTooLongError where codes like these cannot be printed."""
    from tracelib.codes import bulk

    if range_.profile == "C":
        require_host(range_.host)
        return
    template = template_of(range_)
    codes = bulk.CodeRange(template, None if template.with_sscc else issuer.cipher, range_.first, 1)
    bulk.check_printable(codes, issuer.signer, range_.host, range_.path)


def _signed_lines(issuer: Issuer, range_: IssuedRange, processes: int) -> Iterator[bytes]:
    from tracelib.codes import bulk
    from tracelib.trust.keys import KeyPair

    template = template_of(range_)
    cipher = None if template.with_sscc else issuer.cipher
    signer = issuer.signer
    if processes > 1 and range_.count >= PARALLEL_FROM and isinstance(signer, KeyPair):
        codes = bulk.CodeRange(template, cipher, range_.first, range_.count)
        make = functools.partial(KeyPair.from_secret, signer.public.suite, signer.secret)
        return bulk.parallel_code_stream(make, codes, range_.host, range_.path, processes=processes)
    return bulk.code_stream(signer, cipher, template, range_.first, range_.count, range_.host, path=range_.path)


def _sticker_lines(issuer: Issuer, range_: IssuedRange) -> Iterator[bytes]:
    from tracelib.codes.sticker import sticker_url
    from tracelib.trust.serial_key import sticker_key

    key, cipher = sticker_key(issuer.serial_key), issuer.cipher
    for first in range(range_.first, range_.last + 1, AT_ONCE):
        serials = cipher.serials(first, min(AT_ONCE, range_.last + 1 - first))
        yield "".join(f"{sticker_url(key, serial, range_.host)}\n" for serial in serials).encode("ascii")
