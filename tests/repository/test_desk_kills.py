"""A kill at every step of issue, void and replace: no counter twice, no entry lost, and the same command again ends it.

The short form runs with the other tests; the long one (marker ``slow``) kills fifty times and more, spread over all
steps. The functions that are killed run in a process of their own (``tests/step_worker.py``).
"""

import itertools
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bench.one_issuer import NOW, K, fill, make_issuer
from tracelib.batches.manifest import SignedManifest, check_sequence, decode_manifest
from tracelib.clock import FixedClock
from tracelib.codes import bulk
from tracelib.codes.record import Level
from tracelib.operations.batches.balance import balance_of
from tracelib.operations.export import code_lines, write_file
from tracelib.operations.issuing.issue import IssueRequest, issue_codes
from tracelib.operations.issuing.issuer import Desk
from tracelib.operations.issuing.replace import Keys, Printed, plan_replace, replace_codes
from tracelib.operations.issuing.void import Reason, VoidAct, void_parts
from tracelib.operations.printing.log import PrintLog
from tracelib.operations.printing.replacements import write_replacements
from tracelib.operations.units import Units
from tracelib.store.code_values import Activation
from tracelib.store.counter_guard import FILE_NAME, read_counters
from tracelib.store.unit_of_work import Store
from tracelib.trace.build import commissioning_event
from tracelib.trust.serial_key import k_hash

if TYPE_CHECKING:
    from tests.conftest import StartSteps  # noqa: TID251 - a fixture's type, not imported when run

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="kill -9")

BATCH = ("COOP1", "ORANGE", "T-1")
AT_ONCE = 20
"""Codes of one round, the first half of them active."""
LONG, SHORT = 60, 7
"""Kills of the long and of the short form."""
LOADED = (bulk, json)
ACT = VoidAct(Reason.DAMAGED, "killed")


ISSUER = make_issuer()
KEYS = Keys(lambda _: ISSUER, lambda _: ISSUER, {k_hash(K): K})


# What is killed: each takes ``URL FOLDER ROUND`` ---------------------------------------------------------------------


def desk_of(store: Store, folder: str) -> Desk:
    return Desk(store, Path(folder) / "keys", "W1", "M1", FixedClock(NOW))


def issue_step(text: str) -> None:
    """Issue some codes and write their file."""
    url, folder, number = text.split(" ")
    request = IssueRequest(batch=BATCH, count=AT_ONCE + int(number), level=Level.CARTON, host="q.example.com")
    with Store.open(url) as store:
        range_ = issue_codes(desk_of(store, folder), ISSUER, request).range
        write_file(Path(folder) / f"issued-{number}.txt", code_lines(ISSUER, range_))


def void_step(text: str) -> None:
    """Make the codes of one round void."""
    url, _, number = text.split(" ")
    with Store.open(url) as store:
        with store.reading() as uow:
            parts = Units(uow, KEYS.serial_keys).named(positions(int(number)))
        void_parts(store, FixedClock(NOW), parts, ACT, serial_keys=KEYS.serial_keys)


def replace_step(text: str) -> None:
    """Replace the codes of one round."""
    url, folder, number = text.split(" ")
    with Store.open(url) as store:
        with store.reading() as uow:
            units = Units(uow, KEYS.serial_keys)
            plan = plan_replace(uow, units, units.named(positions(int(number))))
        replace_codes(desk_of(store, folder), KEYS, plan, ACT, Printed("q.example.com"))
        write_replacements(PrintLog(store, FixedClock(NOW)), KEYS, plan, Path(folder) / f"replaced-{number}.csv")


def positions(number: int) -> str:
    return f"T-1:{number * AT_ONCE + 1}-{(number + 1) * AT_ONCE}"


# What must hold -------------------------------------------------------------------------------------------------------


