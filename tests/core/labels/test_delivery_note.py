"""The delivery note of a print order: what stands on the page that is signed, and the mark of a test root."""

from datetime import UTC, datetime

import pypdfium2
import pytest

from tracelib.batches.pieces import Piece
from tracelib.batches.print_account import RollAccount
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.labels.delivery_note import NoteFacts, delivery_note
from tracelib.labels.errors import FontMissingError
from tracelib.labels.fonts import find_font


def pages(rolls: int, *, test: bool) -> list[str]:
    """The text of each page of a note for so many rolls of 100 labels."""
    try:
        font = find_font()
    except FontMissingError as error:
        pytest.skip(str(error))
    order = PrintOrder(
        party_id="COOP1", number="261125-1", product_id="ORANGE", lot="GN-1", at=datetime(2026, 11, 25, tzinfo=UTC),
        operator="示例", house="示例印刷厂", format="csv", template="", roll_size=100, rolls=rolls, count=100 * rolls,
        left_out=0, reason="",
    )  # fmt: skip
    each = [
        PrintRoll(
            party_id="COOP1", number="261125-1", roll=n, count=100, pieces=(Piece("AB38", 100 * n, 100, 100 * n - 99),),
            first_serial="7KQX9Y93Q6MJ608", last_serial="7KQX9Y93Q6MJ608", file=f"261125-1-r{n:03d}.csv",
        )
        for n in range(1, rolls + 1)
    ]  # fmt: skip
    accounts = [RollAccount(n, 100, "ab" * 32) for n in range(1, rolls + 1)]
    facts = NoteFacts(order, each, accounts, "赣南脐橙", "示例合作社", "", test)
    document = pypdfium2.PdfDocument(delivery_note(facts, font))
    texts = [document[n].get_textpage().get_text_range() for n in range(len(document))]
    document.close()
    return texts


@pytest.mark.parametrize("rolls", [3, 22, 26, 200])
def test_the_signed_page_says_of_what_and_how_many(rolls: int) -> None:
    last = pages(rolls, test=False)[-1]
    for words in ("收货人", "合计", "261125-1", f"{rolls} 卷", f"{100 * rolls:,}", "实收合计"):
        assert words in last


def test_only_a_test_root_is_marked() -> None:
    assert "测试 TEST" in pages(3, test=True)[0]
    assert "TEST" not in pages(3, test=False)[0]
