"""Files that are damaged, foreign or hostile: one clear refusal each, and little memory."""

import struct
import tracemalloc
import zipfile
from collections.abc import Callable
from datetime import date
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracelib.errors import TraceError
from tracelib.sheets.batch_sheet import read_batches
from tracelib.sheets.errors import (
    ArchiveBombError,
    DamagedSheetError,
    OtherFormatError,
    PasswordError,
    SheetError,
    SheetFault,
    TooLargeError,
)
from tracelib.sheets.limits import MIB, Limits

SaveXlsx = Callable[..., Path]
EditPart = Callable[[Path, str, Callable[[bytes], bytes]], Path]

ROW = ("GNQC", "NAVEL-5KG", "26A0137", date(2026, 11, 3), 3500.5)
SHEET = "xl/worksheets/sheet1.xml"
OLE2 = bytes.fromhex("d0cf11e0a1b11ae1")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("old.xls", OLE2 + bytes(600) + "Workbook".encode("utf-16-le"), "old Excel workbook"),
        ("old.et", OLE2 + bytes(600), "old WPS table"),
        ("renamed.xlsx", OLE2 + bytes(600), "old Excel workbook"),
        ("page.xls", b"\xef\xbb\xbf  <HTML><table>", "web page"),
        ("page2.xls", b"<table border=1>", "web page"),
        ("spread.xls", b"<?xml version='1.0'?><Workbook/>", "XML file"),
        ("certificate.pdf", b"%PDF-1.7\n", "PDF"),
    ],
)
def test_other_formats_are_named_whatever_the_file_is_called(tmp_path: Path, name: str, data: bytes, kind: str) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(OtherFormatError, match=kind):
        read_batches(tmp_path / name)


@pytest.mark.parametrize(
    ("part", "kind"),
    [
        ("xl/workbook.bin", ".xlsb"),
        ("content.xml", "OpenDocument"),
        ("Index/Document.iwa", "Numbers"),
        ("word/document.xml", "Word"),
    ],
)
def test_other_archives_are_named(tmp_path: Path, part: str, kind: str) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, b"x")
    with pytest.raises(OtherFormatError, match=kind):
        read_batches(path)


def test_a_password_is_named(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    path.write_bytes(OLE2 + bytes(1000) + "EncryptedPackage".encode("utf-16-le") + bytes(1000))
    with pytest.raises(PasswordError):
        read_batches(path)


def test_an_encrypted_part_is_a_password_too(save_xlsx: SaveXlsx) -> None:
    path = save_xlsx(ROW)
    data = bytearray(path.read_bytes())
    entry = data.index(b"PK\x01\x02")
    data[entry + 8] |= 1
    path.write_bytes(bytes(data))
    with pytest.raises(PasswordError):
        read_batches(path)


def test_a_part_that_unpacks_without_end_is_refused_unread(save_xlsx: SaveXlsx, edit_part: EditPart) -> None:
    path = edit_part(save_xlsx(ROW), SHEET, lambda data: data + b" " * (300 * MIB))
    tracemalloc.start()
    with pytest.raises(ArchiveBombError) as caught:
        read_batches(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert caught.value.params["part"] == SHEET
    assert peak < 10 * MIB


def test_a_part_that_lies_about_its_size_is_read_no_further(save_xlsx: SaveXlsx, edit_part: EditPart) -> None:
    path = edit_part(save_xlsx(ROW), SHEET, lambda data: data + b" " * (30 * MIB))
    data = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        size = archive.getinfo(SHEET).file_size
    for position in range(len(data) - 4):  # local header and directory
        if data[position : position + 4] == struct.pack("<L", size):
            data[position : position + 4] = struct.pack("<L", 1000)
    path.write_bytes(bytes(data))
    tracemalloc.start()
    with pytest.raises(SheetFault):
        read_batches(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10 * MIB


def test_one_part_under_many_names_is_refused(save_xlsx: SaveXlsx, tmp_path: Path) -> None:
    path = save_xlsx(ROW)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(9):
            archive.writestr(f"xl/media/{number}.bin", (str(number) * 1000 + "\n") * 60 + str(number) * 9)
    limits = Limits(other_part=200_000, sheet_part=300_000)
    with pytest.raises(ArchiveBombError, match="the whole archive"):
        read_batches(path, limits=limits)


def test_too_many_parts_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(1001):
            archive.writestr(str(number), b"")
    with pytest.raises(TooLargeError, match="1001 parts"):
        read_batches(path)


def test_a_huge_directory_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "file.xlsx"
    entry = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    count = 60_000
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, count, count, len(entry) * count, 4, 0)
    path.write_bytes(b"PK\x03\x04" + entry * count + end)
    tracemalloc.start()
    with pytest.raises(TooLargeError, match="archive directory"):
        read_batches(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5 * MIB


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'<row r="2"', b'<row r="1"'),
        (b'<row r="2"', b'<row r="999999999999"'),
        (b'<row r="2"', b'<row r="-2"'),
        (b'r="B2"', b'r="A2"'),
        (b'r="B2"', b'r="ZZZ2"'),
        (b'r="B2"', b'r="2B"'),
        (b"</sheetData>", b""),
    ],
)
def test_a_sheet_that_contradicts_itself_is_damaged(
    save_xlsx: SaveXlsx, edit_part: EditPart, old: bytes, new: bytes
) -> None:
    def change(data: bytes) -> bytes:
        assert old in data
        return data.replace(old, new, 1)

    with pytest.raises(DamagedSheetError):
        read_batches(edit_part(save_xlsx(ROW), SHEET, change))


