"""A small county in which oranges were packed, split, sent and sold: the worked example of recalls.

GN-1 (10,000 t on paper) gives five cartons of 5 kg: A B C on pallet P, D alone, E never leaves.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.line_world import LOT, OWN_PARTY, World
from tracelib.clock import CHINA
from tracelib.operations.capture import capture
from tracelib.operations.line_answer import LineScan
from tracelib.operations.pack import PackingSession
from tracelib.operations.recalls.open import Opened, Opening, open_recall, signings
from tracelib.trace.build import identified
from tracelib.trace.elements import Destination, QuantityElement, Source
from tracelib.trace.event import AggregationEvent, ObjectEvent, TransformationEvent
from tracelib.trace.vocab import Action, BizStep, Disposition
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keystore import KeyInfo, OpenKey

NOW = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
HOME = "https://q.example.com"
SHOP = "https://id.gs1.org/417/6901234000009"


def open_key(world: World, name: str = "coop") -> OpenKey:
    """The first party's issuer key as an unlocked key file."""
    pair: Any = world.issuer.signer
    info = KeyInfo(name, pair.public, "test", world.root, NOW.isoformat(), ())
    return OpenKey(info, pair, bytes(32), {})


def ring_of(world: World) -> KeyRing:
    """The workspace's ring as it stands: bundle and what came since."""
    from tracelib.trust.bundle import open_bundle

    with world.store.reading() as uow:
        return KeyRing.build(
            open_bundle(world.bundle, world.root), world.root, uow.trust.delegations(), uow.trust.revocations()
        )


def scan(world: World, *texts: str, at: datetime = NOW, station: str = "LINE-1") -> list[str]:
    """What the line made of the texts; a pallet's code packs what waits. Row ids go on from the last."""
    with world.store.reading() as uow:
        last = uow.scans.last_row_id(OWN_PARTY, station)
    scans = [LineScan(last + n, "belt", "read", text.encode(), at, text) for n, text in enumerate(texts, 1)]
    captured, _ = capture(world.line(station), PackingSession(1), scans, at)
    return [one.reason or one.outcome.value for one in captured]


def serial(text: str) -> str:
    """The serial at the end of a code or EPC."""
    return text.rsplit("/", 1)[1]


def epc(text: str, lot: str = LOT) -> str:
    """The carton of a code as events name it."""
    return f"{HOME}/P/ORANGE/10/{lot}/21/{serial(text)}"


def activated(world: World, count: int, lot: str = LOT) -> list[str]:
    """Codes of new cartons that the line has activated and nobody has packed."""
    texts = world.cartons(count, lot=lot)
    for text in texts:
        assert scan(world, text) == ["activated"]
    return texts


def happened(  # noqa: PLR0913
    world: World,
    step: BizStep,
    epcs: list[str],
    *,
    hours: float,
    to: str = "",
    at: str = "",
    disposition: Disposition = Disposition.IN_TRANSIT,
    book: str = OWN_PARTY,
    lots: list[QuantityElement] | None = None,
    source: str = "",
) -> ObjectEvent:
    """An event of the step, ``hours`` after the beginning, in somebody's book."""
    time = NOW + timedelta(hours=hours)
    event = identified(
        ObjectEvent(
            event_time=time.astimezone(CHINA),
            action=Action.DELETE if step is BizStep.DESTROYING else Action.OBSERVE,
            biz_step=step,
            disposition=disposition,
            biz_location=at,
            epc_list=tuple(epcs),
            quantity_list=tuple(lots or ()),
            source_list=(Source("possessing_party", source),) if source else (),
            destination_list=(Destination("possessing_party", to),) if to else (),
        )
    )
    with world.store.unit_of_work() as uow:
        uow.events.append(book, event, recorded_at=time)
    return event


def packed(world: World, parent: str, epcs: list[str], *, hours: float, action: Action = Action.ADD) -> None:
    """Units went into a parent, or out of it."""
    step = BizStep.PACKING if action is Action.ADD else BizStep.UNPACKING
    time = NOW + timedelta(hours=hours)
    event = AggregationEvent(
        event_time=time.astimezone(CHINA), action=action, biz_step=step, parent_id=parent, child_epcs=tuple(epcs)
    )
    with world.store.unit_of_work() as uow:
        uow.events.append(OWN_PARTY, identified(event), recorded_at=time)


def transformed(
    world: World,
    inputs: list[str],
    outputs: list[str],
    *,
    hours: float,
    book: str = OWN_PARTY,
    **lots: Any,  # noqa: ANN401
) -> None:
    """Units (or lots, as quantities) became others."""
    time = NOW + timedelta(hours=hours)
    event = TransformationEvent(
        event_time=time.astimezone(CHINA),
        biz_step=BizStep.REPACKAGING,
        input_epc_list=tuple(inputs),
        output_epc_list=tuple(outputs),
        **lots,
    )
    with world.store.unit_of_work() as uow:
        uow.events.append(book, identified(event), recorded_at=time)


def recall(world: World, *, drill: bool = False, lot: str = LOT, **more: Any) -> Opened:  # noqa: ANN401
    """Open a recall of a batch with the issuer's key."""
    key = open_key(world)
    with world.store.reading() as uow:
        batch = uow.batches.find(lot, "ORANGE", OWN_PARTY)[0]
        opening = replace(Opening(batch, "示例：农残超标", drill=drill), **more)
        planned = signings(uow, ring_of(world), [key.info], opening)
    keys = {one.signer: key for one in planned}
    return open_recall(world.store, world.clock, ring_of(world), opening, keys)
