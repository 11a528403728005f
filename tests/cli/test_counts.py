"""Counts are said as people say them: one batch, two batches; a Chinese count needs no plural."""

import runpy
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from tracelib.text import for_counts
from tracelib_cli.context import Context
from tracelib_cli.errors import in_words
from tracelib_cli.output import Output

ROOT = Path(__file__).parent.parent.parent
WRITER = runpy.run_path(str(ROOT / "docs" / "write_errors.py"))
REGISTERED = "{count} batches registered from {file}."
LABELS = "{file}: {labels} labels on {pages} pages."


@pytest.mark.parametrize(
    ("count", "english", "chinese"),
    [
        (0, "0 batches registered from a.csv.", "已从 a.csv 登记 0 个批次。"),
        (1, "1 batch registered from a.csv.", "已从 a.csv 登记 1 个批次。"),
        (2, "2 batches registered from a.csv.", "已从 a.csv 登记 2 个批次。"),
    ],
)
def test_one_and_many(count: int, english: str, chinese: str) -> None:
    out = Output(json=False)
    assert Context({}, "en", out=out).say(REGISTERED, count=count, file="a.csv") == english
    assert Context({}, "zh", out=out).say(REGISTERED, count=count, file="a.csv") == chinese


def test_two_counts_in_one_phrase() -> None:
    said = {
        (labels, pages): for_counts(LABELS, {"labels": labels, "pages": pages, "file": "l.pdf"})
        for labels in (1, 2)
        for pages in (1, 2)
    }
    assert said == {
        (1, 1): "{file}: {labels} label on {pages} page.",
        (1, 2): "{file}: {labels} label on {pages} pages.",
        (2, 1): "{file}: {labels} labels on {pages} page.",
        (2, 2): LABELS,
    }


def test_text_and_truth_are_no_counts() -> None:
    assert for_counts(REGISTERED, {"count": "1"}) == REGISTERED
    assert for_counts(REGISTERED, {"count": True}) == REGISTERED


def test_an_error_counts_as_well() -> None:
    from tracelib.sheets.errors import SheetError

    one = SheetError([], file="a.csv", count=1)
    assert in_words(one, "en").startswith("a.csv: 1 fault found, nothing was written")


def test_every_phrase_of_the_table_is_still_said_somewhere() -> None:
    known = {english for _, english in WRITER["translations"]()}
    with (ROOT / "tracelib" / "locale" / "en" / "one.po").open("rb") as stream:
        phrases = [str(message.id) for message in read_po(stream) if message.id]
    assert len(phrases) > 30
    assert [phrase for phrase in phrases if phrase not in known] == []
