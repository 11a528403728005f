"""What a print house is handed with an order: the names of its files, their lines, and how to check them.

Pure: an order's files hold no time but the order's own, so that they can be made again byte for byte.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from tracelib.batches.pieces import Piece
from tracelib.batches.print_order import PrintOrder, PrintRoll
from tracelib.codes.serial import SERIAL_LENGTH, grouped
from tracelib.codes.sticker import MAC_CHARACTERS

LISTS = ("csv", "txt", "jsonl")
"""Formats that list codes; in the others (``labels.output.KINDS``) labels are drawn."""
SUMS, README, MANIFEST = "SHA256SUMS", "README.txt", "manifest.json"
AT_ONCE = 1024
_HEADS = {"csv": b"position,serial,code\r\n"}
_HOW = """
Check that nothing was damaged on the way (SHA-256):
  Linux, macOS   sha256sum -c SHA256SUMS   (macOS: shasum -a 256 -c SHA256SUMS)
  Windows        certutil -hashfile {example} SHA256   and compare with the table above

请核对文件在传送中没有损坏（SHA-256）：
  Windows        certutil -hashfile {example} SHA256   与上表比对
  Linux、macOS   sha256sum -c SHA256SUMS
"""


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
    order: PrintOrder, product: str, rolls: Sequence[PrintRoll], sha256: Mapping[int, str], reprint: str = ""
) -> str:
    """``manifest.json``: the order for programs. ``reprint`` as in :func:`readme_text`."""
    value = {
        "order": order.number,
        "ordered_at": order.at.isoformat(),
        "house": order.house,
        "party": order.party_id,
        "product": product,
        "lot": order.lot,
        "format": order.format,
        "count": order.count,
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
    order: PrintOrder, product: str, rolls: Sequence[PrintRoll], sha256: Mapping[int, str], reprint: str = ""
) -> str:
    """``README.txt``: the order for people, in Chinese and English, with lines that Windows' editor shows.

    ``reprint`` is why codes are printed that are on earlier labels, empty where that is not so.
    """
    lines = [
        f"印刷订单 Print order   {order.number}",
        f"承印 Print house       {order.house}",
        f"产品 Product           {product}",
        f"批号 Lot               {order.lot}",
        f"共计 Total             {order.count} 枚 labels, {order.rolls} 卷 rolls",
        "",
        *_words(reprint),
        "",
        "卷 roll   枚 labels   首码 first           末码 last            文件 file / SHA-256",
    ]
    for roll in rolls:
        ends = f"{grouped(roll.first_serial)}   {grouped(roll.last_serial)}"
        lines.append(f"{roll.roll:>6}   {roll.count:>9}   {ends}   {roll.file}")
        lines.append(f"{'':>20}   {sha256[roll.roll]}")
    text = "\n".join(lines) + "\n" + _HOW.format(example=rolls[0].file)
    return "\ufeff" + text.replace("\n", "\r\n")
