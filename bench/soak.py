"""A line under faults for ten minutes: is every carton that the reader could get rid of in the books, exactly once?

``python -m bench.soak --minutes 10 --report docs/soak.md``. The line is the program itself (``tracelib line run``), the
reader an SSI reader on a pseudo-terminal that repeats what was not acknowledged. Meanwhile the line is killed, stopped
and started, the cable is pulled, also in the middle of a code, the database is locked, noise comes over the wire.
"""

import argparse
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from bench.line_world import OWN_PARTY, World, make_world
from bench.ssi_reader import SsiReader
from tracelib.clock import SystemClock
from tracelib.store.unit_of_work import Store
from tracelib_scanner.ssi import DECODE_DATA, packet

RATE_S = 0.1
PER_PALLET = 12
FAULT_EVERY_S = 12.0
PATIENCE_S = 60.0
CONFIG = """
station = "LINE-1"
mode = "activate+pack"
cartons_per_pallet = {per_pallet}
[[device]]
name = "belt"
type = "serial"
protocol = "ssi"
port = "{port}"
"""


@dataclass
class Line:
    """The program, started again after every kill; what it used is added up over its lives."""

    folder: Path
    process: "subprocess.Popen[bytes] | None" = None
    cpu_s: float = 0.0
    peak_mb: float = 0.0
    starts: int = 0

    def start(self) -> None:
        """Start the line; the reader's acknowledgements tell when it listens."""
        with (self.folder / "line.log").open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-c", "from tracelib_cli.main import run; run()", "line", "run", "--json"],
                cwd=self.folder, stdout=log, stderr=log,
            )  # fmt: skip
        self.starts += 1

    def look(self) -> None:
        """Note what the process used so far."""
        assert self.process is not None
        try:
            status = Path(f"/proc/{self.process.pid}/status").read_text()
        except OSError:
            return
        self.peak_mb = max(self.peak_mb, int(status.partition("VmHWM:")[2].split()[0]) / 1024)

    def end(self, how: signal.Signals) -> int:
        """End it with a signal; its exit status."""
        assert self.process is not None
        self.look()
        self.process.send_signal(how)
        _, status, usage = os.wait4(self.process.pid, 0)
        self.process.returncode = os.waitstatus_to_exitcode(status)
        self.cpu_s += usage.ru_utime + usage.ru_stime
        return self.process.returncode


@dataclass
class Soak:
    """The run: who sends, who receives, what was done to them, and what the reader got rid of."""

    line: Line
    reader: SsiReader
    rng: random.Random
    database: Path
    faults: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)

    def fault(self, text: str) -> None:
        """One fault, chosen at random; ``text`` is the code that is under way."""
        name, action = self.rng.choice(
            [
                ("line killed (SIGKILL) and started", self._kill),
                ("line killed in the middle of work, a moment after a code came", lambda: self._kill_after(text)),
                ("line ended (SIGTERM) and started", self._restart),
                ("line stopped for two seconds (SIGSTOP)", self._freeze),
                ("cable pulled for a second", self._pull),
                ("cable pulled in the middle of a code", lambda: self._pull_in(text)),
                ("database locked for two seconds by another program", self._lock),
                ("noise on the wire", self._noise),
            ]
        )
        self.faults[name] += 1
        action()

    def _kill(self) -> None:
        self.line.end(signal.SIGKILL)
        self.line.start()

    def _kill_after(self, text: str) -> None:
        self.reader.noise(packet(DECODE_DATA, bytes([0x1C]) + text.encode(), source=0))
        time.sleep(self.rng.uniform(0, 0.02))
        self._kill()

    def _restart(self) -> None:
        assert self.line.end(signal.SIGTERM) == 130
        self.line.start()

    def _freeze(self) -> None:
        assert self.line.process is not None
        self.line.process.send_signal(signal.SIGSTOP)
        time.sleep(2)
        self.line.process.send_signal(signal.SIGCONT)

    def _pull(self) -> None:
        self.reader.unplug()
        time.sleep(self.rng.uniform(0.2, 1))
        self.reader.plug()

    def _pull_in(self, text: str) -> None:
        whole = packet(DECODE_DATA, bytes([0x1C]) + text.encode(), source=0)
        self.reader.noise(whole[: self.rng.randrange(1, len(whole))])
        time.sleep(0.02)
        self._pull()

    def _lock(self) -> None:
        with sqlite3.connect(self.database, timeout=30, isolation_level=None) as other:
            other.execute("BEGIN IMMEDIATE")
            time.sleep(2)
            other.execute("ROLLBACK")

    def _noise(self) -> None:
        self.reader.noise(self.rng.randbytes(self.rng.randrange(1, 400)))


