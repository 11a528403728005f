"""The key ring of a workspace: its bundle, and the delegations and revocations that came since."""

from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.trust.bundle import LARGEST, Bundle, open_bundle
from tracelib.trust.errors import BundleFormatError, RollbackError
from tracelib.trust.keyring import KeyRing

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


def read_limited(path: Path) -> bytes:
    """The bytes of a bundle file; BundleFormatError above 64 MB, FileNotFoundError where there is none."""
    with path.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise BundleFormatError(reason="it is larger than 64 MB")
    return data


def read_bundle(path: Path, pinned: str | None, *, seen_seq: int = 0) -> Bundle:
    """Open a bundle file of at most 64 MB; the errors of ``open_bundle``, FileNotFoundError where there is none."""
    return open_bundle(read_limited(path), pinned, seen_seq=seen_seq)


def workspace_bundle(uow: "UnitOfWork", pinned: str, bundle_path: Path) -> Bundle | None:
    """The workspace's bundle under its pinned root, never older than the newest one seen; None where there is none.

    The file where it is there and new enough, else the copy that the store kept: revocations that came in a bundle are
    nowhere else, and must not go with a file. RollbackError for an older file only where that copy is missing too.
    """
    seen = uow.trust.highest_seq(pinned)
    found = read_bundle(bundle_path, pinned) if bundle_path.is_file() else None
    if found is not None and found.seq >= seen:
        return found
    stored = uow.trust.latest_bundle(pinned)
    if stored is not None:
        return open_bundle(stored, pinned, seen_seq=seen)
    if found is not None:
        raise RollbackError(given=found.seq, seen=seen)
    return None


def workspace_ring(uow: "UnitOfWork", pinned: str, bundle_path: Path, *, floor_s: int = 0) -> KeyRing:
    """Every key that counts here: of the workspace's bundle if there is one, and of what was accepted since.

    ``pinned`` is the fingerprint in the settings. ``floor_s`` as in ``KeyRing.build``.
    """
    bundle = workspace_bundle(uow, pinned, bundle_path)
    root_set = bundle.root_set if bundle else uow.trust.root(pinned)
    return KeyRing.build(
        bundle, pinned, uow.trust.delegations(), uow.trust.revocations(), root_set=root_set, floor_s=floor_s
    )
