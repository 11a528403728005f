"""Every error of the tree: unique code, documented, translated, template and parameters that fit."""

import ast
import inspect
import re
import runpy
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

from tracelib.errors import TraceError
from tracelib_cli.main import COMMANDS

ROOT = Path(__file__).parent.parent.parent
WRITER = runpy.run_path(str(ROOT / "docs" / "write_errors.py"))
LEAVES: list[type[TraceError]] = WRITER["leaves"]()
TRANSLATIONS: dict[tuple[str | None, str], str] = WRITER["translations"]()


def fields(template: str) -> set[str]:
    """Names of the placeholders in a template."""
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(template) if name}


def test_codes_are_unique() -> None:
    codes = [kind.code for kind in LEAVES]
    assert len(codes) == len(set(codes)), sorted({c for c in codes if codes.count(c) > 1})
    assert len(codes) > 50


@pytest.mark.parametrize("kind", LEAVES, ids=lambda kind: kind.code)
def test_error_is_whole(kind: type[TraceError]) -> None:
    assert "template" in vars(kind) or kind.template != TraceError.template, "an error says what is wrong"
    assert inspect.getdoc(kind)
    translated = TRANSLATIONS.get((kind.code, kind.template))
    assert translated, f"no Chinese for {kind.code}: {kind.template!r}"
    assert fields(translated) == fields(kind.template)


def test_findings_in_events_are_translated() -> None:
    from tracelib.trace.documents.finding import RULES

    for rule in RULES:
        translated = TRANSLATIONS.get((f"finding.{rule.code}", rule.template))
        assert translated, f"no Chinese for {rule.code}: {rule.template!r}"
        assert fields(translated) == fields(rule.template), rule.code


def test_page_is_what_the_tree_says() -> None:
    assert (ROOT / "docs" / "errors.md").read_text(encoding="utf-8") == WRITER["page"](), "run: make docs"


def _calls(path: Path) -> Iterator[tuple[str, str]]:
    """(where, phrase) for every literal given to say(…) or phrase(…), and every help text of a command or option."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        where = f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func).split(".")[-1]
            first = node.args[0] if node.args else None
            if name in {"say", "phrase"} and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield where, first.value
            for keyword in node.keywords:
                if name == "option" and keyword.arg == "help" and isinstance(keyword.value, ast.Constant):
                    yield where, str(keyword.value.value)
        if isinstance(node, ast.FunctionDef) and any(
            re.search(r"\bcommand\b|\bgroup\b", ast.unparse(d)) for d in node.decorator_list
        ):
            for paragraph in (ast.get_docstring(node) or "").split("\n\n"):
                text = " ".join(paragraph.split())
                if text and not text.startswith("Example:"):
                    yield where, text


def _phrases() -> Iterator[tuple[str, str | None, str]]:
    """(where, context, phrase) over the command line and the page, templates included."""
    for path in [*sorted((ROOT / "cli" / "tracelib_cli").rglob("*.py")), ROOT / "tracelib" / "store" / "health.py"]:
        yield from ((where, None, text) for where, text in _calls(path))
    for path in sorted((ROOT / "tracelib" / "web").rglob("*.py")):
        yield from ((where, "web", text) for where, text in _calls(path))
    for path in sorted((ROOT / "tracelib" / "web" / "templates").glob("*.html")):
        for text in re.findall(r'say\("([^"]+)"\)', path.read_text(encoding="utf-8")):
            yield path.name, "web", text
    for path in sorted((ROOT / "tracelib" / "publish" / "templates").glob("*.html")):
        for text in re.findall(r'say\("([^"]+)"\)', path.read_text(encoding="utf-8")):
            yield path.name, "publish", text
    labels = ROOT / "tracelib" / "labels"
    for name in ("template.py", "template_files.py"):
        yield from ((where, "label.template_expected", text) for where, text in _calls(labels / name))
    yield from ((where, "label.printer.state", text) for where, text in _calls(labels / "printer.py"))
    yield from (("main.COMMANDS", None, text) for text in COMMANDS.values())


def test_every_phrase_has_its_chinese() -> None:
    wanted = list(_phrases())
    missing = sorted({f"{where}: {text}" for where, context, text in wanted if not TRANSLATIONS.get((context, text))})
    assert len(wanted) > 300
    assert not missing, "\n".join(missing)


def test_placeholders_survive_translation() -> None:
    wrong = [key for key, chinese in TRANSLATIONS.items() if fields(key[1]) != fields(chinese)]
    assert not wrong
