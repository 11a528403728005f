"""Every verb and every detail that the book of changes is given has a Chinese word."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORD = re.compile(r'msgctxt "(verb|detail)"\nmsgid "([^"]+)"\nmsgstr "[^"]+"')
UNREAD = {"sha256", "events", "from", "to", "opened"}
"""Never shown in a table."""


def functions() -> Iterator[ast.FunctionDef]:
    for folder in ("tracelib", "cli"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            yield from (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef))


def additions(function: ast.FunctionDef) -> list[ast.Call]:
    return [
        node
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("changes.add")
    ]


def literals(function: ast.FunctionDef, value: ast.expr) -> Iterator[ast.expr]:
    """The value, or what the function assigns to its name."""
    if not isinstance(value, ast.Name):
        yield value
        return
    for node in ast.walk(function):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(value.id == ast.unparse(target) for target in targets):
                yield node.value


def said() -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for function in functions():
        for call in additions(function):
            for verb in literals(function, call.args[0]):
                texts = [str(node.value) for node in ast.walk(verb) if isinstance(node, ast.Constant)]
                found |= {("verb", text) for text in texts if re.fullmatch(r"[a-z_]+\.[a-z_]+", text)}
            for keyword in call.keywords:
                for detail in literals(function, keyword.value) if keyword.arg == "detail" else ():
                    keys = detail.keys if isinstance(detail, ast.Dict) else []
                    found |= {("detail", str(key.value)) for key in keys if isinstance(key, ast.Constant)}
    return {(kind, text.replace(".", " ").replace("_", " ")) for kind, text in found if text not in UNREAD}


def test_every_verb_and_detail_has_a_chinese_word() -> None:
    from tracelib.sheets.mapping import SheetMapping

    folder = ROOT / "tracelib" / "locale" / "zh_Hans"
    known = {found for path in folder.glob("*.po") for found in WORD.findall(path.read_text(encoding="utf-8"))}
    wanted = said() | {("detail", name) for name in SheetMapping.model_fields}  # a mapping is a detail as it is
    assert {("verb", "batch register"), ("verb", "config set"), ("detail", "rows"), ("detail", "in kg")} <= wanted
    assert wanted - known == set()
