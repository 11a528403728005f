"""GS1 element strings as readers send them (FNC1 as GS, AIM identifiers), read strictly."""

from dataclasses import dataclass

from tracelib.identifiers.gln import Gln
from tracelib.identifiers.gtin import Gtin
from tracelib.identifiers.sscc import Sscc

GS = "\x1d"


@dataclass(frozen=True, slots=True)
class ElementStrings:
    """The elements of one symbol in the order read, each (AI, value)."""

    elements: tuple[tuple[str, str], ...]
    symbology: str = ""

    def get(self, ai: str) -> str | None:
        """The value of an AI, or None."""
        return next((value for key, value in self.elements if key == ai), None)

    @property
    def gtin(self) -> Gtin | None:
        """AI 01."""
        raise NotImplementedError

    @property
    def sscc(self) -> Sscc | None:
        """AI 00."""
        raise NotImplementedError

    @property
    def gln(self) -> Gln | None:
        """AI 414, the place."""
        raise NotImplementedError

    @property
    def lot(self) -> str | None:
        """AI 10."""
        return self.get("10")

    @property
    def serial(self) -> str | None:
        """AI 21."""
        return self.get("21")

    def as_hri(self) -> str:
        """Human-readable: ``(01)06901234567892(10)26A0137``."""
        return "".join(f"({ai}){value}" for ai, value in self.elements)


def parse_element_string(text: str) -> ElementStrings:
    """Read what a reader sent for one GS1 symbol, with or without AIM identifier; GS (0x1D) stands for FNC1."""
    raise NotImplementedError
