"""Writes docs/errors.md from the error tree and its translations: ``make docs``."""

import importlib
import inspect
import pkgutil
from pathlib import Path

from babel.messages.pofile import read_po

import tracelib
import tracelib_cli
import tracelib_scanner
from tracelib.errors import TraceError
from tracelib_cli import errors as cli_errors

ROOT = Path(__file__).parent.parent
HEAD = """# Errors and exit statuses

Written by `make docs` from the error tree; a test keeps it true. 由程序生成，勿手改。

| status | meaning | 含义 |
|---|---|---|
| 0 | all good | 一切正常 |
| 1 | unexpected; a report file is written | 意外错误，已写报告文件 |
| 2 | usage | 命令用法不对 |
| 3 | format: input that is not what it should be, also a faulty sheet | 格式错误，包括表格有错 |
| 4 | verification, also when one of several codes fails | 验证未通过，多码中有一个不通过也算 |
| 5 | rule, also an ambiguous name | 违反规则，或名称不唯一 |
| 6 | not found | 找不到 |
| 7 | settings, also a wrong passphrase or a missing extra | 设置问题，包括口令错误、缺少组件 |
| 8 | store: full, read-only, locked, newer or older database | 存储问题：磁盘满、只读、被锁、版本不符 |
| 9 | sync, also when a record was refused | 上报问题，包括有记录被拒 |
| 10 | device | 设备问题 |
| 130 | interrupted | 已中断 |
"""


def leaves() -> list[type[TraceError]]:
    """Every error class of the three packages but the kinds themselves, by code."""
    for package in (tracelib, tracelib_scanner, tracelib_cli):
        for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if ".migrations." not in module.name and not module.name.endswith("__main__"):
                importlib.import_module(module.name)
    kinds = {kind for kind, _ in cli_errors.STATUS_OF_KIND} | {TraceError}
    found: set[type[TraceError]] = set()
    waiting: list[type[TraceError]] = [TraceError]
    while waiting:
        kind = waiting.pop()
        waiting.extend(kind.__subclasses__())
        if kind not in kinds and kind.__module__.split(".")[0].startswith("tracelib"):
            found.add(kind)
    return sorted(found, key=lambda kind: kind.code)


def translations() -> dict[tuple[str | None, str], str]:
    """(context, English) to Chinese, over all rooms' files."""
    known: dict[tuple[str | None, str], str] = {}
    for path in sorted((ROOT / "tracelib" / "locale" / "zh_Hans").glob("*.po")):
        if path.name == "click.po":
            continue
        with path.open("rb") as stream:
            for message in read_po(stream, locale="zh_Hans"):
                if message.id and message.string:
                    known[message.context, str(message.id)] = str(message.string)
    return known


def page() -> str:
    """The whole page."""
    chinese = translations()
    lines = [HEAD]
    for kind, status in (*cli_errors.STATUS_OF_KIND, (TraceError, cli_errors.UNEXPECTED)):
        mine = [leaf for leaf in leaves() if cli_errors.status_of(leaf) == status]
        if not mine:
            continue
        lines.append(f"## {status} · {kind.code}\n\n| code | when | message | 中文 |\n|---|---|---|---|")
        for leaf in mine:
            when = (inspect.getdoc(leaf) or "").split("\n\n")[0].replace("\n", " ")
            cells = [f"`{leaf.code}`", when, leaf.template, chinese.get((leaf.code, leaf.template), "")]
            lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    (ROOT / "docs" / "errors.md").write_text(page(), encoding="utf-8")
