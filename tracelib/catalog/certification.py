"""Certification: what someone else has certified about a party or one of its products, and until when."""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tracelib.catalog.fields import PartyId, ProductId, ValidityFields, own_number, text_of
from tracelib.text import LocalizedText


class CertificationKind(StrEnum):
    """Kinds that the programmes ask for (三品一标, SC 生产许可, 商标注册 …)."""

    GREEN_FOOD = "green_food"
    ORGANIC = "organic"
    GEOGRAPHICAL_INDICATION = "geographical_indication"
    POLLUTION_FREE = "pollution_free"
    TRADEMARK = "trademark"
    PRODUCTION_LICENCE = "production_licence"
    MANAGEMENT_SYSTEM = "management_system"
    OTHER = "other"


CERTIFICATION_WORDS = {
    CertificationKind.GREEN_FOOD: LocalizedText("绿色食品", "green food"),
    CertificationKind.ORGANIC: LocalizedText("有机产品", "organic"),
    CertificationKind.GEOGRAPHICAL_INDICATION: LocalizedText("地理标志", "geographical indication"),
    CertificationKind.POLLUTION_FREE: LocalizedText("无公害农产品", "pollution-free"),
    CertificationKind.TRADEMARK: LocalizedText("注册商标", "registered trade mark"),
    CertificationKind.PRODUCTION_LICENCE: LocalizedText("生产许可（SC）", "production licence (SC)"),
    CertificationKind.MANAGEMENT_SYSTEM: LocalizedText("管理体系认证", "management system"),
    CertificationKind.OTHER: LocalizedText("其他", "other"),
}
"""What the kinds are called, in tables and on pages."""


class CertificationFields(ValidityFields):
    """Fields of a certification. Without ``product_id`` it holds for the party as a whole."""

    party_id: PartyId
    id: Annotated[str, own_number("certification id")]
    kind: Annotated[CertificationKind, Field(strict=False)]
    number: Annotated[str, text_of("certificate number", 1, 60)]
    issuer: Annotated[str, text_of("issuer", 1, 100)]
    product_id: ProductId | None = None


class Certification(CertificationFields, frozen=True):
    """A certification that has checked itself. ``(party_id, id)`` is unique in the store."""
