"""Capture (采集): a scan and everything that follows from it, in one unit of work.

::

    journal ─► verify ─► activate or pack ─► scan row + state + event + outbox record ─► answer
                          └──────────────── one transaction ────────────────┘

Only a verified code has an effect. Text that was not verified is kept as the raw bytes of its scan, nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from tracelib.codes.verify import Inspection, VerifiedCode, inspect_code
from tracelib.errors import NotFoundError, RuleError, TraceError
from tracelib.operations.activate import Place, activate
from tracelib.operations.pack import PackingSession, Waiting, is_pallet, pack
from tracelib.store.registry import StoreRegistry
from tracelib.store.scan_repository import ScanRecord

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import Store, UnitOfWork
    from tracelib.trust.keyring import KeyRing

CARTON_LEVEL = 2
"""Only cartons wait for a pallet; single items and inner packs are activated and go on their way."""


class PalletHereError(RuleError):
    """A pallet's code on a line that does not pack."""

    code = "line.no_packing"
    template = '{unit} is the code of a pallet, and this line only activates: set mode = "activate+pack" to pack here.'


class Outcome(StrEnum):
    """What came of a reading."""

    ACTIVATED = "activated"
    PACKED = "packed"
    REFUSED = "refused"
    REPEAT = "repeat"
    """The same device read the same code a moment ago; nothing was done twice."""
    NOTHING = "nothing"
    """No text: nothing read, unreadable image, torn or overlong data; the reason is the scan's kind."""


@dataclass(frozen=True, slots=True)
class LineScan:
    """A journalled reading. ``text`` is None where there is none to verify; ``repeat`` as the debouncer judged it."""

    row_id: int
    device: str
    kind: str
    data: bytes
    at: datetime
    text: str | None
    source: str = ""
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Captured:
    """The answer for one reading, durable in the store.

    ``reason`` is empty, a verdict (``bad_signature``), the code of an error (``activation.already_active``) or the
    scan's kind (``torn``); ``error`` holds the rule that refused it. ``cartons`` counts what went onto a pallet.
    """

    scan: LineScan
    outcome: Outcome
    reason: str = ""
    inspection: Inspection | None = None
    error: TraceError | None = None
    unit_id: str | None = None
    product_key: str | None = None
    lot: str | None = None
    grade: int = 0
    epc: str | None = None
    event_id: str | None = None
    cartons: int = 0
    packed_to: int | None = None

    @property
    def accepted(self) -> bool:
        """Whether the line may go on with what was read."""
        return self.outcome in (Outcome.ACTIVATED, Outcome.PACKED)

    @property
    def verdict(self) -> str:
        """The verifier's answer, empty where nothing was verified."""
        return self.inspection.verdict.value if self.inspection is not None else ""


@dataclass(frozen=True, slots=True)
class Line:
    """What a line works with: the store, the trust of its workspace, its place, and whether it packs."""

    store: "Store"
    keyring: "KeyRing"
    place: Place
    packs: bool = True
    serial_keys: Mapping[bytes, bytes] = field(default_factory=dict)


def last_row_id(line: Line) -> int:
    """The last journal row of this station that is in the store, 0 for none."""
    with line.store.reading() as uow:
        return uow.scans.last_row_id(line.place.party_id, line.place.station)


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
    answers = []
    with line.store.unit_of_work() as uow:
        for scan in scans:
            answer, session = _answer(uow, line, session, scan, recorded_at)
            uow.scans.append(_record(line.place, answer, recorded_at))
            answers.append(answer)
    return answers, session


def _answer(
    uow: "UnitOfWork", line: Line, session: PackingSession, scan: LineScan, recorded_at: datetime
) -> tuple[Captured, PackingSession]:
    if scan.text is None:
        return Captured(scan, Outcome.NOTHING, scan.kind), session
    if scan.repeat:
        return Captured(scan, Outcome.REPEAT), session
    registry = StoreRegistry(uow, serial_keys=line.serial_keys, keyring=line.keyring)
    inspection = inspect_code(scan.text, line.keyring, registry=registry, now=scan.at, serial_keys=line.serial_keys)
    code = inspection.verified
    if code is None:
        return Captured(scan, Outcome.REFUSED, inspection.verdict.value, inspection), session
    try:
        return _effect(uow, line, session, scan, inspection, code, recorded_at)
    except (RuleError, NotFoundError) as error:
        refused = Captured(
            scan,
            Outcome.REFUSED,
            error.code,
            inspection,
            error,
            unit_id=code.record.unit_id,
            product_key=code.record.product_key,
            lot=code.record.lot,
        )
        return refused, session


def _effect(  # noqa: PLR0917 - one reading with all it touches
    uow: "UnitOfWork",
    line: Line,
    session: PackingSession,
    scan: LineScan,
    inspection: Inspection,
    code: VerifiedCode,
    recorded_at: datetime,
) -> tuple[Captured, PackingSession]:
    if is_pallet(code):
        if not line.packs:
            raise PalletHereError(unit=code.record.unit_id)
        packed, session = pack(uow, line.place, session, code, at=scan.at, recorded_at=recorded_at)
        answer = Captured(
            scan,
            Outcome.PACKED,
            inspection=inspection,
            unit_id=packed.unit_id,
            epc=packed.epc,
            event_id=packed.event_id,
            cartons=len(packed.cartons),
            packed_to=max(carton.row_id for carton in packed.cartons),
        )
        return answer, session
    done = activate(uow, line.place, code, at=scan.at, recorded_at=recorded_at)
    answer = Captured(
        scan,
        Outcome.ACTIVATED,
        inspection=inspection,
        unit_id=done.unit_id,
        product_key=done.product_key,
        lot=done.lot,
        grade=done.grade,
        epc=done.epc,
        event_id=done.event_id,
    )
    if line.packs and code.record.level == CARTON_LEVEL:
        session = session.with_carton(Waiting(done.unit_id, done.epc, scan.row_id))
    return answer, session


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
