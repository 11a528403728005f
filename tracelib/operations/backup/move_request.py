"""What a new machine says before a workspace is handed over to it: which place it is, and a number that only it has."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from tracelib.errors import FormatError

FORMAT = "tracelib-move-request/1"
LARGEST = 4096
_GZIP = b"\x1f\x8b"
_HEX = frozenset("0123456789abcdef")


class MoveRequestError(FormatError):
    """The file is no request."""

    code = "move.request"
    template = "{file} is no request of a new machine: make one there with tracelib workspace move ask DIR --out FILE"


class MoveGivenError(FormatError):
    """The file of a move, or a backup, was given where the request is wanted."""

    code = "move.file_given"
    template = (
        "{file} is the file of a move or a backup, not the request of the new machine. The request is made there: "
        "tracelib workspace move ask DIR --out FILE"
    )


@dataclass(frozen=True, slots=True)
class MoveRequest:
    """The place that a workspace shall move to: ids of workspace and machine, the file number of its lock, a nonce.

    The nonce stays in the guard of that place and answers once: the file of a move that names this request can be taken
    in there, and nowhere else.
    """

    workspace: str
    machine: str
    place: str
    nonce: str

    @property
    def hash(self) -> str:
        """SHA-256 in hex, by which the old workspace remembers what it was sealed for."""
        return hashlib.sha256(self.as_text().encode()).hexdigest()

    def as_text(self) -> str:
        """The file's text: JSON in one spelling."""
        return json.dumps({"format": FORMAT, **asdict(self)}, sort_keys=True) + "\n"


def parse_request(file: Path) -> MoveRequest:
    """The request in a file. MoveRequestError, MoveGivenError; FileNotFoundError."""
    with file.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if data.startswith(_GZIP):
        raise MoveGivenError(file=file)
    try:
        values = json.loads(data.decode("utf-8-sig"))
        if len(data) > LARGEST or values.pop("format") != FORMAT:
            raise ValueError("another format")
        return request_from(values)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise MoveRequestError(file=file) from None


def is_request(file: Path) -> bool:
    """Whether a file is a request. FileNotFoundError."""
    try:
        parse_request(file)
    except FormatError:
        return False
    return True


def request_from(values: dict[str, object]) -> MoveRequest:
    """A request from plain JSON values. ValueError, KeyError, TypeError where it is none."""
    texts = [str(values[name]) for name in ("workspace", "machine", "place", "nonce")]
    if len(values) != len(texts) or not all(text and len(text) <= 64 and _HEX.issuperset(text) for text in texts):
        raise ValueError("no hexadecimal digits")
    return MoveRequest(*texts)
