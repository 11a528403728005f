"""Reading the XML parts of an archive: a stream of elements with plain names, never a document type."""

import zipfile
from collections.abc import Callable
from pathlib import Path
from xml.parsers import expat

from tracelib.sheets.errors import EntitiesError

_CHUNK = 1 << 16

Attributes = dict[str, str]


def local(name: str) -> str:
    """A tag or attribute without its prefix."""
    return name.rpartition(":")[2] if ":" in name else name


def whole(text: str | None) -> int:
    """An attribute as a whole number; 0 where it is missing or is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 0


def parse_part(
    archive: zipfile.ZipFile,
    part: str,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    text: Callable[[str], None] | None = None,
) -> None:
    """Stream one XML part through handlers that get local names."""
    with archive.open(part) as stream:
        parser = safe_parser(Path(archive.filename or part).name, part)
        parser.StartElementHandler = lambda name, attributes: start(local(name), attributes)
        if end:
            parser.EndElementHandler = lambda name: end(local(name))
        parser.CharacterDataHandler = text
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)


def safe_parser(file: str, part: str) -> expat.XMLParserType:
    """An expat parser that refuses a document type, and with it every entity but the five of XML itself."""

    def refuse(*_: object) -> None:
        """Whatever belongs to a document type ends the reading."""
        raise EntitiesError(file=file, part=part)

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = refuse
    return parser
