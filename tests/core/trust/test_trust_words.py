"""Words inside the messages of trust have their Chinese, with the same placeholders."""

import ast
import string
from collections.abc import Iterator
from pathlib import Path

from tracelib.text import translator
from tracelib.trust.errors import ChainError, DelegationFormatError, KeyOfOtherRootError, WidenedError

ROOT = Path(__file__).parents[3] / "tracelib"
SOURCES = [
    *sorted((ROOT / "trust").glob("*.py")),
    *(
        ROOT / "operations" / "trust" / f"{name}.py"
        for name in ("delegate", "delegate_rules", "revoke", "bundle", "ring")
    ),
]
TABLES = {"_LARGER", "_SUM_LARGER"}


def _words() -> Iterator[tuple[str, str]]:
    """(context, word) for every literal that becomes ``reason`` or ``what`` of an error."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            match node:
                case ast.keyword(arg="reason" | "what" as name, value=ast.Constant(value=str() as text)):
                    yield f"trust.{name}", text
                case ast.Assign(targets=[ast.Name(id="reason")], value=ast.Constant(value=str() as text)):
                    yield "trust.reason", text
                case ast.Assign(targets=[ast.Name(id=table)], value=value) if table in TABLES:
                    yield from (("trust.reason", text) for text in ast.literal_eval(value).values())
                case ast.Yield(value=ast.Tuple(elts=[_, ast.Constant(value=str() as text)])):
                    yield "trust.reason", text
                case ast.Call(func=ast.Attribute(attr="verify1"), args=[_, _, _, ast.Constant(value=str() as text)]):
                    yield "trust.what", text


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_every_word_has_its_chinese() -> None:
    words, chinese = set(_words()), translator("zh")
    assert len(words) > 110
    assert not sorted(word for context, word in words if chinese(context, word) == word)
    assert not sorted(word for context, word in words if _fields(chinese(context, word)) != _fields(word))


def test_reasons_are_not_put_together_at_run_time() -> None:
    """A reason with a value inside has a placeholder, or it could not be translated."""
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.keyword) and node.arg == "reason":
                assert not isinstance(node.value, ast.JoinedStr), f"{path.name}: {ast.unparse(node.value)}"


def test_whole_messages_in_chinese() -> None:
    chinese = translator("zh")
    assert ChainError(what="delegation", reason="nobody above it is trusted").message(chinese) == (
        "授权委托不能追溯到受信任的根：其上级没有受信任的。"
    )
    larger = WidenedError(reason="all keys below together have more than its {limit} codes", limit=1000)
    assert larger.message(chinese) == "该授权委托超出上一级的范围：下级密钥合计超过其 1000 个码。委托只能收窄。"
    assert "its 1000 codes" in larger.message()
    assert DelegationFormatError(reason="unknown claim {claim}", claim=-70000).message(chinese) == (
        "授权委托被拒绝：未知声明 -70000。"
    )
    other = KeyOfOtherRootError(name="coop", what="test", given="ab", expected="cd")
    assert "在测试根 ab 下生成" in other.message(chinese)


def test_braces_in_what_was_given_do_no_harm() -> None:
    assert (
        "{limit}" in WidenedError(reason="the prefix {prefix} overlaps that of another key", prefix="{limit}").message()
    )
