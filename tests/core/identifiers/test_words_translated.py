"""Words that messages about identifiers and catalogue entries are made of have their Chinese."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tracelib.identifiers.errors import CheckDigitError, OwnNumberError
from tracelib.text import translator

ROOT = Path(__file__).parents[3]
NAMING_CALLS = {"own_number", "text_of", "number_from", "parse_own_number", "_found"}


def _words() -> Iterator[tuple[str, str]]:
    """(context, word) for every literal ``what``, ``detail`` and ``expected`` in the sources."""
    sources = [*(ROOT / "tracelib" / "identifiers").glob("*.py"), *(ROOT / "tracelib" / "catalog").glob("*.py")]
    for path in [*sources, ROOT / "tracelib" / "operations" / "catalog" / "entries.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                for keyword in node.keywords:
                    if keyword.arg in ("what", "detail", "expected") and isinstance(keyword.value, ast.Constant):
                        yield keyword.arg, str(keyword.value.value)
                if ast.unparse(node.func) in NAMING_CALLS:
                    for argument in node.args:
                        if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                            yield "what", argument.value
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "WHAT":
                yield "what", str(ast.literal_eval(node.value))


def test_every_word_has_its_chinese() -> None:
    words = set(_words())
    chinese = translator("zh")
    same_in_both = {"统一社会信用代码", "X..20", "18"}
    missing = sorted(f"{name}: {word}" for name, word in words if chinese(name, word) == word not in same_in_both)
    assert len(words) > 40
    assert not missing, missing


def test_a_whole_message_in_chinese() -> None:
    wrong = CheckDigitError(what="GTIN", given="6901234567890", found="0", expected="2")
    assert wrong.message(translator("zh")) == ("GTIN：“6901234567890”的校验位是 0，按其余各位应为 2；请与原件核对。")
    assert OwnNumberError(what="lot", given="a").message(translator("zh")).startswith("批号：“a”应为 1 至 20 个字符")
    assert OwnNumberError(what="lot", given="a").message().startswith("lot: «a» must be 1 to 20 characters")
