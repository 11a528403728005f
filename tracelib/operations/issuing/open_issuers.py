"""Find and open the issuer keys of a workspace: which may issue for a party, and which signed a range."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

from tracelib.errors import NotFoundError, RuleError
from tracelib.operations.issuing.issuer import Issuer

if TYPE_CHECKING:
    from tracelib.trust.keyring import KeyRing, TrustedKey
    from tracelib.trust.keystore import KeyInfo, KeyStore


class NoIssuerError(NotFoundError):
    """No key of this workspace may issue for the party."""

    code = "issue.no_key"
    template = (
        "No key here may issue codes for {party}: a delegation with a serial prefix is needed, granted under the root "
        "of this workspace (tracelib delegate request, tracelib delegate accept, tracelib delegate list)."
    )


class IssuerKeyMissingError(NotFoundError):
    """The key that signed a range is not in this workspace."""

    code = "issue.key_missing"
    template = (
        "The codes were issued by key {key}, which is not in this workspace with its delegation and serial key: make "
        "them where that key is, or print labels from an exported file with --codes FILE."
    )


class KeyRevokedError(RuleError):
    """The key, or one above it, is revoked."""

    code = "issue.key_revoked"
    template = "The key «{name}» is revoked ({reason}): nothing is issued with it. Ask for a new delegation."


class Issuers:
    """The issuer keys of a workspace, each opened once, when it is first needed.

    ``keyring`` (``ring.workspace_ring``) says which keys count; ``passphrase`` is asked for each key that is opened.
    """

    def __init__(self, keystore: "KeyStore", passphrase: Callable[[], bytes], keyring: "KeyRing") -> None:
        self._keystore = keystore
        self._passphrase = passphrase
        self.keyring = keyring
        self._open: dict[bytes, Issuer] = {}

    def __call__(self, key_hash: bytes) -> Issuer:
        """The key with this full hash, also one that may issue no more: old codes are made again with it."""
        if key_hash not in self._open:
            info, trusted = self._keystore.find(key_hash), self.keyring.key(key_hash)
            if info is None or trusted is None:
                raise IssuerKeyMissingError(key=key_hash.hex())
            self._open[key_hash] = self._opened(info, trusted)
        return self._open[key_hash]

    def of_party(self, party_id: str, now: datetime, name: str | None = None) -> Issuer:
        """The key that issues for a party now: the one called ``name``, else the newest delegation that is valid.

        Raises NoIssuerError, KeyRevokedError.
        """
        usable = [
            (trusted.delegation.not_before <= now.timestamp() <= trusted.delegation.not_after, trusted, info)
            for info, trusted in self._own()
            if trusted.delegation.subject == party_id and name in (None, info.name)
        ]
        if not usable:
            raise NoIssuerError(party=party_id)
        _, trusted, info = max(usable, key=lambda item: (item[0], item[1].delegation.issued_at))
        chain = {delegation.key.hash for delegation in trusted.delegations}
        for revocation in trusted.revocations:
            if revocation.whole_key and revocation.concerns(chain, None, None, None):
                raise KeyRevokedError(name=info.name, reason=revocation.reason.value)
        return self(info.public.hash)

    def key_hashes(self) -> frozenset[bytes]:
        """Full hashes of the issuer keys that belong to this workspace; nothing is opened."""
        return frozenset(info.public.hash for info, _ in self._own())

    def serial_keys(self) -> dict[bytes, bytes]:
        """``k_hash`` to K of every key file here, also of a lost key whose K another one keeps."""
        from tracelib.operations.verify import held_serial_keys

        return held_serial_keys(self._keystore, self._passphrase())

    def _own(self) -> "list[tuple[KeyInfo, TrustedKey]]":
        """Keys of this workspace with a prefix of their own; line keys are not among them."""
        pairs = [(info, self.keyring.key(info.public.hash)) for info in self._keystore.list()]
        return [
            (info, trusted)
            for info, trusted in pairs
            if trusted is not None
            and info.root == self.keyring.fingerprint
            and trusted.delegation.signs_serials
            and trusted.delegation.k_hash in info.k_hashes
            and trusted.issuer_hash == info.public.hash
        ]

    def _opened(self, info: "KeyInfo", trusted: "TrustedKey") -> Issuer:
        info.require_root(self.keyring.fingerprint)
        opened = self._keystore.open(info.name, self._passphrase())
        k = opened.serial_keys.get(trusted.delegation.k_hash or b"")
        if k is None:
            raise IssuerKeyMissingError(key=info.public.hash.hex())
        windows = tuple(
            key.delegation.counter_window
            for key in self.keyring.keys().values()
            if key.delegation.issuer_hash == info.public.hash and key.delegation.counter_window is not None
        )
        production = self.keyring.environment == "production"
        return Issuer(opened.signer, trusted.delegation, k, production, windows, self.keyring.earliest_s)
