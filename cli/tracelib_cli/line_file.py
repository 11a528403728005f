"""The configuration of a running line, looked at now and then: a sound change is taken over, a faulty one is told."""

from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.errors import TraceError
from tracelib_scanner.config import read_config
from tracelib_scanner.errors import LineConfigError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tracelib_scanner.config import LineConfig

Mark = tuple[int, int, int] | None


class LineFile:
    """A ``line.toml``. :attr:`config` is what the line works with; raises the faults of the file as it is at first."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = _mark(path)
        self.config: LineConfig = read_config(path)

    def is_changed(self, tell: "Callable[[TraceError], None]") -> bool:
        """Whether the file now says something else, and all of it is sound; then :attr:`config` is the new one.

        What is wrong with a change goes to ``tell``, once, and the line stays as it is. A file that is away for a
        moment, while an editor replaces it, is no change.
        """
        mark = _mark(self._path)
        if mark is None or mark == self._mark:
            return False
        self._mark = mark
        try:
            config = read_config(self._path)
        except LineConfigError as error:
            for fault in (*error.faults, error):
                tell(fault)
            return False
        except TraceError as error:
            tell(error)
            return False
        changed = config != self.config
        self.config = config
        return changed


def _mark(path: Path) -> Mark:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino
