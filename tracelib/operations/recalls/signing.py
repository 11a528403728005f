"""Which keys have to sign so that the codes of batches answer *recalled*."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracelib.operations.recalls.errors import NoRecallKeyError
from tracelib.operations.trust.revoke import Target
from tracelib.store.reach_repository import IssuedLot

if TYPE_CHECKING:
    from tracelib.trust.keyring import KeyRing
    from tracelib.trust.keystore import KeyInfo


@dataclass(frozen=True, slots=True)
class Signing:
    """A revocation that is to be signed by the key called ``signer``."""

    target: Target
    signer: str


def plan_signing(
    ring: "KeyRing", held: Sequence["KeyInfo"], issued: Iterable[IssuedLot], party_id: str, by: str | None = None
) -> list[Signing]:
    """One revocation for each key that signed codes of each batch, and the nearest key here that may sign it.

    ``by`` names the only key that is to sign. Raises NoRecallKeyError where none may.
    """
    names = {info.public.hash: info.name for info in held if by in (None, info.name)}
    planned: dict[tuple[bytes, str, str], Signing] = {}
    for one in issued:
        key = ring.key(one.issuer_key)
        chain = [d.key.hash for d in reversed(key.delegations)] if key is not None else [one.issuer_key]
        roots = [root.hash for root in ring.root_set.keys] if ring.root_set.threshold == 1 else []
        name = next((names[each] for each in (*chain, *roots) if each in names), None)
        if name is None:
            raise NoRecallKeyError(
                batch=f"{party_id}/{one.product_id}/{one.lot}",
                key=one.issuer_key.hex(),
                product=one.product_key,
                lot=one.lot,
            )
        target = Target(one.issuer_key, (one.product_key, one.lot))
        planned[one.issuer_key, one.product_key, one.lot] = Signing(target, name)
    return list(planned.values())
