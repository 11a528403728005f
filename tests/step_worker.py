"""Runs one function again and again and kills it at a step: ``python step_worker.py FILE FUNCTION``.

FILE is a Python file; FUNCTION takes one text and does the work under test (all imports at the top of the file, so that
a round costs milliseconds). Commands come on standard input, one on a line: ``run K TEXT`` forks a child that calls the
function with TEXT and is killed (SIGKILL) just before its step K; K = 0 kills nowhere. A step is whatever changes or
reaches the outside: a file opened for writing, renamed, removed or synced, a folder made, an SQL statement, a commit.
Answers: ``killed K``, ``done N`` (it took N steps) or ``failed TEXT-OF-ERROR``.
"""

import importlib.util
import os
import signal
import sys
from collections.abc import Callable
from types import ModuleType

AUDITED = {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.truncate", "os.symlink"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Steps:
    """Counts steps and dies at one of them. It counts in the process that made it alone."""

    def __init__(self, kill_at: int) -> None:
        self.kill_at = kill_at
        self.taken = 0
        self._process = os.getpid()

    def step(self) -> None:
        if os.getpid() != self._process:
            return
        self.taken += 1
        if self.taken == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, name: str, arguments: tuple[object, ...]) -> None:
        if name in AUDITED or (name == "open" and isinstance(arguments[2], int) and arguments[2] & WRITING):
            self.step()

    def install(self) -> None:
        from sqlalchemy import Engine, event

        sys.addaudithook(self.audit)
        fsync = os.fsync

        def counted_fsync(descriptor: int) -> None:
            self.step()
            fsync(descriptor)
            self.step()

        os.fsync = counted_fsync  # type: ignore[assignment]  # only descriptors here
        event.listen(Engine, "before_cursor_execute", lambda *_: self.step())
        event.listen(Engine, "commit", lambda *_: self.step())
        event.listen(Engine, "begin", lambda *_: self.step())


def load(file: str) -> ModuleType:
    """The file as a module."""
    spec = importlib.util.spec_from_file_location("under_test", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["under_test"] = module
    spec.loader.exec_module(module)
    return module


def run(function: Callable[[str], object], kill_at: int, text: str) -> str:
    """One child: how it ended."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        steps = Steps(kill_at)
        answer = ""
        try:
            steps.install()
            function(text)
            answer = f"done {steps.taken}"
        except BaseException as error:  # noqa: BLE001 - told to the test
            answer = f"failed {type(error).__name__}: {error}"
        os.write(writer, answer.replace("\n", " ").encode()[:4000])
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader, "rb") as stream:
        answer = stream.read().decode(errors="replace")
    os.waitpid(child, 0)
    return answer or f"killed {kill_at}"


def main() -> None:
    """Answer commands until standard input ends."""
    function = getattr(load(sys.argv[1]), sys.argv[2])
    for line in sys.stdin:
        _, kill_at, text = line.rstrip("\n").split(" ", 2)
        sys.stdout.write(run(function, int(kill_at), text) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
