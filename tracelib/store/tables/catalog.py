"""Tables of the catalogue. Small, the same on every node; fields are those of ``tracelib.catalog``."""

from sqlalchemy import JSON, Column, ForeignKeyConstraint, Index, String, UniqueConstraint
from sqlmodel import Field

from tracelib.catalog.authorization import AuthorizationFields
from tracelib.catalog.brand import BrandFields
from tracelib.catalog.certification import CertificationFields, CertificationKind
from tracelib.catalog.grade import GradeFields
from tracelib.catalog.party import PartyFields
from tracelib.catalog.product import ProductFields
from tracelib.store.tables.columns import Row, big_column


class PartyRow(PartyFields, Row, table=True):
    """One party; a 统一社会信用代码 belongs to one party only."""

    model_config = Row.model_config
    __tablename__ = "party"

    id: str = Field(primary_key=True)
    uscc: str | None = Field(default=None, unique=True)


class BrandRow(BrandFields, Row, table=True):
    """One brand."""

    model_config = Row.model_config
    __tablename__ = "brand"

    id: str = Field(primary_key=True)
    owner: str = Field(foreign_key="party.id")
    hosts: tuple[str, ...] = Field(sa_column=Column(JSON, nullable=False))


class ProductRow(ProductFields, Row, table=True):
    """One product of one party; within a party a GTIN belongs to one product."""

    model_config = Row.model_config
    __tablename__ = "product"
    __table_args__ = (UniqueConstraint("party_id", "gtin"), Index(None, "id"), Index(None, "gtin"))

    party_id: str = Field(primary_key=True, foreign_key="party.id")
    id: str = Field(primary_key=True)
    brand_id: str | None = Field(default=None, foreign_key="brand.id")


class GradeRow(GradeFields, Row, table=True):
    """One grade of one product. Append-only."""

    model_config = Row.model_config
    __tablename__ = "grade"
    __table_args__ = (ForeignKeyConstraint(("party_id", "product_id"), ("product.party_id", "product.id")),)

    party_id: str = Field(primary_key=True)
    product_id: str = Field(primary_key=True)
    number: int = Field(primary_key=True)


class CertificationRow(CertificationFields, Row, table=True):
    """One certification of a party or of one of its products."""

    model_config = Row.model_config
    __tablename__ = "certification"
    __table_args__ = (ForeignKeyConstraint(("party_id", "product_id"), ("product.party_id", "product.id")),)

    party_id: str = Field(primary_key=True, foreign_key="party.id")
    id: str = Field(primary_key=True)
    kind: CertificationKind = Field(sa_column=Column(String, nullable=False))


class AuthorizationRow(AuthorizationFields, Row, table=True):
    """One authorisation of a party by a brand."""

    model_config = Row.model_config
    __tablename__ = "brand_authorization"  # the short word is reserved in SQL
    __table_args__ = (Index(None, "party_id"),)

    brand_id: str = Field(primary_key=True, foreign_key="brand.id")
    id: str = Field(primary_key=True)
    party_id: str = Field(foreign_key="party.id")
    product_ids: tuple[str, ...] = Field(sa_column=Column(JSON, nullable=False))
    max_kg: int | None = Field(default=None, sa_column=big_column(nullable=True))
