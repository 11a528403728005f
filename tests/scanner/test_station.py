"""A whole station: readers in, durable answers out."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bench.line_world import OWN_PARTY, World, make_world
from tracelib.clock import SystemClock
from tracelib.errors import StoreError
from tracelib.operations.capture import capture
from tracelib.operations.pack import PackingSession
from tracelib.store.errors import LockedError
from tracelib.store.unit_of_work import Store
from tracelib_scanner.debounce import Debouncer
from tracelib_scanner.driver import ScanDriver
from tracelib_scanner.drivers.camera import CameraSettings, FolderCamera
from tracelib_scanner.drivers.replay import Replay, ReplaySettings
from tracelib_scanner.drivers.serial_reader import SerialSettings, make
from tracelib_scanner.errors import JournalError, ReplayFormatError
from tracelib_scanner.fake_reader import FakeReader
from tracelib_scanner.health import DeviceState
from tracelib_scanner.journal import Journal
from tracelib_scanner.scan import Scan
from tracelib_scanner.station import Answer, DeviceChange, Station

CLOCK = SystemClock()
GUARD_S = 60.0
Save = Callable[[Path, Any], None]


@dataclass
class Hall:
    """One station's place: its county, its journal, what it has answered."""

    world: World
    folder: Path
    cartons_per_pallet: int = 3
    answers: list[Answer] = field(default_factory=list)
    changes: list[DeviceChange] = field(default_factory=list)

    def station(self, *drivers: ScanDriver, repeat_s: float = 0.5) -> Station:
        journal = Journal(self.folder / "LINE-1.db")
        session = PackingSession(self.cartons_per_pallet)
        station = Station(self.world.line(), journal, drivers, session, Debouncer(repeat_s), CLOCK)
        guard = threading.Timer(GUARD_S, station.stop)  # a test that waits in vain fails instead of hanging
        guard.daemon = True
        guard.start()
        return station

    def run(self, *drivers: ScanDriver, until_idle_s: float | None = None, repeat_s: float = 0.5) -> list[str]:
        with self.station(*drivers, repeat_s=repeat_s) as station:
            for news in station.work(until_idle_s):
                if isinstance(news, Answer):
                    self.answers.append(news)
                else:
                    self.changes.append(news)
        return [f"{a.captured.outcome}:{a.captured.reason}" for a in self.answers]

    def replay(self, *texts: str) -> Replay:
        file = self.folder / "replay.txt"
        file.write_text("".join(f"{text}\n" for text in texts))
        return Replay("replay", ReplaySettings(file), CLOCK)

    def events(self) -> list[str]:
        with self.world.store.reading() as uow:
            return [event.biz_step for event in uow.events.events(OWN_PARTY)]


@pytest.fixture
def hall(tmp_path: Path) -> Iterator[Hall]:
    with Store.create_or_upgrade(f"sqlite:///{tmp_path / 'store.db'}") as store:
        yield Hall(make_world(store, tmp_path / "keys", CLOCK), tmp_path)


def test_serial_and_camera_together(
    hall: Hall, reader: FakeReader, picture: Callable[..., Any], save: Callable[[Path, Any], None]
) -> None:
    cartons, (pallet,) = hall.world.cartons(3), hall.world.pallets(1)
    (hall.folder / "in").mkdir()
    save(hall.folder / "in" / "one.png", picture(cartons[0], px=3.0, noise=10.0))
    save(hall.folder / "in" / "two.png", picture("https://example.com/menu"))
    camera = FolderCamera("cam", CameraSettings(hall.folder / "in"), CLOCK)
    belt = make("belt", SerialSettings(reader.port), CLOCK)
    with hall.station(belt, camera) as station:
        work = station.work()
        seen: list[str] = []
        for news in work:
            if isinstance(news, DeviceChange):
                if news.device == "belt" and news.state is DeviceState.UP:
                    reader.send(f"{cartons[1]}\r\n]Q1{cartons[2]}\r\n".encode())
                continue
            seen.append(f"{news.captured.outcome}:{news.captured.reason}")
            assert news.latency_s is not None
            if seen.count("activated:") == 3 and len(seen) == 4:
                reader.send(f"{pallet}\r".encode())
            if len(seen) == 5:
                station.stop()
    assert sorted(seen[:4]) == ["activated:", "activated:", "activated:", "refused:not_ours"]
    assert seen[4] == "packed:"
    assert sorted(hall.events()) == ["commissioning"] * 3 + ["packing"]


def test_held_carton_counts_once_and_a_copy_is_refused(hall: Hall) -> None:
    (text,) = hall.world.cartons(1)
    assert hall.run(hall.replay(text, text, text)) == ["activated:", "repeat:", "repeat:"]
    hall.answers.clear()
    other = Replay("other", ReplaySettings(hall.folder / "replay.txt"), CLOCK)
    assert hall.run(other) == ["refused:activation.already_active", "repeat:", "repeat:"]
    assert hall.events() == ["commissioning"]


