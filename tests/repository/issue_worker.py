"""A program that issues codes until it is killed: ``python issue_worker.py STORE_URL FOLDER``.

Reads commands from standard input, one on a line, and answers each with one line: ``setup`` makes party, product and
batches; ``start SEED`` begins a process that issues without end and answers its number; ``once`` issues a single time
and answers the exit status. Everything is loaded before the first fork, so that a round costs milliseconds.
"""

import os
import random
import signal
import sys
from pathlib import Path

from bench.one_issuer import NOW, fill, make_issuer
from tracelib.clock import FixedClock
from tracelib.codes import bulk
from tracelib.codes.record import Level
from tracelib.operations.export import code_lines, write_file
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issuer import Desk
from tracelib.store.unit_of_work import Store

LOTS = ("T-1", "T-2")
LOADED = (bulk,)


def set_up(url: str) -> None:
    """Party, product and batches."""
    with Store.open(url) as store:
        fill(store, LOTS)


def issue_once(store: Store, folder: Path, chance: random.Random) -> None:
    """A range of some hundred codes, and its file."""
    desk = Desk(store, folder / "keys", "W1", "M1", FixedClock(NOW))
    issuer = make_issuer()
    batch = ("COOP1", "ORANGE", chance.choice(LOTS))
    request = IssueRequest(batch=batch, count=chance.randint(1, 600), level=Level.CARTON, host="q.example.com")
    range_ = issue_codes(desk, issuer, request).range
    write_file(folder / "out" / f"{range_.first}.txt", code_lines(issuer, range_))


def in_a_child(url: str, folder: Path, seed: int, endless: bool) -> int:
    """Issue in a process of its own: its number."""
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        chance = random.Random(seed)
        with Store.open(url) as store:
            issue_once(store, folder, chance)
            while endless:
                issue_once(store, folder, chance)
        status = 0
    finally:
        os._exit(status)


def main() -> None:
    """Obey commands until standard input ends."""
    url, folder = sys.argv[1], Path(sys.argv[2])
    for name in ("keys", "out"):
        (folder / name).mkdir(exist_ok=True)
    for line in sys.stdin:
        command, _, argument = line.strip().partition(" ")
        answer: object = "ok"
        if command == "setup":
            set_up(url)
        elif command == "start":
            signal.signal(signal.SIGCHLD, signal.SIG_IGN)
            answer = in_a_child(url, folder, int(argument), endless=True)
        elif command == "once":
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            answer = os.waitpid(in_a_child(url, folder, 1, endless=False), 0)[1]
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
