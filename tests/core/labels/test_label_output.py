"""Files, folders of jobs and printers: whole or not at all, numbered, in little memory."""

import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tracelib.labels.content import LabelContent
from tracelib.labels.errors import (
    DestinationError,
    LabelCodeError,
    NativeSymbolError,
    NoLabelsError,
    PrinterAwayError,
    SpoolFolderError,
)
from tracelib.labels.fonts import LabelFont
from tracelib.labels.output import PrintRun, Spool, parse_destination, print_out
from tracelib.labels.printer import Printer
from tracelib.labels.spool import spool_job
from tracelib.labels.template_files import find_template

Labels = Callable[..., Iterator[LabelContent]]
ROLL = find_template("roll-60x40")
BROKEN = LabelContent("ftp://q.example.com/X", "", "")


def test_jobs_of_a_folder_are_numbered(
    tmp_path: Path, some_labels: Labels, label_font: LabelFont, run_zpl: Callable[[bytes], list[object]]
) -> None:
    run = PrintRun(ROLL, label_font, Spool(tmp_path), "zpl", copies=2)
    paths = [print_out(enumerate(some_labels(3), 1), run) for _ in range(2)]
    assert [printed.path for printed in paths] == [tmp_path / "job-000001.zpl", tmp_path / "job-000002.zpl"]
    assert (paths[0].labels, paths[0].size) == (6, (tmp_path / "job-000001.zpl").stat().st_size)
    assert len(run_zpl((tmp_path / "job-000002.zpl").read_bytes())) == 3
    assert len(list(tmp_path.iterdir())) == 2


def test_number_goes_on_from_the_highest(tmp_path: Path) -> None:
    (tmp_path / "job-000041.tspl").write_bytes(b"")
    (tmp_path / "readme.txt").write_bytes(b"")
    path, count, size = spool_job(tmp_path, "zpl", [b"one", b"two"])
    assert (path.name, count, size) == ("job-000042.zpl", 2, 6)


def test_a_folder_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(SpoolFolderError, match="a program must watch it") as caught:
        spool_job(tmp_path / "jobs", "zpl", [b"one"])
    assert caught.value.params["folder"] == tmp_path / "jobs"
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(SpoolFolderError):
        spool_job(tmp_path / "file", "zpl", [b"one"])


def test_two_who_spool_at_once_never_share_a_number(tmp_path: Path) -> None:
    found: list[str] = []

    def work() -> None:
        for _ in range(20):
            path, _, _ = spool_job(tmp_path, "zpl", [b"x"])
            found.append(path.name)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len(set(found)) == 80
    assert len(list(tmp_path.iterdir())) == 80


def test_job_that_fails_is_not_there(tmp_path: Path, some_labels: Labels, label_font: LabelFont) -> None:
    broken = [*some_labels(3), BROKEN]
    with pytest.raises(LabelCodeError):
        print_out(enumerate(broken, 1), PrintRun(ROLL, label_font, Spool(tmp_path), "tspl"))
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(SpoolFolderError):
        print_out(enumerate(some_labels(1), 1), PrintRun(ROLL, label_font, Spool(tmp_path / "no"), "zpl"))


@pytest.mark.parametrize("kind", ["zpl", "tspl"])
def test_file_that_fails_leaves_what_was_there(
    tmp_path: Path, some_labels: Labels, label_font: LabelFont, kind: str
) -> None:
    out = tmp_path / f"roll.{kind}"
    out.write_bytes(b"yesterday")
    run = PrintRun(ROLL, label_font, out, kind)  # type: ignore[arg-type]
    with pytest.raises(LabelCodeError):
        print_out(enumerate([*some_labels(2), BROKEN], 1), run)
    with pytest.raises(NoLabelsError):
        print_out([], run)
    assert out.read_bytes() == b"yesterday"
    assert [path.name for path in tmp_path.iterdir()] == [out.name]


def test_first_label_is_made_before_anything_is_connected(label_font: LabelFont) -> None:
    nowhere = Printer("127.0.0.1", 1, tries=1)
    with pytest.raises(LabelCodeError):
        print_out([(1, BROKEN)], PrintRun(ROLL, label_font, nowhere, "zpl"))
    with pytest.raises(PrinterAwayError):
        print_out(
            [(1, LabelContent("https://q.example.com/A/U/1", "", ""))], PrintRun(ROLL, label_font, nowhere, "zpl")
        )


def test_zpl_has_no_native_symbol(tmp_path: Path, label_font: LabelFont, some_labels: Labels) -> None:
    with pytest.raises(NativeSymbolError, match="not in ZPL"):
        print_out(enumerate(some_labels(1), 1), PrintRun(ROLL, label_font, tmp_path / "x.zpl", "zpl", native=True))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("kind", ["zpl", "tspl"])
def test_memory_does_not_grow_with_the_job(
    tmp_path: Path, some_labels: Labels, label_font: LabelFont, kind: str
) -> None:
    run = PrintRun(ROLL, label_font, tmp_path / f"roll.{kind}", kind)  # type: ignore[arg-type]
    print_out(enumerate(some_labels(20), 1), run)
    tracemalloc.start()
    try:
        printed = print_out(enumerate(some_labels(400), 1), run)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert printed.size > 2_000_000
    assert peak < 1_000_000


def test_destinations() -> None:
    assert parse_destination("spool:/var/spool/labels") == Spool(Path("/var/spool/labels"))
    assert parse_destination("tcp://printer", status=True) == Printer("printer", status=True)
    for text in ("spool:", "lpt1", "http://printer", "printer:9100"):
        with pytest.raises(DestinationError):
            parse_destination(text)
