"""The national view: what the shape of NY/T 4712-2025 asks for, as a dictionary of fields. Plain data.

Read was what is public of the standard: basic information of the subject, of the business at each stage (production,
acquisition, storage, transport, processing), each with its source one step back and its destination one step forward,
the pair inbound batch and outbound batch, of which the outbound one is the trace code; and extensions. Its tables of
names, types and lengths could not be read, so these are ours, and every field says whether its being asked for was
``verified``. Layout of the dictionary: DB15/T 3951-2025 (name in both languages, type, length, M/O/C).
"""

from dataclasses import dataclass
from enum import StrEnum

STANDARD = "NY/T 4712-2025"
FORMAT = "tracelib-national-view/1"


class Stage(StrEnum):
    """A stage of the business. The first five are those of the standard."""

    PRODUCTION = "production"
    ACQUISITION = "acquisition"
    STORAGE = "storage"
    TRANSPORT = "transport"
    PROCESSING = "processing"
    SALE = "sale"
    """An extension: sold to consumers."""


STAGE_NAMES = {
    Stage.PRODUCTION: "生产",
    Stage.ACQUISITION: "收购",
    Stage.STORAGE: "储存",
    Stage.TRANSPORT: "运输",
    Stage.PROCESSING: "加工",
    Stage.SALE: "销售",
}


@dataclass(frozen=True, slots=True)
class Field:
    """One field. ``type``: C text, N number, D day as YYYYMMDD, T time as ISO 8601. ``length``: characters at most.

    ``constraint``: M mandatory, C under a condition, O optional. ``source``: where the value comes from.
    """

    name: str
    zh: str
    type: str
    length: int
    constraint: str
    source: str
    verified: bool = False


SUBJECT = (
    Field("party", "主体编号", "C", 40, "M", "catalogue, party id"),
    Field("name", "生产经营者名称", "C", 100, "M", "catalogue, Chinese name", verified=True),
    Field("name_en", "英文名称", "C", 100, "O", "catalogue, English name"),
    Field("uscc", "统一社会信用代码", "C", 18, "C", "catalogue; natural persons have none", verified=True),
    Field("gln", "全球位置码", "N", 13, "O", "catalogue"),
    Field("division", "行政区划代码", "N", 12, "O", "catalogue"),
    Field("address", "地址", "C", 200, "O", "catalogue", verified=True),
)
RECORD = (
    Field("stage", "环节", "C", 20, "M", "kind of record", verified=True),
    Field("record", "记录编号", "C", 120, "M", "batch, step of a batch, or event"),
    Field("party", "主体编号", "C", 40, "M", "whose book it stands in"),
    Field("product", "产品编号", "C", 20, "M", "catalogue, product id"),
    Field("product_name", "产品名称", "C", 100, "M", "catalogue, Chinese name"),
    Field("gtin", "商品条码", "N", 14, "O", "catalogue"),
    Field("inbound_batch", "入库批次", "C", 120, "C", "all stages but production", verified=True),
    Field(
        "outbound_batch", "出库批次（追溯码）", "C", 120, "C", "all stages but acquisition and storage", verified=True
    ),
    Field("quantity_kg", "数量（千克）", "N", 16, "C", "batch, step, or units at their weight; where it is known"),
    Field("units", "件数", "N", 10, "O", "units that the event moved"),
    Field("day", "业务日期", "D", 8, "M", "day of harvest, of the step, of the event"),
    Field("time", "业务时间", "T", 29, "O", "of step or event"),
    Field("origin", "产地区划代码", "N", 12, "C", "production, where the batch has it"),
    Field("plot", "地块", "C", 200, "O", "production"),
    Field("grower", "种植者", "C", 200, "O", "production"),
    Field("source", "来源主体", "C", 200, "C", "one step back: party or URI; all but production", verified=True),
    Field("source_name", "来源主体名称", "C", 200, "O", "catalogue", verified=True),
    Field("destination", "去向主体", "C", 200, "C", "one step forward: transport and sale", verified=True),
    Field("destination_name", "去向主体名称", "C", 200, "O", "catalogue", verified=True),
    Field("place", "地点", "C", 200, "O", "place that the event names"),
    Field("note", "说明", "C", 200, "O", "reason of a loss"),
)
DICTIONARY_HEAD = (
    "表 table",
    "英文名称 name",
    "中文名称",
    "类型 type",
    "长度 length",
    "约束 M/O/C",
    "来源 source",
    "核对 verified",
)


def dictionary() -> list[tuple[str, ...]]:
    """The dictionary as rows of text, for the third sheet and for the documentation."""
    return [
        (
            table,
            one.name,
            one.zh,
            one.type,
            str(one.length),
            one.constraint,
            one.source,
            "yes" if one.verified else "no",
        )
        for table, fields in (("subject", SUBJECT), ("record", RECORD))
        for one in fields
    ]
