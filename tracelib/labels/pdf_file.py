"""A PDF file written from front to back (ISO 32000-1): objects go out as soon as they are made.

Nothing but the offsets is kept, so a file of any length takes little memory. The file holds no time of day: the same
labels give the same bytes.
"""

import zlib
from typing import BinaryIO

HEADER = b"%PDF-1.5\n%\xe2\xe3\xcf\xd3\n"


class PdfFile:
    """A PDF under way: give out object numbers, write objects, then ``close``."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._offsets: list[int] = [0]
        self._position = 0
        self._write(HEADER)

    @property
    def size(self) -> int:
        """Bytes written so far."""
        return self._position

    def reserve(self) -> int:
        """The number of an object that is written later."""
        self._offsets.append(0)
        return len(self._offsets) - 1

    def put(self, body: bytes, number: int | None = None) -> int:
        """Write an object, under a reserved number or a new one, which is returned."""
        number = self.reserve() if number is None else number
        self._offsets[number] = self._position
        self._write(b"%d 0 obj\n%b\nendobj\n" % (number, body))
        return number

    def put_stream(self, data: bytes, entries: bytes = b"", number: int | None = None) -> int:
        """Write a compressed stream with further dictionary ``entries``; its number is returned."""
        packed = zlib.compress(data, 9)
        head = b"<</Length %d/Filter/FlateDecode%b>>stream\n" % (len(packed), entries)
        return self.put(head + packed + b"\nendstream", number)

    def close(self, catalog: int, info: int) -> None:
        """Write the cross-reference table and the trailer."""
        start = self._position
        rows = b"".join(b"%010d 00000 n \n" % offset for offset in self._offsets[1:])
        self._write(b"xref\n0 %d\n0000000000 65535 f \n%b" % (len(self._offsets), rows))
        self._write(
            b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n"
            % (len(self._offsets), catalog, info, start)
        )

    def _write(self, data: bytes) -> None:
        self._stream.write(data)
        self._position += len(data)


def text_string(text: str) -> bytes:
    """``text`` as a PDF text string: UTF-16 with byte order mark, in hexadecimal (ISO 32000-1, 7.9.2.2)."""
    return b"<FEFF" + text.encode("utf-16-be").hex().upper().encode() + b">"
