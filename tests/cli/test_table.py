"""Tables at any width: words are never broken, narrow terminals get blocks."""

import re

import pytest

from tracelib_cli.table import blocks, cells, lay_out, wrap

HEADERS = ["", "What", "Found", "What to do"]
ROWS = [
    ["✓", "Disk", "76229 MB free", ""],
    ["!", "Host", "q.example.com", "Fine for trying out; real labels need your own host."],
    ["!", "信任包", "无", "请导入新的信任包：召回和吊销可能缺失。tracelib bundle import FILE"],
]


def words(text: str) -> list[str]:
    """What must stay in one piece: everything between blanks and Chinese characters."""
    return re.findall(r"[!-~]+", text)


@pytest.mark.parametrize("room", range(24, 121))
def test_no_word_is_broken_and_no_line_is_too_long(room: int) -> None:
    laid = lay_out([HEADERS, *ROWS], room)
    if laid is None:
        lines = blocks(HEADERS, ROWS, room)
        shown = " ".join(lines)
    else:
        assert sum(laid.widths) + 3 * len(laid.widths) + 1 <= room
        for cut in laid.rows:
            assert all(cells(line) <= width for lines, width in zip(cut, laid.widths, strict=True) for line in lines)
        shown = " ".join(line for cut in laid.rows for lines in cut for line in lines)
    for row in ROWS:
        for text in row:
            assert all(word in shown for word in words(text)), (room, text)


def test_wide_terminal_wraps_nothing_and_a_narrow_one_gets_blocks() -> None:
    laid = lay_out([HEADERS, *ROWS], 140)
    assert laid is not None
    assert all(len(lines) == 1 for row in laid.rows for lines in row)
    assert lay_out([HEADERS, *ROWS], 30) is None
    assert blocks(HEADERS, ROWS[:2], 34) == [
        "What        ✓ Disk",
        "Found       76229 MB free",
        "",
        "What        ! Host",
        "Found       q.example.com",
        "What to do  Fine for trying out;",
        "            real labels need your",
        "            own host.",
    ]


def test_chinese_breaks_anywhere_but_before_its_punctuation() -> None:
    assert wrap("请设置时钟。", 6, slashes=False) == ["请设置", "时钟。"]
    assert wrap("请设置钟。好", 8, slashes=False) == ["请设置", "钟。好"]
    assert wrap("用 tracelib 登记", 10, slashes=False) == ["用", "tracelib", "登记"]


def test_a_path_breaks_at_slashes_only_when_it_must() -> None:
    path = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"
    assert wrap(path, 20, slashes=False) == [path]
    assert "".join(wrap(path, 20, slashes=True)) == path
    assert all(line.endswith("/") for line in wrap(path, 20, slashes=True)[:-1])
