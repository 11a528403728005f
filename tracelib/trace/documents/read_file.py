"""Files of EPCIS 2.0 JSON of any size: what stands around the events first, then one event after the other.

A file is an EPCISDocument, an EPCISQueryDocument, a list of events or a single event. Its ``@context`` may stand behind
the events, so the file is read twice: :func:`read_envelope`, then :func:`read_events`.
"""

import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tracelib.clock import read_time
from tracelib.trace.canonical import hash_of_text
from tracelib.trace.context import namespaces_of
from tracelib.trace.documents.epcis import Document, DocumentError
from tracelib.trace.documents.json_stream import Doubled, JsonStream

LARGEST_FILE = 4 * 1024**3
"""Bytes."""

DOCUMENTS = ("EPCISDocument", "EPCISQueryDocument")
_Path = tuple[str, ...]
_BODY = "epcisBody"
_OBJECTS: frozenset[_Path] = frozenset({(_BODY,), (_BODY, "queryResults"), (_BODY, "queryResults", "resultsBody")})
LISTS: frozenset[_Path] = frozenset({(_BODY, "eventList"), (_BODY, "queryResults", "resultsBody", "eventList"), ()})
"""Where events are listed; the empty path is a file that is a list."""
_Piece = tuple[_Path, object]


@dataclass(frozen=True, slots=True)
class Envelope:
    """What a file says beside its events. ``fields`` are by their path, such as ``("@context",)``.

    ``count``: how many events there are. ``type`` is empty for a list of events and for a single event.
    """

    type: str
    count: int
    fields: dict[_Path, object] = field(default_factory=dict)

    @property
    def context(self) -> object:
        """The document's ``@context``, or None."""
        return self.fields.get(("@context",))

    def document(self) -> Document:
        """What is needed to hash the file's events; it holds none itself."""
        results = {path[-1]: value for path, value in self.fields.items() if path[:-1] == (_BODY, "queryResults")}
        found = [v for k, v in results.items() if k.rpartition(":")[2] == "ignoreFields" and isinstance(v, list)]
        return Document((), namespaces_of(self.context), tuple(str(name) for names in found for name in names))


def read_envelope(path: Path) -> Envelope:
    """Read the file through once. Raises DocumentError, JsonTextError, OSError."""
    fields: dict[_Path, object] = {}
    count = 0
    listed = False
    for where, value in _pieces(path):
        if where[-1:] == ("*",):
            count += 1
        else:
            if where in fields and where in LISTS:
                raise DocumentError(detail=f"{'.'.join(where)} stands there twice")
            fields[where] = value
            listed = listed or (where in LISTS and value == [])
    if count or listed:
        return Envelope(str(fields.get(("type",), "")), count, fields)
    if fields.get(("type",)) in DOCUMENTS or (_BODY,) in fields:
        raise DocumentError(detail="it has no eventList")
    return Envelope("", 1 if fields else 0)  # a single event: the fields are its own


def read_events(path: Path) -> Iterator[tuple[int, object]]:
    """(number from 1, value) of each event of the file, as it is read. Raises as :func:`read_envelope`."""
    alone = Doubled()
    position = 0
    for where, value in _pieces(path):
        if where[-1:] == ("*",):
            position += 1
            yield position, value
        elif len(where) == 1:
            alone.name = alone.name or (where[0] if where[0] in alone else "")
            alone[where[0]] = value
    if alone and not position and "epcisBody" not in alone:
        yield 1, alone if alone.name else dict(alone)


def _pieces(path: Path) -> Iterator[_Piece]:
    """Every field around the events by its path, and every event under a path that ends in ``*``, in their order."""
    if path.stat().st_size > LARGEST_FILE:
        raise DocumentError(detail=f"the file has more than {LARGEST_FILE} bytes: split it")
    with _opened(path) as stream:
        found = stream.peek()
        if found == "[":
            yield (), []
            yield from _listed(stream, ())
        elif found == "{":
            yield from _object(stream, ())
        elif found == "<":
            raise DocumentError(detail="it is XML; EPCIS 2.0 JSON is read (.json, .jsonld)")
        else:
            raise DocumentError(detail="it is empty" if not found else "it is a single value")
        stream.end()


def _object(stream: JsonStream, path: _Path) -> Iterator[_Piece]:
    stream.take("{")
    if stream.takes("}"):
        return
    while True:
        name = stream.key()
        yield from _field(stream, (*path, name))
        if not stream.takes(","):
            break
    stream.take("}")


def _field(stream: JsonStream, path: _Path) -> Iterator[_Piece]:
    opens = stream.peek()
    if path in _OBJECTS and opens == "{":
        yield path, {}
        yield from _object(stream, path)
    elif path in LISTS and opens == "[":
        yield path, []
        yield from _listed(stream, path)
    elif path == (_BODY, "event"):
        yield (*path, "*"), stream.value()
    else:
        yield path, stream.value()


def _listed(stream: JsonStream, path: _Path) -> Iterator[_Piece]:
    stream.take("[")
    if stream.takes("]"):
        return
    while True:
        yield (*path, "*"), stream.value()
        if not stream.takes(","):
            break
    stream.take("]")


@contextmanager
def _opened(path: Path) -> Iterator[JsonStream]:
    """The file as text: UTF-8, or what its first bytes say it is."""
    with path.open("rb") as raw:
        encoding = json.detect_encoding(raw.read(4))
        raw.seek(0)
        with io.TextIOWrapper(raw, encoding, newline="") as text:
            yield JsonStream(text)


@dataclass(frozen=True, slots=True)
class Hashed:
    """One event of a file: its number from 1, the id that it carries, its event hash and the text before hashing.

    ``doubtful``: an event time without a zone, of which every program may make another instant.
    """

    position: int
    event_id: str
    hash: str
    pre_hash: str
    doubtful: bool


def _zoneless(value: object) -> bool:
    try:
        return isinstance(value, str) and read_time(value).utcoffset() is None
    except ValueError:
        return False


def hashes_of(path: Path) -> Iterator[Hashed]:
    """The CBV 2.0 event hash of each event of a file. Raises DocumentError, JsonTextError, OSError."""
    document = read_envelope(path).document()
    for position, event in read_events(path):
        if not isinstance(event, dict) or not isinstance(event.get("type"), str):
            raise DocumentError(detail=f"event {position} is no object with a type")
        try:
            text = document.pre_hash_of(event)
        except RecursionError:
            raise DocumentError(detail=f"event {position} is nested too deep") from None
        yield Hashed(
            position, str(event.get("eventID") or ""), hash_of_text(text), text, _zoneless(event.get("eventTime"))
        )
