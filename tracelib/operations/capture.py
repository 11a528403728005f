"""Capture (采集): a scan and everything that follows from it, in one unit of work.

::

    journal ─► verify ─► activate, pack or the station's task ─► scan row + state + event + outbox record ─► answer
                          └──────────────────────── one transaction ────────────────────────┘

Only a verified code has an effect; text that was not verified is kept as the raw bytes of its scan, nothing else. Only
cartons wait for a pallet; single items are activated and go on their way.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.codes.errors import CodeFormatError
from tracelib.codes.record import Level
from tracelib.codes.url import UnverifiedCode, read_code
from tracelib.codes.verify import VerifiedCode, inspect_code
from tracelib.errors import FormatError, NotFoundError, RuleError
from tracelib.operations.activate import Activated, Place, check_activation, write_activations
from tracelib.operations.line_answer import Captured, LineScan, Outcome
from tracelib.operations.line_facts import LineFacts, LineMemory
from tracelib.operations.line_rules import LineRule
from tracelib.operations.line_task import LineTask, TaskDesk, TaskKind, do_task
from tracelib.operations.pack import PackingSession, Waiting, is_pallet, pack
from tracelib.store.scan_repository import ScanRecord

if TYPE_CHECKING:
    from tracelib.operations.trust.ring import LiveRing
    from tracelib.store.unit_of_work import Store, UnitOfWork
    from tracelib.trust.keyring import KeyRing


class NoWeightError(RuleError):
    """A carton without a weight on a line that weighs."""

    code = "line.no_weight"
    template = "{unit} has no weight: let the scale stand still with the carton on it, then scan again."


class PalletHereError(RuleError):
    """A pallet's code on a line that does not pack."""

    code = "line.no_packing"
    template = '{unit} is the code of a pallet, and this line only activates: set mode = "activate+pack" to pack here.'


@dataclass(frozen=True, slots=True)
class Line:
    """What a line works with: the store, the trust of its workspace, its place, and whether it packs.

    ``task``: what it does with good codes; None: it activates. ``live`` gives the trust as it is now, where it may
    change while the line runs; None: ``keyring`` stays. ``rules`` are what the station expects beyond a good code;
    ``weighs``: a carton needs a weight.
    """

    store: "Store"
    keyring: "KeyRing"
    place: Place
    packs: bool = True
    task: LineTask | None = None
    serial_keys: Mapping[bytes, bytes] = field(default_factory=dict)
    memory: LineMemory = field(default_factory=LineMemory, compare=False)
    live: "LiveRing | None" = None
    rules: tuple[LineRule, ...] = ()
    weighs: bool = False


def last_row_id(line: Line) -> int:
    """The last journal row of this station that is in the store, 0 for none."""
    with line.store.reading() as uow:
        return uow.scans.last_row_id(line.place.party_id, line.place.station)


def counted_since(line: Line, since: datetime) -> Counter[str]:
    """How many readings of this station since then (aware) had which outcome."""
    counted: Counter[str] = Counter()
    with line.store.reading() as uow:
        for (outcome, _), count in uow.scans.counts(line.place.party_id, line.place.station, since).items():
            counted[outcome] += count
    return counted


def resume(line: Line, session: PackingSession) -> PackingSession:
    """The session with the cartons that were waiting when the station stopped."""
    with line.store.reading() as uow:
        rows = uow.scans.not_packed(line.place.party_id, line.place.station)
    for row_id, unit_id, epc in rows:
        session = session.with_carton(Waiting(unit_id, epc, row_id))
    return session


def capture(
    line: Line, session: PackingSession, scans: Sequence[LineScan], recorded_at: datetime
) -> tuple[list[Captured], PackingSession]:
    """Verify readings and record them with all effects, in their order, in **one** transaction.

    Returns the answers and the next packing session; if it raises (``StoreError``), nothing was written and the old
    session still holds. A refusal is an answer, not an error.
    """
    with line.store.unit_of_work() as uow:
        if line.task is not None and line.task.kind is TaskKind.VOID:
            uow.voids.hold([line.place.party_id])
        else:
            uow.voids.share(line.place.party_id)
        work = _Work(uow, line, scans, recorded_at)
        answers = []
        for scan in scans:
            answer, session = work.answer(session, scan)
            answers.append(answer)
        write_activations(uow, work.activated)
        uow.scans.append([_record(line.place, answer, recorded_at) for answer in answers])
    return answers, session


