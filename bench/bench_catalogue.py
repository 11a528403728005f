"""A county's catalogue of 20,000 products: the folder imported, and published with pages, search, pictures and data.

Against the aim (20,000 products published in 60 s), and against the physical floor: a bare jinja2 loop that writes as
many pages of the same size, with none of the rest. The catalogue has 400 parties, 20 brands, two grades a product, a
certificate for every second one, and ``PICTURES`` different pictures, which are made small in the same time; a county
with a picture of its own for each product pays for each once (the last row), later publications take them over.
"""

import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

import jinja2
from PIL import Image

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import Certification, CertificationKind
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Entry, Snapshot
from tracelib.operations.catalog.export_folder import export_catalog
from tracelib.operations.catalog.import_folder import plan_import, write_import
from tracelib.operations.catalog.publish import Look, publish_catalog
from tracelib.publish.pictures import make_pictures
from tracelib.store.unit_of_work import Store
from tracelib.text import LocalizedText

PRODUCTS, QUICK_PRODUCTS = 20_000, 500
PARTIES, BRANDS, PICTURES = 400, 20, 100
WANTED_S = 60.0
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FLOOR = """<!doctype html><html lang="{{ language }}"><title>{{ name }}</title><body><h1>{{ name }}</h1>
<p>{{ text }}</p>{% for n in range(20) %}<a href="{{ n }}.html">{{ name }}</a>{% endfor %}<pre>{{ rest }}</pre>
</body></html>"""
GOODS = (
    "脐橙",
    "蜜桔",
    "桔柚",
    "油茶籽油",
    "龙牙百合",
    "百合粉",
    "有机大米",
    "毛豆",
    "南酸枣糕",
    "蜂蜜",
    "米粉",
    "扎粉",
)
ENGLISH = ("navel oranges", "mandarins", "camellia oil", "lily bulbs", "organic rice", "edamame", "honey", "noodles")


def catalogue(products: int) -> Snapshot:
    """A large catalogue, the same every time."""
    chosen = random.Random(26)
    entries: list[Entry] = []
    for n in range(PARTIES):
        entries.append(
            Party(id=f"P{n}", name_zh=f"示例合作社{n}号", name_en=f"Sample co-operative {n}", division="360726")
        )
    for n in range(BRANDS):
        entries.append(Brand(id=f"B{n}", owner="P0", name_zh=f"示例品牌{n}号", name_en=f"Sample brand {n}"))
    for n in range(products):
        party, brand = f"P{n % PARTIES}", f"B{chosen.randrange(BRANDS)}"
        entries.append(
            Product(
                party_id=party,
                id=f"N{n}",
                name_zh=f"示例{chosen.choice(GOODS)} {n} 号",
                name_en=f"Sample {chosen.choice(ENGLISH)} no. {n}",
                brand_id=brand,
                weight_g=chosen.randrange(1, 40) * 250,
                description_zh="示例产品，当日采收，分级装箱，一箱一码。" * 2,
                description_en="A sample product, picked and packed on one day, one code to a carton. " * 2,
                picture=f"{n % PICTURES}.jpg",
            )
        )
        entries += [Grade(party_id=party, product_id=f"N{n}", number=g, name_zh=f"{g}级") for g in (1, 2)]
        if n % 2:
            kind = CertificationKind.GREEN_FOOD
            entries.append(
                Certification(
                    party_id=party, id=f"C{n}", kind=kind, number=f"示例-{n}", issuer="示例中心", product_id=f"N{n}"
                )
            )
    pairs = [(f"P{party}", f"B{brand}") for party in range(PARTIES) for brand in range(BRANDS)]
    entries += [Authorization(brand_id=brand, party_id=party, id=f"A-{party}") for party, brand in pairs]
    return Snapshot.of(entries)


def pictures(folder: Path, count: int) -> None:
    """Photographs of 1600 x 1200 pixels, as large as what a telephone makes once it was sent on."""
    folder.mkdir()
    chosen = random.Random(5)
    for n in range(count):
        small = Image.frombytes("RGB", (32, 24), chosen.randbytes(32 * 24 * 3))
        small.resize((1600, 1200), Image.Resampling.BICUBIC).save(folder / f"{n}.jpg", quality=88)


def floor(pages: int, page_bytes: int, folder: Path) -> float:
    """Seconds for a bare loop over jinja2 that writes as many pages of the same size."""
    template = jinja2.Environment(autoescape=True).from_string(FLOOR)
    rest = "x" * max(0, page_bytes - len(template.render(language="zh", name="示例", text="", rest="")))
    folder.mkdir()
    start = time.perf_counter()
    for n in range(pages):
        text = template.render(language="zh", name=f"示例 {n}", text="示例产品", rest=rest)
        (folder / f"{n}.html").write_text(text, encoding="utf-8")
    return time.perf_counter() - start


def run(quick: bool) -> list[dict[str, object]]:
    """Rows for the table of figures."""
    products = QUICK_PRODUCTS if quick else PRODUCTS
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        pictures(home / "pictures", PICTURES)
        export_catalog(catalogue(products), home / "county", home / "pictures", "zh")
        with Store.create_or_upgrade(f"sqlite:///{home / 'store.db'}", operator="bench") as store:
            start = time.perf_counter()
            with store.unit_of_work() as uow:
                write_import(uow, plan_import(uow, home / "county", NOW, home), NOW)
            imported = time.perf_counter() - start
            look = Look(LocalizedText("示例县农品", "Sample county"), home / "pictures")
            start = time.perf_counter()
            done = publish_catalog(store, home / "site", look, NOW)
            published = time.perf_counter() - start
        pages = list((home / "site" / "zh" / "product").iterdir())
        size = sum(path.stat().st_size for path in pages) // len(pages)
        bare = floor(done.pages, size, home / "floor")
        start = time.perf_counter()
        make_pictures([f"{n}.jpg" for n in range(PICTURES)], home / "pictures", home / "again")
        each_ms = (time.perf_counter() - start) / PICTURES * 1000
    what = f"catalogue of {products:,} products"
    aim = WANTED_S * products / PRODUCTS
    return [
        _row(f"{what} imported from its folder of CSV", imported, aim, "s", None),
        _row(f"{what} published ({done.pages:,} pages, {PICTURES} pictures), aim", published, aim, "s", 1.0),
        _row(f"{what} published, against a bare jinja2 loop", published, bare, "s", None),
        _row("one picture made small, of 1600 x 1200 pixels", each_ms, 60_000 / PRODUCTS, "ms", None),
    ]


def _row(work: str, ours: float, theirs: float, unit: str, wanted: float | None) -> dict[str, object]:
    return {
        "work": work,
        "ours": round(ours, 1),
        "theirs": round(theirs, 1),
        "unit": unit,
        "ratio": theirs / ours,
        "wanted": wanted,
    }
