"""What a key has issued, as its signed manifests say: for whoever lost or retires it."""

from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.batches.manifest import Manifest, decode_manifest
from tracelib.errors import NotFoundError
from tracelib.trust.keyring import KeyRing

if TYPE_CHECKING:
    from tracelib.store.unit_of_work import UnitOfWork


class KeyUnknownError(NotFoundError):
    """No delegation names the key."""

    code = "issued.key_unknown"
    template = "No delegation here names the key {key}: tracelib delegate list, tracelib bundle import FILE"


def issued_by(uow: "UnitOfWork", ring: KeyRing, key_hash: bytes) -> list[tuple[Manifest, datetime]]:
    """The manifests of a key, each verified, in their order, with the time when it was registered.

    KeyUnknownError; ManifestSignatureError for a manifest that the key did not sign.
    """
    trusted = ring.key(key_hash)
    if trusted is None:
        raise KeyUnknownError(key=key_hash.hex())
    stored = uow.codes.manifests(trusted.delegation.subject, key_hash)
    return [(decode_manifest(one.document, trusted.public).manifest, one.registered_at) for one in stored]
