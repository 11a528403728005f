"""Codes as streams and files: formats, parts, whole files or none."""

import errno
import json
from collections.abc import Iterator
from pathlib import Path
from typing import IO, TYPE_CHECKING

import pytest

from tracelib.batches.batch import Batch
from tracelib.codes.record import Level
from tracelib.operations.export import (
    NoCodesError,
    OutputError,
    PositionError,
    all_lines,
    as_format,
    code_lines,
    select_codes,
    write_file,
    write_stream,
)
from tracelib.operations.issuing.issue import IssueRequest, issue_codes

if TYPE_CHECKING:
    from tests.core.operations.conftest import County  # noqa: TID251 - a fixture's type, not imported when run


def issue(county: "County", count: int, lot: str = "GN-1") -> None:
    batch = ("COOP1", "ORANGE", lot)
    issue_codes(
        county.desk, county.issuer, IssueRequest(batch=batch, count=count, level=Level.CARTON, host="q.example.com")
    )
    county.clock.move(60)


def batch_of(county: "County", lot: str = "GN-1") -> Batch:
    with county.store.reading() as uow:
        batch = uow.batches.get("COOP1", "ORANGE", lot)
    assert batch is not None
    return batch


def exported(county: "County", first: int | None = None, last: int | None = None) -> list[str]:
    with county.store.reading() as uow:
        selection = select_codes(uow, batch_of(county), first, last)
    return b"".join(all_lines(lambda _: county.issuer, selection.ranges)).decode().splitlines()


def test_all_codes_of_a_batch_in_the_order_of_issue(county: "County") -> None:
    for count in (5, 4, 3):
        issue(county, count)
    lines = exported(county)
    serials = [line.rpartition("/")[2] for line in lines]
    assert [county.issuer.cipher.counter_of(serial) for serial in serials] == list(range(12))


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (None, None, range(12)), (1, 12, range(12)), (1, 1, range(1)), (12, 12, range(11, 12)),
        (5, 6, range(4, 6)), (3, 11, range(2, 11)), (6, None, range(5, 12)), (None, 5, range(5)),
    ],
)  # fmt: skip
def test_a_part_is_cut_out_of_the_whole(county: "County", first: int | None, last: int | None, expected: range) -> None:
    for count in (5, 4, 3):
        issue(county, count)
    whole = exported(county)
    assert exported(county, first, last) == [whole[position] for position in expected]


@pytest.mark.parametrize(("first", "last"), [(0, 3), (1, 13), (13, 13), (-1, None)])
def test_positions_that_are_not_there(county: "County", first: int, last: int | None) -> None:
    issue(county, 12)
    with pytest.raises(PositionError, match="has codes 1 to 12"):
        exported(county, first, last)


def test_batch_without_codes(county: "County") -> None:
    with pytest.raises(NoCodesError, match="tracelib code issue GN-1"):
        exported(county)


def test_unfinished_range_has_no_codes_yet(county: "County", monkeypatch: pytest.MonkeyPatch) -> None:
    issue(county, 5)
    monkeypatch.setattr("tracelib.operations.issuing.register_range.merkle_root", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        issue(county, 7)
    assert len(exported(county)) == 5


def test_formats(county: "County") -> None:
    issue(county, 3)
    lines = exported(county)

    def as_(name: str) -> str:
        pieces = iter([(line + "\n").encode() for line in lines[:2]] + [f"{lines[2]}\n".encode()])
        return b"".join(as_format(pieces, name)).decode()  # type: ignore[arg-type]  # one of the three

    assert as_("csv") == "code\n" + "".join(f"{line}\n" for line in lines)
    assert as_("txt") == "".join(f"{line}\n" for line in lines)
    assert [json.loads(line) for line in as_("jsonl").splitlines()] == [{"code": line} for line in lines]


def test_several_processes_make_the_same_bytes(county: "County", monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tracelib.operations.export.PARALLEL_FROM", 1)
    issue(county, 9000, "GN-2")
    with county.store.reading() as uow:
        range_ = uow.codes.ranges_of("COOP1", "ORANGE", "GN-2")[0]
    assert b"".join(code_lines(county.issuer, range_, 2)) == b"".join(code_lines(county.issuer, range_))


def failing(error: BaseException) -> Iterator[bytes]:
    yield b"some\n" * 100_000
    raise error


def test_full_disk_leaves_the_old_file_and_nothing_half(tmp_path: Path) -> None:
    out = tmp_path / "codes.csv"
    out.write_text("old")
    with pytest.raises(OutputError, match="no code is lost"):
        write_file(out, failing(OSError(errno.ENOSPC, "No space left on device")))
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["codes.csv"]


def test_interruption_leaves_nothing_half(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        write_file(tmp_path / "codes.csv", failing(KeyboardInterrupt()))
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="No such file"):
        write_file(tmp_path / "nowhere" / "codes.csv", iter([b"x"]))


def test_really_full_disk(county: "County") -> None:
    issue(county, 2000, "GN-2")
    with county.store.reading() as uow:
        range_ = uow.codes.ranges_of("COOP1", "ORANGE", "GN-2")[0]
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full here")
    with full.open("wb") as stream, pytest.raises(OutputError, match="No space left"):
        write_stream(stream, code_lines(county.issuer, range_))


class GoneReader:
    """A pipe whose other end was closed."""

    def write(self, _: bytes) -> int:
        raise BrokenPipeError


def test_reader_that_goes_away_ends_the_stream() -> None:
    stream: IO[bytes] = GoneReader()  # type: ignore[assignment]  # all that is used of one
    assert write_stream(stream, iter([b"x"])) == 0
