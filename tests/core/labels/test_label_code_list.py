"""Files of codes: the three kinds that are exported, and what is no such file."""

from pathlib import Path

import pytest

from tracelib.labels.code_list import read_code_list
from tracelib.labels.errors import CodeFileError, CodeListError

A, B = "https://q.example.com/A/U/1", "https://q.example.com/B/U/2"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("codes.csv", f"code\n{A}\n{B}\n"),
        ("codes.csv", f"\ufeffserial,code\r\n1,{A}\r\n2,{B}\r\n"),
        ("codes.txt", f"{A}\n\n{B}"),
        ("codes.jsonl", f'{{"code": "{A}"}}\n{{"code": "{B}", "serial": "2"}}\n'),
    ],
)
def test_what_is_exported_is_read(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_bytes(content.encode())
    assert list(read_code_list(tmp_path / name)) == [A, B]


@pytest.mark.parametrize(
    ("name", "content", "line", "detail"),
    [
        ("codes.csv", b"serial\n1\n", 1, "column «code»"),
        ("codes.csv", b"", 1, "column «code»"),
        ("codes.csv", b"code\n\xff\xfe\n", 1, "can't decode"),
        ("codes.jsonl", b'{"code": "' + A.encode() + b'"}\n{"code": 5}\n', 2, "field «code»"),
        ("codes.jsonl", b"{code\n", 1, "no JSON object"),
        ("codes.txt", b"x" * 1_000_000, 1, "longer than any code"),
    ],
)
def test_what_is_no_list_of_codes(tmp_path: Path, name: str, content: bytes, line: int, detail: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CodeListError, match=detail) as refused:
        list(read_code_list(tmp_path / name))
    assert refused.value.params["row"] == line


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(CodeFileError, match="No such file"):
        list(read_code_list(tmp_path / "codes.csv"))
