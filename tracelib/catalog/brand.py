"""Brand (区域公用品牌): a regional public brand, owned by a party, used under authorisations."""

from tracelib.catalog.fields import BrandId, ChineseName, EnglishName, Hosts, PartyId, ShownFields, ValidityFields


class BrandFields(ShownFields, ValidityFields):
    """Fields of a brand. ``hosts`` are the official host names that its codes may show."""

    id: BrandId
    owner: PartyId
    name_zh: ChineseName
    name_en: EnglishName = ""
    hosts: Hosts = ()


class Brand(BrandFields, frozen=True):
    """A brand that has checked itself. ``id`` is unique in the store."""
