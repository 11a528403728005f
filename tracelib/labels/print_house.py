"""What a print house is handed with an order: the names of its files, their lines, and how to check them.

Pure: an order's files hold no time but the order's own, so that they can be made again byte for byte.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from tracelib.batches.pieces import Piece
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.codes.serial import SERIAL_LENGTH, grouped
from tracelib.codes.sticker import MAC_CHARACTERS
from tracelib.labels.content import LabelContent, weight_text
from tracelib.labels.symbol import QUIET_ZONE
from tracelib.labels.template import LEAST_MODULE_MM
from tracelib.labels.wording import TEST_MARK, TEST_WORDS

LISTS = ("csv", "txt", "jsonl")
"""Formats that list codes; in the others (``labels.output.KINDS``) labels are drawn."""
SUMS, README, MANIFEST = "SHA256SUMS", "README.txt", "manifest.json"
AT_ONCE = 1024
_HEADS = {"csv": b"position,serial,code\r\n"}
_SYMBOL = """
怎么印 How to print
  二维码 symbol      QR Code（ISO/IEC 18004），纠错等级 M error correction level M
  内容 content       文件里的 code，一个字符也不能改，大小写照原样 the code of the file, letter by letter, case as it is
  分段 segments      https://域名/ 用字节模式，其余全用字母数字模式，共两段
                     two segments: byte mode for https://host/, alphanumeric mode for all that follows
  模块 module        不小于 {least} mm，一个模块占整数个打印点 at least {least} mm, a whole number of printer dots
  静区 quiet zone    四周各留 {quiet} 个模块的空白 {quiet} modules of white on every side
  颜色 colour        深色印在浅底上，不反白，不加图标 dark on light, not inverted, no logo in it
  试印 trial         先印一张，请委托方检查后再开印 print one first, and go on once the customer has checked it

标签上的文字 Text on the label
  序列号 serial      文件里的 serial，照原样分组 the serial of the file, in its groups
"""
_HOW = """
Check that nothing was damaged on the way (SHA-256):
  Linux, macOS   sha256sum -c SHA256SUMS   (macOS: shasum -a 256 -c SHA256SUMS)
  Windows        certutil -hashfile {example} SHA256   and compare with the table above

请核对文件在传送中没有损坏（SHA-256）：
  Windows        certutil -hashfile {example} SHA256   与上表比对
  Linux、macOS   sha256sum -c SHA256SUMS
"""


@dataclass(frozen=True, slots=True)
class HouseFacts:
    """What a print house is told besides the codes.

    ``product`` is its name. ``label`` is a label of the order, whose texts are printed beside every symbol; None where
    they are not known.
    """

    product: str
    label: LabelContent | None = None

    @property
    def test(self) -> bool:
        """Whether the codes are of a test root."""
        return self.label is not None and self.label.test


def roll_file(number: str, roll: int, rolls: int, format_: str) -> str:
    """The name of a roll's file, so that names sort as rolls do: ``261125-1-r007.csv``."""
    return f"{number}-r{roll:0{max(3, len(str(rolls)))}d}.{format_}"


def roll_lines(format_: str, pieces: Sequence[Piece], codes: Iterator[str]) -> Iterator[bytes]:
    """The bytes of a roll's list: ``codes`` gives one code for each place of ``pieces``.

    csv has the columns position, serial (as it is printed for people) and code; jsonl the same as objects; txt the code
    alone. No code holds a comma, a quote or a backslash.
    """
    if format_ in _HEADS:
        yield _HEADS[format_]
    line = {"csv": _csv_line, "jsonl": _json_line, "txt": _text_line}[format_]
    for piece in pieces:
        for start in range(0, piece.count, AT_ONCE):
            part = islice(codes, min(AT_ONCE, piece.count - start))
            yield "".join([line(n, code) for n, code in enumerate(part, piece.position + start)]).encode("ascii")


def serial_of(code: str) -> str:
    """The serial at the end of a code, as it is printed for people; what is no serial as it stands."""
    serial = code.rpartition("/")[2]
    if len(serial) == SERIAL_LENGTH + MAC_CHARACTERS:
        serial = serial[:SERIAL_LENGTH]
    return grouped(serial) if len(serial) == SERIAL_LENGTH else serial


def _csv_line(position: int, code: str) -> str:
    return f"{position},{serial_of(code)},{code}\r\n"


def _json_line(position: int, code: str) -> str:
    return f'{{"position": {position}, "serial": "{serial_of(code)}", "code": "{code}"}}\n'


def _text_line(_position: int, code: str) -> str:
    return f"{code}\r\n"