def set_up(url: str, folder: Path, rounds: int) -> None:
    """Party, product, a batch with codes for all rounds, half of them active."""
    (folder / "keys").mkdir()
    with Store.open(url) as store:
        fill(store, ["T-1"])
        request = IssueRequest(batch=BATCH, count=AT_ONCE * rounds, level=Level.CARTON, host="q.example.com")
        issue_codes(desk_of(store, str(folder)), ISSUER, request)
        with store.unit_of_work() as uow:
            for number in range(rounds):
                for unit in serials(number)[: AT_ONCE // 2]:
                    event = commissioning_event([epc(unit)], event_time=NOW, biz_location="https://q.example.com/L/C")
                    uow.events.append("COOP1", event, recorded_at=NOW)
                    active = Activation("COOP1", unit, "P/ORANGE", "T-1", NOW, "L", None, event.event_id)
                    uow.codes.activate([active])


def serials(number: int) -> list[str]:
    return ISSUER.cipher.serials(number * AT_ONCE, AT_ONCE)


def epc(unit: str) -> str:
    return f"https://q.example.com/P/ORANGE/10/T-1/21/{unit}"


def check_counters(store: Store, folder: Path, *, whole: bool) -> None:
    """No counter in two ranges; the chain of manifests fits; ``whole``: every range has one and the guard knows all."""
    with store.reading() as uow:
        ranges = sorted(uow.codes.ranges_of(*BATCH), key=lambda range_: range_.first)
        chain = [
            decode_manifest(one.document, ISSUER.signer.public) for one in uow.codes.manifests("COOP1", ISSUER.key_hash)
        ]
        database_next = uow.codes.all_counters()
        batch = uow.batches.get(*BATCH)
        assert batch
        issued_g = balance_of(uow, batch).issued_g
    for earlier, later in itertools.pairwise(ranges):
        assert earlier.last < later.first, "a counter in two ranges"
    previous: SignedManifest | None = None
    for signed in chain:
        check_sequence(previous, signed.manifest)
        previous = signed
    registered = {(signed.manifest.first, signed.manifest.count) for signed in chain}
    assert registered == {(range_.first, range_.count) for range_ in ranges if range_.seq is not None}
    assert issued_g == sum(range_.weight_g for range_ in ranges if not range_.replaces)
    if whole:
        assert all(range_.seq is not None for range_ in ranges)
        assert read_counters(folder / "keys" / FILE_NAME) == database_next


def check_void(store: Store, number: int, *, whole: bool) -> None:
    """All of a round's codes are void and one event names the active ones, or nothing at all happened to them."""
    units = serials(number)
    with store.reading() as uow:
        void = uow.voids.voided("COOP1", units)
        documents = [json.loads(event.document) for event in uow.events.events("COOP1")]
        changes = uow.changes.list(verb="code.void", limit=10_000)
        queued = sum(queue.open for queue in uow.events.outbox.queues("COOP1"))
    named = Counter(one for d in documents if d["bizStep"] == "decommissioning" for one in d["epcList"])
    mine = [named[epc(unit)] for unit in units[: AT_ONCE // 2]]
    noted = [change for change in changes if change.detail["first"] == units[0]]
    assert queued == len(documents)
    done = len(void) == AT_ONCE and mine == [1] * (AT_ONCE // 2) and len(noted) == 1
    nothing = not void and not any(mine) and not noted
    assert done or (nothing and not whole), f"half a void: {len(void)} rows, events {mine}, {len(noted)} changes"


def check_replaced(store: Store, folder: Path, number: int, *, whole: bool) -> None:
    """Every code of a round has one replacement, in one range; all of them or none."""
    units = serials(number)
    with store.reading() as uow:
        pairs = uow.voids.replacements("COOP1", units)
        void = uow.voids.voided("COOP1", units)
        ranges = {range_.first: range_ for range_ in uow.codes.ranges_of(*BATCH)}
    assert len(pairs) == len(void), "a replacement without its void, or the other way round"
    assert len(pairs) in ((AT_ONCE,) if whole else (0, AT_ONCE))
    if pairs:
        (first,) = {one.first for one in pairs.values()}
        new = ISSUER.cipher.serials(first, AT_ONCE)
        assert [pairs[unit].replaced_by for unit in units] == new
        assert (ranges[first].count, ranges[first].replaces) == (AT_ONCE, True)
    if whole:
        rows = (folder / f"replaced-{number}.csv").read_text().splitlines()[1:]
        assert [row.split(",")[1:] for row in rows] == [[new, old] for new, old in zip(new, units, strict=True)]
    total = sum(range_.count for range_ in ranges.values() if range_.replaces)
    assert total <= (number + 1) * AT_ONCE, "somebody got two replacements"


def spread(steps: int, kills: int) -> list[int]:
    """So many steps, spread over all from the first to the last; every one of them where there are enough kills."""
    if kills >= steps:
        return [number % steps + 1 for number in range(kills)]
    return sorted({1 + round(number * (steps - 1) / (kills - 1)) for number in range(kills)})


def kill_and_run_again(
    steps: "StartSteps", function: str, url: str, folder: Path, kills: int, check: Callable[[Store, int, bool], None]
) -> int:
    """Rounds of one kill each; the same command again completes it. The number of kills."""
    set_up(url, folder, kills + 1)
    worker = steps(__file__, function)
    answer = worker.run(f"{url} {folder} 0")
    assert answer.startswith("done "), answer
    places = spread(int(answer.removeprefix("done ")), kills)
    with Store.open(url) as store:
        check(store, 0, True)
        for number, place in enumerate(places, 1):
            text = f"{url} {folder} {number}"
            assert worker.run(text, place) == f"killed {place}"
            check(store, number, False)
            again = worker.run(text)
            assert again.startswith("done "), f"after a kill at step {place}: {again}"
            check(store, number, True)
    return len(places)


def killed_issue(steps: "StartSteps", url: str, folder: Path, kills: int) -> int:
    def check(store: Store, number: int, whole: bool) -> None:
        check_counters(store, folder, whole=whole)
        if whole:
            lines = (folder / f"issued-{number}.txt").read_text().splitlines()
            assert len(lines) == AT_ONCE + number

    killed = kill_and_run_again(steps, "issue_step", url, folder, kills, check)
    codes = [line for file in folder.glob("issued-*.txt") for line in file.read_text().splitlines()]
    assert len({line[-15:] for line in codes}) == len(codes)
    return killed


def killed_void(steps: "StartSteps", url: str, folder: Path, kills: int) -> int:
    return kill_and_run_again(
        steps, "void_step", url, folder, kills, lambda store, number, whole: check_void(store, number, whole=whole)
    )


def killed_replace(steps: "StartSteps", url: str, folder: Path, kills: int) -> int:
    def check(store: Store, number: int, whole: bool) -> None:
        check_counters(store, folder, whole=whole)
        check_void(store, number, whole=whole)
        check_replaced(store, folder, number, whole=whole)

    return kill_and_run_again(steps, "replace_step", url, folder, kills, check)


@pytest.mark.parametrize("what", [killed_issue, killed_void, killed_replace])
def test_killed_at_some_steps(
    what: Callable[..., int], start_steps: "StartSteps", store_url: str, tmp_path: Path
) -> None:
    assert what(start_steps, store_url, tmp_path, SHORT) == SHORT


@pytest.mark.slow
@pytest.mark.parametrize("what", [killed_issue, killed_void, killed_replace])
def test_killed_at_every_step(
    what: Callable[..., int], start_steps: "StartSteps", store_url: str, tmp_path: Path
) -> None:
    assert what(start_steps, store_url, tmp_path, LONG) > SHORT