def codes(world: World, cartons: int, rng: random.Random) -> Iterator[tuple[str, str]]:
    """(kind, code) as a belt brings them: cartons, a pallet after every twelfth, and now and then what is refused."""
    good, pallets = world.cartons(cartons), iter(world.pallets(cartons // PER_PALLET))
    foreign = iter(world.foreign(cartons // 20 + 1))
    for number, text in enumerate(good, 1):
        yield "carton", text
        if number % 25 == 0:
            yield "forged", text.replace("/10/GN-1/", "/10/GN-2/")
        if number % 40 == 0:
            yield "of another party", next(foreign)
        if number % 60 == 0:
            yield "copy of an earlier carton", rng.choice(good[: number - 1])
        if number % PER_PALLET == 0:
            yield "pallet", next(pallets)


def run(minutes: float, seed: int) -> dict[str, object]:
    """Play it; what was found, by name. ``lost`` and ``doubled`` must be 0."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        database = folder / "tracelib.db"
        with Store.create_or_upgrade(f"sqlite:///{database}") as store:
            world = make_world(store, folder / "keys", SystemClock())
            belt = list(codes(world, max(PER_PALLET, int(minutes * 60 / RATE_S / 1.2)), rng))
        (folder / "tracelib.toml").write_text(f'party = "{OWN_PARTY}"\nroot = "{world.root}"\n')
        (folder / "trust.bundle").write_bytes(world.bundle)
        reader = SsiReader(folder / "belt")
        (folder / "line.toml").write_text(CONFIG.format(port=folder / "belt", per_pallet=PER_PALLET))
        soak = Soak(Line(folder), reader, rng, database)
        soak.line.start()
        began_s = time.monotonic()
        done = _play(soak, belt, began_s + minutes * 60)
        elapsed_s = time.monotonic() - began_s
        ended = soak.line.end(signal.SIGTERM)
        settled = _settle(soak.line)
        log = (folder / "line.log").read_text(errors="replace")
        return {
            "seconds": elapsed_s, "ended": ended, "faults": soak.faults, "sent": soak.sent, "starts": soak.line.starts,
            "repeated": reader.repeated, "cpu_s": soak.line.cpu_s, "peak_mb": soak.line.peak_mb,
            "unsettled": int(not settled), "tracebacks": log.count("Traceback"), **judged(database, done),
        }  # fmt: skip


def _play(soak: Soak, belt: list[tuple[str, str]], end_s: float) -> list[tuple[str, str]]:
    """Send until the time is over; what the reader got rid of, in order."""
    done: list[tuple[str, str]] = []
    next_s = time.monotonic()
    fault_s = next_s + 5
    for kind, text in belt:
        now_s = time.monotonic()
        if now_s > end_s:
            break
        if now_s > fault_s:
            soak.fault(text)
            soak.line.look()
            fault_s = time.monotonic() + soak.rng.uniform(0.5, 1.5) * FAULT_EVERY_S
        if not soak.reader.deliver(text, time.monotonic() + PATIENCE_S):
            raise RuntimeError(f"nobody took {text} for {PATIENCE_S} s: {soak.line.folder / 'line.log'}")
        done.append((kind, text))
        soak.sent[kind] += 1
        next_s = max(next_s + RATE_S, time.monotonic() - 1)
        time.sleep(max(0.0, next_s - time.monotonic()))
    return done


def _settle(line: Line) -> bool:
    """Let a last run finish what is journalled; whether everything is in the database then."""
    command = "from tracelib_cli.main import run; run()"
    words = [sys.executable, "-c", command, "line", "run", "--json", "--until-idle", "1"]
    subprocess.run(words, cwd=line.folder, check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE_S)
    [journal] = (line.folder / "journal").rglob("LINE-1.db")
    with sqlite3.connect(journal) as written, sqlite3.connect(line.folder / "tracelib.db") as books:
        last = written.execute("SELECT max(row_id) FROM scan").fetchone()
        return bool(last == books.execute("SELECT max(row_id) FROM scan").fetchone())


def judged(database: Path, done: list[tuple[str, str]]) -> dict[str, object]:
    """What the books say against what the reader got rid of."""
    unit: Callable[[str], str] = lambda text: text.rsplit("/", 1)[1]  # noqa: E731
    cartons = {unit(text) for kind, text in done if kind == "carton"}
    with sqlite3.connect(database) as books:
        active = {row[0] for row in books.execute("SELECT unit_id FROM code_activation")}
        accepted = Counter(row[0] for row in books.execute("SELECT unit_id FROM scan WHERE outcome = 'activated'"))
        events = Counter(row[0] for row in books.execute(
            "SELECT o.object_id FROM event e JOIN event_object o USING (party_id, event_id, declaration_time) "
            "WHERE e.biz_step = 'commissioning' AND o.role = 'epc'"))  # fmt: skip
        inside = Counter(row[0] for row in books.execute("SELECT unit_id FROM containment WHERE action = 'ADD'"))
        rows, last = books.execute("SELECT count(*), max(row_id) FROM scan").fetchone()
        outcomes = dict(books.execute("SELECT outcome, count(*) FROM scan GROUP BY outcome").fetchall())
    pallets = sum(kind == "pallet" for kind, _ in done)
    counted = [accepted, events]
    return {
        "cartons": len(cartons),
        "lost": len(cartons - active) + sum(len(cartons - one.keys()) for one in counted),
        "doubled": sum(count > 1 for one in (*counted, inside) for count in one.values()),
        "strange": len(active - cartons) + sum(len(one.keys() - cartons) for one in counted),
        "pallets": outcomes.get("packed", 0) - pallets,
        "unpacked": pallets * PER_PALLET - len(inside),
        "gaps": last - rows,
        "outcomes": outcomes,
    }


def report(found: dict[str, object], minutes: float) -> str:
    """The page."""
    faults = found["faults"]
    sent = found["sent"]
    assert isinstance(faults, Counter)
    assert isinstance(sent, Counter)
    seconds, cpu_s = float(str(found["seconds"])), float(str(found["cpu_s"]))
    lines = [
        "# A line under faults",
        "",
        "Written by `python -m bench.soak`: the program itself reads an SSI reader on a pseudo-terminal, which repeats",
        f"what was not acknowledged, for {minutes:g} minutes, ten codes a second, while this is done to it. No real",
        "reader, cable or power switch.",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} cores, Python {sys.version.split()[0]}, SQLite.",
        "",
        "| fault | times |",
        "|---|---:|",
        *(f"| {name} | {count} |" for name, count in sorted(faults.items())),
        "",
        "| sent and acknowledged | count |",
        "|---|---:|",
        *(f"| {name} | {count} |" for name, count in sent.most_common()),
        f"| repeated by the reader, because nobody answered | {found['repeated']} |",
        "",
        "| found in the books | |",
        "|---|---:|",
        f"| cartons lost (not active, without scan or without event) | {found['lost']} |",
        f"| cartons or contents doubled | {found['doubled']} |",
        f"| cartons that nobody sent | {found['strange']} |",
        f"| pallets too many or too few | {found['pallets']} |",
        f"| cartons missing on pallets | {found['unpacked']} |",
        f"| gaps in the numbers of readings | {found['gaps']} |",
        f"| tracebacks in the line's log | {found['tracebacks']} |",
        f"| memory of the station at most | {float(str(found['peak_mb'])):.0f} MB |",
        f"| processor, of one core, with {found['starts']} starts | {cpu_s / seconds:.0%} |",
        "",
    ]
    return "\n".join(lines)


def main() -> int:
    """Status 1 where anything is lost, doubled or strange."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--report", type=Path, help="write the page")
    options = parser.parse_args()
    found = run(options.minutes, options.seed)
    page = report(found, options.minutes)
    print(page)
    print(found["outcomes"])
    if options.report:
        options.report.write_text(page, encoding="utf-8")
    wrong = ("lost", "unsettled", "doubled", "strange", "pallets", "unpacked", "gaps", "tracebacks")
    return int(any(found[name] for name in wrong) or found["ended"] != 130)


if __name__ == "__main__":
    sys.exit(main())
