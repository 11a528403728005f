"""Is a reader set up right? Codes whose text is known are read, and what came is compared with what was in them.

Pure: text and bytes in, findings out. The codes are shown or printed by ``tracelib device test``.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracelib_scanner.scan import Scan, ScanKind

GS = "\x1d"
PLAIN = "https://id.example.com/01/06901234567892/10/ABC-123/21/0123456789ABCDE"
WITH_GS = f"(TEST){GS}10LOT-7{GS}21ABC"
CHINESE = "测试：万载龙牙百合"
PUNCTUATION = "aZ09 !#$%&'()*+,-./:;<=>?@[]_{|}~"
CHECKS = (PLAIN, WITH_GS, CHINESE, PUNCTUATION)
"""What the test codes hold, in the order in which they are shown."""


class Finding(StrEnum):
    """What is wrong with a reader, each with what to do (in the catalogue)."""

    NOTHING = "The reader was triggered and read nothing: hold it nearer, or clean its window."
    DAMAGED = "The code came damaged: set speed and parity as the reader's manual says, and try a shorter cable."
    NO_AIM = "The AIM identifier is off: scan the setting «transmit AIM ID» in the reader's manual."
    GS_LOST = "The reader drops the GS character: set it to send GS (0x1D), or use a serial port or HID POS."
    GS_REPLACED = "The reader sends something else in place of GS: set it to send GS (0x1D) itself."
    PREFIX = "The reader puts text before the code: switch its prefix off, or name it in line.toml as prefix."
    SUFFIX = "The reader puts text behind the code: switch it off, or name it in line.toml as suffix."
    CASE = "Upper and lower case are changed: switch off Caps Lock and case conversion in the reader."
    LAYOUT = "Characters are exchanged: the reader's keyboard country is another one than layout in line.toml."
    CHINESE_LOST = "Chinese does not arrive: set the reader to UTF-8; as a keyboard it cannot send Chinese."
    OTHER = "This is another code than the one that is shown."


@dataclass(frozen=True, slots=True)
class Checked:
    """One test code: what was expected, what came, what is wrong with it. ``fits`` though AIM may be missing."""

    expected: str
    data: bytes
    fits: bool
    findings: tuple[Finding, ...]


def check(expected: str, scan: Scan) -> Checked:
    """Compare a reading with the text of the test code that is shown."""
    if scan.kind is ScanKind.NO_READ:
        return Checked(expected, scan.data, False, (Finding.NOTHING,))
    if scan.kind is not ScanKind.READ:
        return Checked(expected, scan.data, False, (Finding.DAMAGED,))
    findings = tuple(_differences(expected, scan.text))
    aim = () if scan.aim else (Finding.NO_AIM,)
    return Checked(expected, scan.data, not findings, (*findings, *aim))


def _differences(expected: str, text: str) -> Sequence[Finding]:
    if text == expected:
        return []
    if expected in text:
        before, _, behind = text.partition(expected)
        return [finding for finding, extra in ((Finding.PREFIX, before), (Finding.SUFFIX, behind)) if extra]
    if GS in expected and GS not in text:
        return _without_gs(expected, text)
    if text.swapcase() == expected or text in (expected.upper(), expected.lower()):
        return [Finding.CASE]
    if expected == CHINESE:
        return [Finding.OTHER if text in CHECKS else Finding.CHINESE_LOST]
    is_exchanged = len(text) == len(expected) and sorted(map(str.isalnum, text)) != [] and text not in CHECKS
    return [Finding.LAYOUT if is_exchanged else Finding.OTHER]


def _without_gs(expected: str, text: str) -> Sequence[Finding]:
    if text == expected.replace(GS, ""):
        return [Finding.GS_LOST]
    first, *rest = expected.split(GS)
    if text.startswith(first) and all(part in text for part in rest):
        return [Finding.GS_REPLACED]
    return [Finding.OTHER]


def visible(data: bytes) -> str:
    """Bytes as people can read them: control characters by their names' pictures, what is no UTF-8 in hexadecimal.

    >>> visible(b"]C1\\x1d01\\r")
    ']C1␝01␍'
    """
    text = data.decode("utf-8", "backslashreplace")
    return "".join(chr(0x2400 + ord(c)) if ord(c) < 32 else "␡" if c == "\x7f" else c for c in text)