def _how_to_print(label: LabelContent | None) -> list[str]:
    """The symbol in words and the texts beside it, for a print house that draws the labels itself."""
    lines = _SYMBOL.format(least=LEAST_MODULE_MM, quiet=QUIET_ZONE).rstrip("\n").split("\n")
    if label is None:
        return lines
    weight = weight_text(label.weight_g) if label.weight_g else ""
    texts = (
        ("标记 mark", TEST_MARK if label.test else ""),
        ("产品 product", " ".join(filter(None, (label.product, label.product_en)))),
        ("等级 grade", " ".join(filter(None, (label.grade, label.grade_en)))),
        ("净重 net weight", weight),
        ("批号 lot", label.lot),
        ("生产日期 date", label.produced_on),
        ("产地 origin", label.origin),
        ("主体 party", label.issuer),
        ("信用代码 USCC", label.uscc),
        ("品牌 brand", label.brand),
        ("认准网址 host", label.host),
    )
    return lines + [f"  {head}{' ' * (19 - _cells(head))}{text}" for head, text in texts if text]


def _cells(text: str) -> int:
    """How wide a text is in the fixed pitch of an editor: Chinese characters take two cells."""
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def sums_text(rolls: Sequence[PrintRoll], sha256: Mapping[int, str]) -> str:
    """``SHA256SUMS`` as sha256sum reads it."""
    return "".join(f"{sha256[roll.roll]}  {roll.file}\n" for roll in rolls)


def _words(reprint: str) -> list[str]:
    """What the print house must know: how often a code may be printed, and whether labels with these codes exist."""
    if not reprint:
        return [
            "每个码只印一次；多印、漏印、重印都请书面告知。",
            "Print every code once. Tell us in writing of any that was printed twice, left out or printed again.",
        ]
    return [
        "重印 REPRINT",
        f"原因 Reason            {reprint}",
        "这些码中有以前印过的，旧标签可能还在：新旧不可混用。本次每个码只印一枚；多印、漏印都请书面告知。",
        "Some of these codes were printed before and the earlier labels may still exist: keep old and new apart.",
        "Print each code once in this run. Tell us in writing of any that was printed twice or left out.",
    ]


def manifest_text(
    order: PrintOrder, facts: HouseFacts, rolls: Sequence[PrintRoll], sha256: Mapping[int, str], reprint: str = ""
) -> str:
    """``manifest.json``: the order for programs. ``reprint`` as in :func:`readme_text`."""
    value = {
        "order": order.number,
        "ordered_at": order.at.isoformat(),
        "house": order.house,
        "party": order.party_id,
        "product": facts.product,
        "lot": order.lot,
        "format": order.format,
        "count": order.count,
        "test": facts.test,
        "reprint": reprint,
        "rolls": [
            {
                "roll": roll.roll,
                "file": roll.file,
                "count": roll.count,
                "first_position": roll.pieces[0].position,
                "last_position": roll.pieces[-1].last_position,
                "first_serial": roll.first_serial,
                "last_serial": roll.last_serial,
                "sha256": sha256[roll.roll],
            }
            for roll in rolls
        ],
    }
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


def readme_text(
    order: PrintOrder, facts: HouseFacts, rolls: Sequence[PrintRoll], sha256: Mapping[int, str], reprint: str = ""
) -> str:
    """``README.txt``: the order for people, in Chinese and English, with lines that Windows' editor shows.

    ``reprint`` is why codes are printed that are on earlier labels, empty where that is not so.
    """
    lines = [
        *([f"*** {TEST_MARK} ***", *TEST_WORDS, ""] if facts.test else []),
        f"印刷订单 Print order   {order.number}",
        f"承印 Print house       {order.house}",
        f"产品 Product           {facts.product}",
        f"批号 Lot               {order.lot}",
        f"共计 Total             {order.count} 枚 labels, {order.rolls} 卷 rolls",
        "",
        *_words(reprint),
        *(_how_to_print(facts.label) if order.format in LISTS else []),
        "",
        "卷 roll   枚 labels   首码 first           末码 last            文件 file / SHA-256",
    ]
    for roll in rolls:
        ends = f"{grouped(roll.first_serial)}   {grouped(roll.last_serial)}"
        lines.append(f"{roll.roll:>6}   {roll.count:>9}   {ends}   {roll.file}")
        lines.append(f"{'':>20}   {sha256[roll.roll]}")
    text = "\n".join(lines) + "\n" + _HOW.format(example=rolls[0].file)
    return "\ufeff" + text.replace("\n", "\r\n")