def test_merged_cells_without_end_take_no_time(save_xlsx: SaveXlsx, edit_part: EditPart) -> None:
    """Ranges that lie over each other on every row, more of them than any sheet has, and tags that never close."""
    over = b"<mergeCells>" + b'<mergeCell ref="A2:Z1048576"/>' * 15_000 + b"</mergeCells></worksheet>"
    path = save_xlsx(*[(*ROW[:2], f"L{number}", *ROW[3:]) for number in range(500)])
    with pytest.raises(SheetError):
        read_batches(edit_part(path, SHEET, lambda data: data.replace(b"</worksheet>", over)))
    many = b"<mergeCells>" + b'<mergeCell ref="A2:Z3"/>' * 20_001 + b"</mergeCells></worksheet>"
    with pytest.raises(TooLargeError, match="merged cells"):
        read_batches(edit_part(save_xlsx(ROW), SHEET, lambda data: data.replace(b"</worksheet>", many)))
    unclosed = "".join(f"<mergeCell {n} " for n in range(300_000)).encode()
    with pytest.raises(DamagedSheetError):
        read_batches(edit_part(save_xlsx(ROW), SHEET, lambda data: data.replace(b"</worksheet>", unclosed)))


def test_hidden_columns_without_end_take_no_time(save_xlsx: SaveXlsx, edit_part: EditPart) -> None:
    cols = b"<cols>" + b'<col min="7" max="16384" hidden="1"/>' * 5_000 + b"</cols><sheetData>"
    path = edit_part(save_xlsx(ROW), SHEET, lambda data: data.replace(b"<sheetData>", cols))
    assert len(read_batches(path).batches) == 1


def test_a_cell_far_out_costs_nothing_and_is_refused(save_xlsx: SaveXlsx, edit_part: EditPart) -> None:
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with pytest.raises(TooLargeError, match="16384 columns"):
        read_batches(edit_part(save_xlsx(ROW), SHEET, lambda data: data.replace(b"</sheetData>", far)))


def test_a_file_above_the_limit_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    with path.open("wb") as stream:
        stream.truncate(50 * MIB + 1)
    with pytest.raises(TooLargeError, match="bytes"):
        read_batches(path)


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DamagedSheetError, match="not a regular file"):
        read_batches(Path("/dev/zero"))


@pytest.fixture(scope="module")
def good_bytes(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    book.worksheets[0].append(["party", "product", "lot", "production date", "weight (kg)"])
    book.worksheets[0].append(list(ROW))
    path = tmp_path_factory.mktemp("good") / "file.xlsx"
    book.save(path)
    return path.read_bytes()


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(1, 255)), min_size=1, max_size=4))
def test_flipped_bytes_never_bring_a_foreign_exception(
    tmp_path_factory: pytest.TempPathFactory, good_bytes: bytes, changes: list[tuple[int, int]]
) -> None:
    data = bytearray(good_bytes)
    for position, change in changes:
        data[position % len(data)] ^= change
    assert _refused_or_read(tmp_path_factory, bytes(data))


@settings(max_examples=60, deadline=None)
@given(length=st.integers(0, 1 << 20))
def test_a_file_cut_off_anywhere_is_refused(
    tmp_path_factory: pytest.TempPathFactory, good_bytes: bytes, length: int
) -> None:
    path = tmp_path_factory.mktemp("cut") / "file.xlsx"
    path.write_bytes(good_bytes[: length % len(good_bytes)])
    with pytest.raises(SheetFault):
        read_batches(path)


@settings(max_examples=250, deadline=None)
@given(position=st.integers(0, 1 << 20), change=st.binary(min_size=1, max_size=6), part=st.integers(0, 5))
def test_xml_with_any_bytes_inside_never_brings_a_foreign_exception(
    tmp_path_factory: pytest.TempPathFactory, excel_parts: dict[str, str], position: int, change: bytes, part: int
) -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for number, (name, text) in enumerate(excel_parts.items()):
            data = text.encode()
            at = position % len(data)
            changed = data[:at] + change + data[at + len(change) :]
            archive.writestr(name, changed if number == part else data)
    assert _refused_or_read(tmp_path_factory, stream.getvalue())


def _refused_or_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> str:
    """What the refusal says, or what was read; any exception outside the tree goes through and fails the test."""
    path = tmp_path_factory.mktemp("any") / "file.xlsx"
    path.write_bytes(data)
    try:
        return repr(read_batches(path))
    except TraceError as error:
        return str(error)
