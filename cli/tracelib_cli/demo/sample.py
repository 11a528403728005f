"""The sample county: brands are real, growers are invented and say so (示例)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Coop:
    """A co-operative with one product under one brand, and the lots that it gets codes for."""

    party: str
    name_zh: str
    name_en: str
    uscc: str
    division: str
    brand: str
    brand_zh: str
    brand_en: str
    owner: str
    owner_zh: str
    owner_en: str
    product: str
    product_zh: str
    product_en: str
    weight_g: int
    grades: tuple[tuple[str, str], ...]
    lots: tuple[tuple[str, int, int], ...]
    """(lot, number of codes, grade)"""
    per_pallet: int

    @property
    def codes(self) -> int:
        """Codes over all lots."""
        return sum(count for _, count, _ in self.lots)


COOPS = (
    Coop(
        party="GNQC",
        name_zh="赣南脐橙示例合作社",
        name_en="Gannan Navel Orange Sample Co-operative",
        uscc="93360726MAEXMPLE1L",
        division="360726",
        brand="GANNAN-ORANGE",
        brand_zh="赣南脐橙",
        brand_en="Gannan Navel Orange",
        owner="GZPP",
        owner_zh="赣州市区域公用品牌示例办公室",
        owner_en="Ganzhou Sample Brand Office",
        product="NAVEL-5KG",
        product_zh="赣南脐橙 5 kg 箱装",
        product_en="Gannan navel oranges, carton of 5 kg",
        weight_g=5000,
        grades=(("特等", "Extra"), ("一等", "First"), ("二等", "Second")),
        lots=(("26A0137", 400, 1), ("26A0138", 300, 2)),
        per_pallet=48,
    ),
    Coop(
        party="WZBH",
        name_zh="万载龙牙百合示例合作社",
        name_en="Wanzai Longya Lily Sample Co-operative",
        uscc="93360922MAEXMPLE28",
        division="360922",
        brand="WANZAI-LILY",
        brand_zh="万载龙牙百合",
        brand_en="Wanzai Longya Lily",
        owner="WZPP",
        owner_zh="万载县区域公用品牌示例办公室",
        owner_en="Wanzai Sample Brand Office",
        product="LILY-250G",
        product_zh="万载龙牙百合 250 g",
        product_en="Wanzai longya lily bulbs, 250 g",
        weight_g=250,
        grades=(("一级", "Grade one"), ("二级", "Grade two")),
        lots=(("26B0021", 250, 1), ("26B0022", 250, 1)),
        per_pallet=60,
    ),
)