def test_journalled_but_not_answered_is_done_at_the_next_start(hall: Hall) -> None:
    cartons, (pallet,) = hall.world.cartons(3), hall.world.pallets(1)
    journal = Journal(hall.folder / "LINE-1.db")
    journal.append([Scan(text.encode(), "belt", CLOCK.now(), CLOCK.monotonic()) for text in [*cartons[:2], cartons[1]]])
    journal.close()
    assert hall.run() == ["activated:", "activated:", "repeat:"]
    assert all(answer.latency_s is None for answer in hall.answers)
    assert hall.run() == ["activated:", "activated:", "repeat:"]  # nothing new
    assert hall.run(hall.replay(cartons[2], pallet))[3:] == ["activated:", "packed:"]
    assert hall.answers[-1].captured.cartons == 3


def test_repeat_across_a_restart_is_still_a_repeat(hall: Hall) -> None:
    (text,) = hall.world.cartons(1)
    scans = [Scan(text.encode(), "belt", CLOCK.now(), 100.0 + n / 10) for n in range(2)]
    journal = Journal(hall.folder / "LINE-1.db")
    journal.append(scans[:1])
    journal.close()
    assert hall.run() == ["activated:"]
    journal = Journal(hall.folder / "LINE-1.db")
    journal.append(scans[1:])
    journal.close()
    assert hall.run() == ["activated:", "repeat:"]


def test_lost_journal_never_reuses_a_key(hall: Hall) -> None:
    cartons = hall.world.cartons(2)
    hall.run(hall.replay(cartons[0]))
    for file in hall.folder.glob("LINE-1.db*"):
        file.unlink()
    with hall.station() as station:
        assert station.journal_was_behind
    hall.run(Replay("other", ReplaySettings(hall.folder / "replay.txt"), CLOCK))
    assert [answer.captured.scan.row_id for answer in hall.answers] == [1, 2]
    assert hall.answers[1].captured.reason == "activation.already_active"


def test_idle_line_ends(hall: Hall, reader: FakeReader) -> None:
    assert hall.run(make("belt", SerialSettings(reader.port), CLOCK), until_idle_s=0.3) == []
    states = [change.state for change in hall.changes]
    assert states == [DeviceState.PROBING, DeviceState.UP, DeviceState.ENDED]


def test_unplugged_in_mid_code(hall: Hall) -> None:
    """The half code is recorded as torn, the line goes on, and the whole code is accepted after the cable is back."""
    (text,) = hall.world.cartons(1)
    link, first = hall.folder / "by-id", FakeReader()
    link.symlink_to(first.port)
    readers = [first]
    with hall.station(make("belt", SerialSettings(str(link)), CLOCK)) as station:
        ups = 0
        for news in station.work():
            if isinstance(news, Answer):
                hall.answers.append(news)
                if news.captured.accepted:
                    station.stop()
            elif news.state is DeviceState.UP and (ups := ups + 1) == 1:
                first.send(text[:100].encode())
                threading.Timer(0.2, first.unplug).start()
            elif news.state is DeviceState.UP:
                readers[-1].send(f"{text}\r".encode())
            elif news.state is DeviceState.DOWN and len(readers) == 1:
                readers.append(FakeReader())
                link.unlink()
                link.symlink_to(readers[-1].port)
    readers[-1].unplug()
    found = [f"{a.captured.outcome}:{a.captured.reason}" for a in hall.answers]
    assert found == ["nothing:torn", "activated:"]


def test_store_in_use_for_a_moment_is_waited_for(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    calls = list[int]()

    def busy(*arguments: object) -> object:
        calls.append(1)
        if len(calls) < 3:
            raise LockedError(database="store.db", seconds=1)
        return capture(*arguments)  # type: ignore[arg-type]  # whatever the station passes

    monkeypatch.setattr("tracelib_scanner.station.capture", busy)
    assert hall.run(hall.replay(*hall.world.cartons(1))) == ["activated:"]


def test_store_that_fails_stops_the_line_and_loses_nothing(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise StoreError(detail="disk full")

    texts = hall.world.cartons(3)
    with monkeypatch.context() as patch:
        patch.setattr("tracelib_scanner.station.capture", full)
        with pytest.raises(StoreError):
            hall.run(hall.replay(*texts))
    assert hall.run(hall.replay(*texts)) == ["activated:"] * 3


def test_journal_that_cannot_be_written_stops_the_line(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_self: Journal, _scans: object) -> None:
        raise JournalError(file="LINE-1.db", detail="database or disk is full")

    monkeypatch.setattr(Journal, "append", full)
    with pytest.raises(JournalError, match="disk is full"):
        hall.run(hall.replay(*hall.world.cartons(1)))


def test_faulty_replay_file_ends_the_line_with_its_name(hall: Hall) -> None:
    with pytest.raises(ReplayFormatError, match=r"replay\.txt, line 1"):
        hall.run(hall.replay("{"))


def test_two_readers_at_once_are_answered_in_journal_order(hall: Hall) -> None:
    texts = hall.world.cartons(120)
    drivers = []
    for part in range(4):
        file = hall.folder / f"part{part}.txt"
        file.write_text("\n".join(texts[part::4]))
        drivers.append(Replay(f"r{part}", ReplaySettings(file), CLOCK))
    assert set(hall.run(*drivers)) == {"activated:"}
    assert [answer.captured.scan.row_id for answer in hall.answers] == list(range(1, 121))
    assert len(hall.events()) == 120
