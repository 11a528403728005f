"""JSON text read value by value: of a file of any size no more than one value is in memory.

The standard library's parser reads each value; this only finds where values begin. So numbers and texts come out as
``json.loads`` gives them; a number that has more digits than are kept says so (:class:`Shortened`).
"""

import json
import re
from decimal import Decimal, InvalidOperation
from typing import TextIO

from tracelib.errors import FormatError

READ_AT_ONCE = 1 << 16
LARGEST_VALUE = 32 * 1024 * 1024
"""Characters of one value: an event with some 300,000 objects."""

LEFT_OVER = len("e+")
"""A number that is cut off there reads as a shorter one with so many characters behind it."""

SURELY_EXACT = 15
"""Characters of a number: with so few every digit is kept."""

_BLANK = re.compile(r"[ \t\n\r]*")


class JsonTextError(FormatError):
    """A text that is no JSON, or beyond what is read."""

    code = "epcis.json"
    template = "Line {line} is no JSON: {detail}."


class SecondValueError(JsonTextError):
    """Behind the value another one begins, as in files that have one event a line."""

    code = "epcis.second_value"
    template = "At line {line} a second value begins: several events stand in a list […] or in an EPCISDocument."


class NotUtf8Error(JsonTextError):
    """The bytes are not the text that they begin as."""

    code = "epcis.not_utf8"
    template = "Behind line {line} the text is not UTF-8, perhaps GBK: save the file as UTF-8."


class Doubled(dict[str, object]):
    """An object whose text names a field twice; the last one is kept. ``name``: the first such field."""

    name = ""


class Shortened(float):
    """A number that was written with more digits than a double of IEEE 754 keeps. ``written``: as it stood there."""

    written: str

    @classmethod
    def read(cls, text: str) -> float:
        """The number that ``text`` writes; exactly that one, or a :class:`Shortened`."""
        value = float(text)
        if len(text) <= SURELY_EXACT:
            return value
        try:
            if Decimal(text) == Decimal(repr(value)):
                return value
        except InvalidOperation:  # an exponent of millions
            pass
        shortened = cls(value)
        shortened.written = text
        return shortened


class JsonStream:
    """A cursor in a JSON text. Every method raises JsonTextError where the text does not go on as asked."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._text = ""
        self._at = 0
        self._line = 1  # of the beginning of _text
        self._ended = False
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_as_object, parse_constant=_refuse_constant, parse_float=Shortened.read
        )

    def peek(self) -> str:
        """The next character that is no blank, not taken; empty at the end of the text."""
        while True:
            self._at = _blank_end(self._text, self._at)
            if self._at < len(self._text) or not self._fill():
                return self._text[self._at : self._at + 1]

    def take(self, character: str) -> None:
        """Go past ``character``, which must be the next one."""
        found = self.peek()
        if found != character:
            raise self._fault(f"«{character}» is missing" + (f" before «{found}»" if found else " at the end"))
        self._at += 1

    def takes(self, character: str) -> bool:
        """Go past ``character`` if it is the next one; whether it was."""
        found = self.peek() == character
        self._at += found
        return found

    def value(self) -> object:
        """The next value, whole. Objects that name a field twice are :class:`Doubled`."""
        self.peek()
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if self._more():
                    continue
                raise self._fault(error.msg, error.pos) from None
            except ValueError as error:  # a whole number of thousands of digits, NaN
                raise self._fault(str(error)) from None
            except RecursionError:
                raise self._fault("the value is nested too deep") from None
            if len(self._text) - end <= LEFT_OVER and self._more():
                continue
            self._at = end
            return value

    def key(self) -> str:
        """The name of the next field, with its colon taken."""
        if self.peek() != '"':
            raise self._fault("the name of a field is missing")
        name = str(self.value())
        self.take(":")
        return name

    def end(self) -> None:
        """The text must be over."""
        found = self.peek()
        if found == "{":
            raise SecondValueError(line=self._line_at(self._at))
        if found:
            raise self._fault("the text goes on behind its value")

    def _more(self) -> bool:
        if len(self._text) - self._at > LARGEST_VALUE:
            raise self._fault(f"a single value has more than {LARGEST_VALUE} characters")
        return self._fill()

    def _fill(self) -> bool:
        """Read on, at least as much again as is waiting; whether there was more."""
        if self._ended:
            return False
        try:
            read = self._stream.read(max(READ_AT_ONCE, len(self._text) - self._at))
        except UnicodeError:
            raise NotUtf8Error(line=self._line_at(len(self._text))) from None
        if not read:
            self._ended = True
            return False
        self._line += self._text.count("\n", 0, self._at)
        self._text, self._at = self._text[self._at :] + read, 0
        return True

    def _fault(self, detail: str, position: int | None = None) -> JsonTextError:
        return JsonTextError(line=self._line_at(self._at if position is None else position), detail=detail)

    def _line_at(self, position: int) -> int:
        return self._line + self._text.count("\n", 0, position)


def _blank_end(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _as_object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    made = dict(pairs)
    if len(made) == len(pairs):
        return made
    doubled, seen = Doubled(made), set()
    for name, _ in pairs:
        if name in seen:
            doubled.name = name
            break
        seen.add(name)
    return doubled


def _refuse_constant(text: str) -> object:
    raise ValueError(f"{text} is no number")
