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


class LiveRing:
    """The key ring of a workspace that is always up to date: built anew whenever something came into the store or
    the bundle's file.

    So a recall counts on lines and pages that are running. Asked within a unit of work; costs one small query.
    """

    def __init__(self, pinned: str, bundle_path: Path, *, floor_s: int = 0) -> None:
        self._pinned = pinned
        self._bundle_path = bundle_path
        self._floor_s = floor_s
        self._held: tuple[tuple[int, ...], KeyRing] | None = None

    def __call__(self, uow: "UnitOfWork") -> KeyRing:
        """The ring as the store has it now."""
        file = self._bundle_path
        stamp = (*uow.trust.stamp(), file.stat().st_mtime_ns if file.is_file() else 0)
        if self._held is None or self._held[0] != stamp:
            ring = workspace_ring(uow, self._pinned, self._bundle_path, floor_s=self._floor_s)
            self._held = (stamp, ring)
        return self._held[1]


def workspace_ring(uow: "UnitOfWork", pinned: str, bundle_path: Path, *, floor_s: int = 0) -> KeyRing:
    """Every key that counts here: of the workspace's bundle if there is one, and of what was accepted since.

    ``pinned`` is the fingerprint in the settings. ``floor_s`` as in ``KeyRing.build``.
    """
    bundle = workspace_bundle(uow, pinned, bundle_path)
    root_set = bundle.root_set if bundle else uow.trust.root(pinned)
    return KeyRing.build(
        bundle, pinned, uow.trust.delegations(), uow.trust.revocations(), root_set=root_set, floor_s=floor_s
    )
