"""The key ring of a workspace: its bundle, and the delegations and revocations that came since."""

from pathlib import Path
from typing import TYPE_CHECKING

from tracelib.trust.bundle import LARGEST, Bundle, open_bundle
from tracelib.trust.errors import BundleFormatError
from tracelib.trust.keyring import KeyRing

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


def read_bundle(path: Path, pinned: str | None, *, seen_seq: int = 0) -> Bundle:
    """Open a bundle file of at most 64 MB; the errors of ``open_bundle``, FileNotFoundError where there is none."""
    with path.open("rb") as stream:
        data = stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise BundleFormatError(reason=f"it is larger than {LARGEST} bytes")
    return open_bundle(data, pinned, seen_seq=seen_seq)


def workspace_ring(uow: "UnitOfWork", pinned: str, bundle_path: Path, *, floor_s: int = 0) -> KeyRing:
    """Every key that counts here: of the bundle file if there is one, and of what was accepted since.

    ``pinned`` is the fingerprint in the settings. ``floor_s`` as in ``KeyRing.build``.
    """
    bundle = None
    if bundle_path.is_file():
        bundle = read_bundle(bundle_path, pinned, seen_seq=uow.trust.highest_seq(pinned))
    root_set = bundle.root_set if bundle else uow.trust.root(pinned)
    return KeyRing.build(
        bundle, pinned, uow.trust.delegations(), uow.trust.revocations(), root_set=root_set, floor_s=floor_s
    )