class _Work:
    """One transaction: its facts, and what it is going to write in bulk at its end."""

    def __init__(self, uow: "UnitOfWork", line: Line, scans: Sequence[LineScan], recorded_at: datetime) -> None:
        self.uow = uow
        self.line = line
        self.recorded_at = recorded_at
        self.activated: list[Activated] = []
        self.keyring = line.live(uow) if line.live is not None else line.keyring
        self.facts = LineFacts(uow, keyring=self.keyring, serial_keys=line.serial_keys, memory=line.memory)
        units = [unit for scan in scans if scan.text and not scan.repeat and (unit := _unit_in(scan.text))]
        if units:
            self.facts.read_histories(line.place.party_id, units)

    def answer(self, session: PackingSession, scan: LineScan) -> tuple[Captured, PackingSession]:
        """Verify one reading and let a good one have its effect."""
        if scan.text is None:
            return Captured(scan, Outcome.NOTHING, scan.kind), session
        if scan.repeat:
            return Captured(scan, Outcome.REPEAT), session
        line = self.line
        inspection = inspect_code(
            scan.text, self.keyring, registry=self.facts, now=scan.at, serial_keys=line.serial_keys
        )
        code, record = inspection.verified, inspection.record
        taken = line.task is not None and line.task.takes(inspection.verdict)
        if record is None or (code is None and not taken):
            return Captured(scan, Outcome.REFUSED, inspection.verdict.value, inspection), session
        named = Captured(
            scan,
            Outcome.REFUSED,
            inspection=inspection,
            unit_id=record.unit_id,
            product_key=record.product_key,
            lot=record.lot,
            grade=record.grade,
        )
        try:
            for rule in line.rules:
                rule(record, scan.at)
            if line.task is not None:
                return self._done(line.task, named, code), session
            assert code is not None  # noqa: S101 - without a task only accepted codes get here
            return (self._packed if is_pallet(code) else self._activated)(session, named, code)
        except (RuleError, NotFoundError, FormatError) as error:
            return replace(named, reason=error.code, error=error), session

    def _done(self, task: LineTask, named: Captured, code: VerifiedCode | None) -> Captured:
        line = self.line
        desk = TaskDesk(self.uow, line.place, self.keyring, self.facts, line.serial_keys, self.recorded_at)
        with self.uow.attempt():
            return do_task(desk, task, named, code)

    def _packed(self, session: PackingSession, named: Captured, code: VerifiedCode) -> tuple[Captured, PackingSession]:
        line = self.line
        if not line.packs:
            raise PalletHereError(unit=code.record.unit_id)
        done, session = pack(self.uow, line.place, session, code, at=named.scan.at, recorded_at=self.recorded_at)
        answer = replace(
            named,
            outcome=Outcome.PACKED,
            epc=done.epc,
            event_id=done.event_id,
            cartons=len(done.cartons),
            packed_to=max(carton.row_id for carton in done.cartons),
        )
        return answer, session

    def _activated(
        self, session: PackingSession, named: Captured, code: VerifiedCode
    ) -> tuple[Captured, PackingSession]:
        line = self.line
        if line.weighs and named.scan.weight_g is None:
            raise NoWeightError(unit=code.record.unit_id)
        at, weight_g = named.scan.at, named.scan.weight_g
        done = check_activation(self.facts, line.place, code, at=at, weight_g=weight_g)
        self.uow.events.append(line.place.party_id, done.event, recorded_at=self.recorded_at)
        self.facts.note_activation(done.activation)
        self.activated.append(done)
        if line.packs and code.record.level == Level.CARTON:
            session = session.with_carton(Waiting(done.activation.unit_id, done.epc, named.scan.row_id))
        return replace(named, outcome=Outcome.ACTIVATED, epc=done.epc, event_id=done.event.event_id), session


def _unit_in(text: str) -> str | None:
    """The unit that unverified text speaks of, only to read its history in one query with the others."""
    try:
        code = read_code(text)
    except CodeFormatError:
        return None
    return code.record.unit_id if isinstance(code, UnverifiedCode) else None


def _record(place: Place, answer: Captured, recorded_at: datetime) -> ScanRecord:
    scan = answer.scan
    return ScanRecord(
        party_id=place.party_id,
        station=place.station,
        row_id=scan.row_id,
        device=scan.device,
        kind=scan.kind,
        data=scan.data,
        scanned_at=scan.at,
        recorded_at=recorded_at,
        source=scan.source,
        outcome=answer.outcome.value,
        verdict=answer.verdict,
        reason=answer.reason,
        unit_id=answer.unit_id,
        product_key=answer.product_key,
        lot=answer.lot,
        epc=answer.epc,
        event_id=answer.event_id,
        packed_to=answer.packed_to,
    )
