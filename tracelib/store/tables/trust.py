"""Trust: what was signed, as the bytes that were signed. Small tables, append-only, the same on every node."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from tracelib.store.tables.columns import Row, big_column, bytes_column, utc_column


class TrustRootRow(Row, table=True):
    """A root set that this workspace knows, by its fingerprint (64 hex digits)."""

    __tablename__ = "trust_root"
    fingerprint: str = Field(primary_key=True)
    document: bytes = Field(sa_column=bytes_column())
    added_at: datetime = Field(sa_column=utc_column())


class TrustDelegationRow(Row, table=True):
    """A delegation by the SHA-256 of its bytes; who signed for whom stands beside it for look-ups."""

    __tablename__ = "trust_delegation"
    __table_args__ = (Index(None, "key_hash"), Index(None, "issuer_hash"))
    hash: bytes = Field(sa_column=bytes_column(primary_key=True))
    key_hash: bytes = Field(sa_column=bytes_column())
    issuer_hash: bytes = Field(sa_column=bytes_column())
    document: bytes = Field(sa_column=bytes_column())
    added_at: datetime = Field(sa_column=utc_column())


class TrustRevocationRow(Row, table=True):
    """A revocation by the SHA-256 of its bytes."""

    __tablename__ = "trust_revocation"
    hash: bytes = Field(sa_column=bytes_column(primary_key=True))
    document: bytes = Field(sa_column=bytes_column())
    added_at: datetime = Field(sa_column=utc_column())


class TrustBundleRow(Row, table=True):
    """A bundle that was made or accepted here; the highest ``seq`` of a root is never gone below."""

    __tablename__ = "trust_bundle"
    root: str = Field(primary_key=True)
    seq: int = Field(sa_column=big_column(primary_key=True))
    document: bytes = Field(sa_column=bytes_column())
    added_at: datetime = Field(sa_column=utc_column())
