"""Find the thing that a person wants traced."""

import re
from typing import TYPE_CHECKING

from tracelib.batches.errors import BatchReferenceError
from tracelib.errors import FormatError, NotFoundError
from tracelib.operations.batches.find import BatchNotFoundError, resolve_batch
from tracelib.operations.known_serials import KnownSerials
from tracelib.operations.trace.lots import Lots, is_lot
from tracelib.operations.units import parse_unit_id
from tracelib.trace.objects import object_id

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:\S+")
_LIKE_A_SERIAL = re.compile(r"[0-9A-Za-z]{5}[ -]?[0-9A-Za-z]{5}[ -]?[0-9A-Za-z]{5}")
_SSCC = re.compile(r"(?:\(00\)|00(?=[0-9]{18}))?([0-9]{18})")


class NothingToTraceError(NotFoundError):
    """Nothing here speaks of what was named."""

    code = "trace.unknown"
    template = (
        "Nothing is known here of «{given}»: no event names it and no batch is called so. A code that was printed and "
        "never scanned has no history yet; whether it is genuine says: tracelib code verify"
    )


def find_thing(uow: "UnitOfWork", lots: Lots, text: str, party_default: str | None = None) -> str:
    """The id of the thing that ``text`` names: a code, serial or SSCC, any URI of an event, or a batch.

    Nothing is verified: this tells what events say of a code, not whether it is genuine.

    Raises:
        leaves of FormatError: a code, serial or SSCC with a mistake in it.
        the errors of ``resolve_batch``.
    """
    text = text.strip()
    sscc = _SSCC.fullmatch(text)
    if sscc:
        return parse_unit_id(sscc[1])
    unit = _unit_in(text)
    if unit:
        return unit
    if _URI.fullmatch(text):
        name = object_id(text, ours=KnownSerials(uow))
        lots.learn([name] if is_lot(name) else [])
        return lots.thing_of(name)
    return _batch_in(uow, lots, text, party_default)


def _unit_in(text: str) -> str | None:
    """The unit of a typed serial, or of a code as it is printed; None for other texts."""
    try:
        return parse_unit_id(text)
    except FormatError:
        return None


def _batch_in(uow: "UnitOfWork", lots: Lots, text: str, party_default: str | None) -> str:
    try:
        batch = resolve_batch(uow, text, party_default)
    except (BatchNotFoundError, BatchReferenceError):
        if _LIKE_A_SERIAL.fullmatch(text):
            parse_unit_id(text)  # no batch is called so, and this says what is wrong with the serial
        raise
    lots.add([batch])
    return batch.reference
