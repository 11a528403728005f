"""Root sets, delegations, revocations and bundles in the database (``uow.trust``). Bytes in, checked values out.

What is read is decoded anew; whether it counts is judged by the key ring every time, never remembered.
"""

from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from tracelib.store.insert import insert_new
from tracelib.store.tables.trust import TrustBundleRow, TrustDelegationRow, TrustRevocationRow, TrustRootRow
from tracelib.trust.delegation import SignedDelegation, decode_delegation
from tracelib.trust.revocation import SignedRevocation, decode_revocation
from tracelib.trust.root import RootSet


class TrustRepository:
    """Adds and lists signed objects within the caller's transaction. Adding one again changes nothing."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add_root(self, root_set: RootSet, at: datetime) -> None:
        """Remember a root set."""
        row = {"fingerprint": root_set.fingerprint, "document": root_set.encode(), "added_at": at}
        insert_new(self._session, TrustRootRow, row)

    def root(self, fingerprint: str) -> RootSet | None:
        """The root set with this fingerprint, or None."""
        row = self._session.get(TrustRootRow, fingerprint)
        return RootSet.decode(row.document) if row else None

    def roots(self) -> list[str]:
        """The fingerprints of every root set that is remembered, in the order of their coming."""
        query = select(TrustRootRow.fingerprint).order_by(col(TrustRootRow.added_at), col(TrustRootRow.fingerprint))
        return list(self._session.exec(query))

    def add_delegation(self, signed: SignedDelegation, at: datetime) -> bool:
        """Keep a delegation; False where it was there already."""
        row = {
            "hash": signed.hash,
            "key_hash": signed.claims.key.hash,
            "issuer_hash": signed.claims.issuer_hash,
            "document": signed.raw,
            "added_at": at,
        }
        return insert_new(self._session, TrustDelegationRow, row)

    def delegations(self) -> list[SignedDelegation]:
        """Every delegation, in the order of their coming."""
        query = select(TrustDelegationRow.document).order_by(
            col(TrustDelegationRow.added_at), col(TrustDelegationRow.hash)
        )
        return [decode_delegation(document) for document in self._session.exec(query)]

    def granted_by(self, issuer_hash: bytes) -> list[SignedDelegation]:
        """Every delegation that the key with this full hash signed, in no particular order."""
        query = select(TrustDelegationRow.document).where(col(TrustDelegationRow.issuer_hash) == issuer_hash)
        return [decode_delegation(document) for document in self._session.exec(query)]

    def add_revocation(self, signed: SignedRevocation, at: datetime) -> bool:
        """Keep a revocation; False where it was there already."""
        row = {"hash": signed.hash, "document": signed.raw, "added_at": at}
        return insert_new(self._session, TrustRevocationRow, row)

    def revocations(self) -> list[SignedRevocation]:
        """Every revocation, in the order of their coming."""
        query = select(TrustRevocationRow.document).order_by(
            col(TrustRevocationRow.added_at), col(TrustRevocationRow.hash)
        )
        return [decode_revocation(document) for document in self._session.exec(query)]

    def stamp(self) -> tuple[int, int, int]:
        """Another value whenever a delegation, a revocation or a bundle came: these tables only grow, and are small."""
        tables = (TrustDelegationRow, TrustRevocationRow, TrustBundleRow)
        counts = [select(func.count()).select_from(table).scalar_subquery() for table in tables]
        delegations, revocations, bundles = self._session.exec(select(*counts)).one()
        return delegations, revocations, bundles

    def highest_seq(self, root: str) -> int:
        """The highest sequence number of a bundle seen for a root (its fingerprint); 0 for none."""
        query = select(func.max(TrustBundleRow.seq)).where(col(TrustBundleRow.root) == root)
        return self._session.exec(query).one() or 0

    def latest_bundle(self, root: str) -> bytes | None:
        """The newest bundle of a root (its fingerprint), as it was kept; None if there is none."""
        return self.bundle(root, self.highest_seq(root)) or None

    def newest_bundles(self) -> list[bytes]:
        """The newest bundle of every root, as it was kept."""
        newest = select(TrustBundleRow.root, func.max(TrustBundleRow.seq)).group_by(col(TrustBundleRow.root))
        found = [self.bundle(root, seq) for root, seq in self._session.exec(newest)]
        return [document for document in found if document is not None]

    def bundle(self, root: str, seq: int) -> bytes | None:
        """The bundle of a root (its fingerprint) with this sequence number, as it was kept; None if there is none."""
        row = self._session.get(TrustBundleRow, (root, seq))
        return row.document if row else None

    def add_bundle(self, root: str, seq: int, document: bytes, at: datetime) -> None:
        """Keep a bundle that was made or accepted."""
        row = {"root": root, "seq": seq, "document": document, "added_at": at}
        insert_new(self._session, TrustBundleRow, row)
