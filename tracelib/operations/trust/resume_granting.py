"""Resume (恢复授权): a key out of a backup that only grants goes on, once a person says that nothing is missing.

What could go twice by it are prefixes and quotas that were granted after the backup. Whoever took over the newest
bundle and all grant files since knows them; the program cannot. A key that issues codes itself never goes on, for
nobody can know its highest counter.
"""

from typing import TYPE_CHECKING

from tracelib.errors import RuleError
from tracelib.operations.issuing.issuer import Desk
from tracelib.store.counter_guard import hold_guard
from tracelib.trust.delegation import Delegation
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keystore import KeyInfo

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


class KeyIssuesError(RuleError):
    """The key issues codes itself."""

    code = "resume.key_issues"
    template = (
        "«{name}» issues codes, and its highest counter since the backup is not known: it stays closed here. Make a "
        "new key: tracelib key new, tracelib delegate request. What it issued stays valid"
    )


class KeyNotClosedError(RuleError):
    """There is nothing to resume."""

    code = "resume.not_closed"
    template = "«{name}» is not closed in this workspace: nothing was changed."


def known_grants(uow: "UnitOfWork", ring: KeyRing, key_hash: bytes) -> list[Delegation]:
    """Every delegation of a key that is known here, the newest last."""
    stored = [item.claims for item in uow.trust.granted_by(key_hash)]
    bundled = [item.claims for item in (ring.bundle.delegations if ring.bundle else ())]
    own = [claims for claims in (*stored, *bundled) if claims.issuer_hash == key_hash]
    return sorted(dict.fromkeys(own), key=lambda claims: claims.issued_at)


def require_granting_only(ring: KeyRing, info: KeyInfo) -> None:
    """KeyIssuesError for a key that issues codes, or of which nobody knows what it may."""
    trusted = ring.key(info.public.hash)
    is_root = any(key.hash == info.public.hash for key in ring.root_set.keys)
    if not is_root and (trusted is None or trusted.delegation.signs_serials):
        raise KeyIssuesError(name=info.name)


def resume_granting(desk: Desk, ring: KeyRing, info: KeyInfo) -> None:
    """Open a closed key for granting. KeyIssuesError, KeyNotClosedError, the guard's errors."""
    require_granting_only(ring, info)
    key_hash = info.public.hash
    with hold_guard(desk.keys, workspace=desk.workspace, machine=desk.machine, marks=desk.marks) as guard:
        if key_hash.hex() not in guard.state.closed:
            raise KeyNotClosedError(name=info.name)
        with desk.store.unit_of_work() as uow:
            uow.changes.add("workspace.resume", info.name, desk.clock.now(), detail={"key": key_hash.hex()})
        del guard.state.closed[key_hash.hex()]
        guard.write()
