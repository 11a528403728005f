"""AIM symbology identifiers: the three characters that a reader may put before the data (ISO/IEC 15424)."""

from typing import NamedTuple

from tracelib.errors import shown
from tracelib.identifiers.errors import IdentifierError


class AimIdentifierError(IdentifierError):
    """A ``]`` at the start that no symbology identifier follows."""

    code = "identifier.aim"
    template = (
        "{what}: «{given}» begins with ] but not with a symbology identifier such as ]C1, ]d2 or ]Q3; "
        "check the reader's settings."
    )


class AimSplit(NamedTuple):
    """What came before the data and the data. ``identifier`` is empty where the reader sends none."""

    identifier: str
    data: str

    @property
    def is_gs1(self) -> bool:
        """Whether the symbol says that it holds GS1 element strings (FNC1 in first position)."""
        return self.identifier in GS1_ELEMENT_STRING_SYMBOLS


GS1_ELEMENT_STRING_SYMBOLS = {
    "]C1": "GS1-128",
    "]e0": "GS1 DataBar",
    "]d2": "GS1 DataMatrix",
    "]Q3": "GS1 QR Code",
    "]J1": "GS1 DotCode",
}
"""GS1 General Specifications, section 5.1.2: identifiers of the symbols that carry element strings."""


def split_aim(text: str) -> AimSplit:
    """Split a scan into symbology identifier and data; text without ``]`` at its start is all data.

    >>> split_aim("]C10106901234567892")
    AimSplit(identifier=']C1', data='0106901234567892')
    """
    if not text.startswith("]"):
        return AimSplit("", text)
    head = text[:3]
    if not (len(head) == 3 and head.isascii() and head[1].isalpha() and head[2].isalnum()):
        raise AimIdentifierError(what="symbology identifier", given=shown(text))
    return AimSplit(head, text[3:])
