"""Words that messages about identifiers and catalogue entries are made of have their Chinese."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tracelib.identifiers.errors import CheckDigitError, OwnNumberError, _translated
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


def _expectations() -> Iterator[str]:
    """What fields of a line configuration and settings expect: literals, and texts made of numbers with places."""
    places = {"text": 2, "path": 1, "fault": 2, "texts": 2, "take": 2}
    for path in [*(ROOT / "scanner").rglob("*.py"), ROOT / "cli" / "tracelib_cli" / "settings.py"]:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            ast.unparse(node.targets[0]): node.value for node in ast.walk(tree) if isinstance(node, ast.Assign)
        }
        for node in ast.walk(tree):
            found: list[ast.expr] = []
            if isinstance(node, ast.Call):
                found = [keyword.value for keyword in node.keywords if keyword.arg == "expected"]
                if isinstance(node.func, ast.Attribute) and (place := places.get(node.func.attr)):
                    found += node.args[place : place + 1]
            elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "expected":
                found = [node.value]
            for value in found:
                literal = constants.get(ast.unparse(value), value)
                if isinstance(literal, ast.Constant) and isinstance(literal.value, str) and " " in literal.value:
                    yield literal.value


def test_what_a_field_expects_is_said_in_chinese() -> None:
    expected = {text for text in _expectations() if not text.startswith("{")}  # JSON is the same in both
    assert len(expected) > 10
    chinese = translator("zh")
    missing = [text for text in sorted(expected) if _translated("expected", text, chinese) == text]
    assert not missing, missing


def test_numbers_keep_their_places() -> None:
    said = _translated("expected", "a number from 0 to 0.5 ms", translator("zh"))
    assert said == "0 至 0.5 毫秒的数"
    assert _translated("expected", "no such text of 3 words", translator("zh")) == "no such text of 3 words"


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
