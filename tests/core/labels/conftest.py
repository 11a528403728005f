"""Labels to print, and readers that share nothing with what writes them."""

import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from tracelib.labels.content import LabelContent
from tracelib.labels.errors import FontMissingError
from tracelib.labels.fonts import LabelFont, find_font

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
MASKS: list[Callable[[int, int], bool]] = [
    lambda r, c: (r + c) % 2 == 0,
    lambda r, c: r % 2 == 0,
    lambda r, c: c % 3 == 0,
    lambda r, c: (r + c) % 3 == 0,
    lambda r, c: (r // 2 + c // 3) % 2 == 0,
    lambda r, c: r * c % 2 + r * c % 3 == 0,
    lambda r, c: (r * c % 2 + r * c % 3) % 2 == 0,
    lambda r, c: ((r + c) % 2 + r * c % 3) % 2 == 0,
]
"""ISO/IEC 18004:2015, table 10; r is the row, c the column."""
ALIGNMENT = {3: (6, 22), 4: (6, 26), 5: (6, 30), 6: (6, 34), 7: (6, 22, 38), 8: (6, 24, 42), 9: (6, 26, 46)}
BLOCKS_M = {3: [44], 4: [32, 32], 5: [43, 43], 6: [27] * 4, 7: [31] * 4, 8: [38, 38, 39, 39], 9: [36, 36, 36, 37, 37]}
"""Data codewords of each block at level M (ISO/IEC 18004:2015, table 9)."""
FORMAT_MASK = 0b101010000010010


@dataclass(frozen=True)
class Parsed:
    """What the modules of a symbol say: level is ``M`` for 00."""

    version: int
    level: str
    mask: int
    segments: list[tuple[str, str]]


def _function_modules(version: int) -> list[list[bool]]:
    size = 17 + 4 * version
    taken = [[False] * size for _ in range(size)]

    def fill(rows: range, columns: range) -> None:
        for r in rows:
            for c in columns:
                taken[r][c] = True

    fill(range(9), range(9))
    fill(range(9), range(size - 8, size))
    fill(range(size - 8, size), range(9))
    fill(range(6, 7), range(size))
    fill(range(size), range(6, 7))
    centres = ALIGNMENT[version]
    for r in centres:
        for c in centres:
            if (r, c) not in {(6, 6), (6, centres[-1]), (centres[-1], 6)}:
                fill(range(r - 2, r + 3), range(c - 2, c + 3))
    if version >= 7:
        fill(range(6), range(size - 11, size - 8))
        fill(range(size - 11, size - 8), range(6))
    return taken


def _data_bits(rows: list[list[int]], version: int, mask: int) -> str:
    size = len(rows)
    taken, masked = _function_modules(version), MASKS[mask]
    bits: list[int] = []
    upwards = True
    for right in [*range(size - 1, 6, -2), *range(5, 0, -2)]:
        for r in range(size - 1, -1, -1) if upwards else range(size):
            bits += [rows[r][c] ^ masked(r, c) for c in (right, right - 1) if not taken[r][c]]
        upwards = not upwards
    words = [int("".join(map(str, bits[i : i + 8])), 2) for i in range(0, len(bits) - 7, 8)]
    lengths = BLOCKS_M[version]
    blocks: list[list[int]] = [[] for _ in lengths]
    at = 0
    for i in range(max(lengths)):
        for block, length in zip(blocks, lengths, strict=True):
            if i < length:
                block.append(words[at])
                at += 1
    return "".join(f"{word:08b}" for block in blocks for word in block)


def _segments(bits: str) -> list[tuple[str, str]]:
    """Versions 1 to 9: counts of 10, 9 and 8 bits (ISO/IEC 18004:2015, table 3)."""
    found: list[tuple[str, str]] = []
    at = 0

    def take(count: int) -> int:
        nonlocal at
        value = int(bits[at : at + count], 2)
        at += count
        return value

    while len(bits) - at >= 4 and (mode := take(4)):
        if mode == 4:
            found.append(("byte", bytes(take(8) for _ in range(take(8))).decode("latin-1")))
        elif mode == 2:
            count, text = take(9), ""
            for _ in range(count // 2):
                pair = take(11)
                text += ALPHANUMERIC[pair // 45] + ALPHANUMERIC[pair % 45]
            found.append(("alphanumeric", text + (ALPHANUMERIC[take(6)] if count % 2 else "")))
        elif mode == 1:
            count = take(10)
            text = "".join(f"{take(10):03d}" for _ in range(count // 3))
            rest = count % 3
            found.append(("numeric", text + (f"{take(1 + 3 * rest):0{rest}d}" if rest else "")))
        else:
            found.append((f"mode {mode}", ""))
            break
    return found


@pytest.fixture(scope="session")
def parse_symbol() -> Callable[[np.ndarray], Parsed]:
    """Modules of a symbol to version, level, mask and segments; no error correction: every module must be right."""

    def parse(modules: np.ndarray) -> Parsed:
        rows = np.asarray(modules).astype(int).tolist()
        version = (len(rows) - 17) // 4
        places = [(8, 0), (8, 1), (8, 2), (8, 3), (8, 4), (8, 5), (8, 7), (8, 8)]
        places += [(7, 8), (5, 8), (4, 8), (3, 8), (2, 8), (1, 8), (0, 8)]
        word = int("".join(str(rows[r][c]) for r, c in places), 2) ^ FORMAT_MASK
        mask = word >> 10 & 7
        level = {0: "M", 1: "L", 2: "H", 3: "Q"}[word >> 13]
        return Parsed(version, level, mask, _segments(_data_bits(rows, version, mask)))

    return parse


@pytest.fixture(scope="session")
def vector_urls(conformance_data: Path) -> list[str]:
    """The seven codes and two stickers of the vectors, as printed."""
    vectors = json.loads((conformance_data / "codes" / "vectors.json").read_text("utf-8"))
    urls = [code["url"] for code in vectors["codes"]] + [case["url"] for case in vectors["stickers"]["cases"]]
    assert len(urls) == 9
    return urls


@pytest.fixture(scope="session")
def label_font() -> LabelFont:
    """The machine's Chinese font; skips where there is none."""
    try:
        return find_font()
    except FontMissingError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def some_labels() -> Callable[..., Iterator[LabelContent]]:
    """``some_labels(count, **fields)``: labels of one batch, each with its own code; always the same ones."""

    def labels(count: int, **fields: object) -> Iterator[LabelContent]:
        chosen = random.Random(137)
        for _ in range(count):
            blob = "CFLEOWVHKQE4UAPUCJAB" + "".join(chosen.choices("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", k=100))
            serial = "7KQX" + "".join(chosen.choices("0123456789ABCDEFGHJKMNPQRSTVWXYZ", k=11))
            plain: dict[str, object] = {
                "url": f"https://q.example.com/{blob}/01/06901234567892/10/26A0137/21/{serial}",
                "unit_id": serial,
                "product": "赣南脐橙",
                "grade": "一级",
                "weight_g": 5000,
                "lot": "26A0137",
                "uscc": "91360722MA35EXAM0X",
                "issuer": "信丰县示例脐橙专业合作社",
                "test": True,
            }
            yield LabelContent(**{**plain, **fields})  # type: ignore[arg-type]  # fields are the test's own

    return labels


@dataclass(frozen=True)
class DrawnLabel:
    """What a printer would have printed: 0 black, 255 white; how often; and the QR commands that it drew itself."""

    pixels: np.ndarray
    copies: int
    native: tuple[str, ...] = ()


def _zpl_bytes(data: str, row_bytes: int, total: int) -> bytes:
    """Compressed hexadecimal (ZPL II Programming Guide, alternative data compression scheme)."""
    rows: list[str] = []
    row, repeat = "", 0
    for c in data:
        if "G" <= c <= "Y":
            repeat += ord(c) - ord("F")
        elif "g" <= c <= "z":
            repeat += 20 * (ord(c) - ord("f"))
        elif c in ",!":
            row = row.ljust(2 * row_bytes, "0" if c == "," else "F")
        elif c == ":":
            row = rows[-1]
        else:
            row += c * (repeat or 1)
            repeat = 0
        if len(row) == 2 * row_bytes:
            rows.append(row)
            row = ""
    assert row == ""
    assert len(rows) * row_bytes == total
    return bytes.fromhex("".join(rows))


def _run_zpl(data: bytes) -> list[DrawnLabel]:
    """^XA ^PW ^LL ^LH ^FO ^GFA ^FS ^PQ ^XZ, and nothing else; fields are laid over each other."""
    drawn: list[DrawnLabel] = []
    width = height = left = top = 0
    copies = 1
    image = np.zeros((0, 0), bool)
    for command in data.decode("ascii").split("^")[1:]:
        name, arguments = command[:2], command[2:].strip()
        if name == "XA":
            image, copies = np.zeros((0, 0), bool), 1
        elif name == "PW":
            width = int(arguments)
        elif name == "LL":
            height = int(arguments)
            image = np.zeros((height, width), bool)
        elif name == "LH":
            assert arguments == "0,0"
        elif name == "FO":
            left, top = (int(part) for part in arguments.split(","))
        elif name == "GF":
            kind, sent, total, row_bytes, packed = arguments.split(",", 4)
            assert kind == "A"
            assert sent == total
            rows = np.frombuffer(_zpl_bytes(packed, int(row_bytes), int(total)), np.uint8).reshape(-1, int(row_bytes))
            bits = np.unpackbits(rows, axis=1).astype(bool)
            bits = bits[: height - top, : width - left]
            image[top : top + bits.shape[0], left : left + bits.shape[1]] |= bits
        elif name == "PQ":
            copies = int(arguments)
        elif name == "XZ":
            drawn.append(DrawnLabel(np.where(image, 0, 255).astype(np.uint8), copies))
        else:
            assert name == "FS", name
    return drawn


def _run_tspl(data: bytes, dots_per_mm: float) -> list[DrawnLabel]:
    """SIZE REFERENCE CLS BITMAP QRCODE PRINT, and nothing else. A bit of a bitmap is 0 where it is black."""
    drawn: list[DrawnLabel] = []
    image = np.full((0, 0), 255, np.uint8)
    native: list[str] = []
    at = 0
    while at < len(data):
        end = data.index(b"\r\n", at)
        name, _, arguments = data[at:end].partition(b" ")
        if name == b"BITMAP":
            x, y, row_bytes, rows, mode = (int(part) for part in arguments.split(b",", 5)[:5])
            start = at + len(b"BITMAP ") + len(b",".join(arguments.split(b",", 5)[:5])) + 1
            end = start + row_bytes * rows
            assert mode == 0
            bits = np.unpackbits(np.frombuffer(data[start:end], np.uint8).reshape(rows, row_bytes), axis=1) * 255
            bits = bits[: image.shape[0] - y, : image.shape[1] - x]
            image[y : y + bits.shape[0], x : x + bits.shape[1]] = bits
            assert data[end : end + 2] == b"\r\n"
        elif name == b"SIZE":
            width, height = (float(part.removesuffix(b" mm")) for part in arguments.split(b","))
            image = np.full((round(height * dots_per_mm), round(width * dots_per_mm)), 255, np.uint8)
        elif name == b"CLS":
            image[:] = 255
            native = []
        elif name == b"QRCODE":
            native.append(arguments.decode("ascii"))
        elif name == b"PRINT":
            drawn.append(DrawnLabel(image.copy(), int(arguments.split(b",")[1]), tuple(native)))
        else:
            assert (name, arguments) == (b"REFERENCE", b"0,0")
        at = end + 2
    return drawn


@pytest.fixture(scope="session")
def run_zpl() -> Callable[[bytes], list[DrawnLabel]]:
    """A small ZPL printer: what it would print."""
    return _run_zpl


@pytest.fixture(scope="session")
def run_tspl() -> Callable[[bytes, float], list[DrawnLabel]]:
    """A small TSPL printer of some dots a millimetre: what it would print."""
    return _run_tspl
