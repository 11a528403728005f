"""The published pages: size, both languages, escaping, links, search, whole or nothing."""

import html.parser
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tracelib.catalog.authorization import Authorization
from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import Certification, CertificationKind
from tracelib.catalog.grade import Grade
from tracelib.catalog.party import Party
from tracelib.catalog.product import Product
from tracelib.catalog.snapshot import Entry, Snapshot
from tracelib.identifiers.division import DivisionTable
from tracelib.publish.errors import FolderTakenError, LinkError
from tracelib.publish.folder import MARK
from tracelib.publish.pages import Site
from tracelib.publish.pictures import LIST_BYTES, MAIN_BYTES, make_pictures
from tracelib.publish.search_index import index_files, terms_of
from tracelib.publish.site import publish, search_documents
from tracelib.publish.view import PublicCatalogue, public_view
from tracelib.text import LocalizedText

DAY = date(2026, 11, 25)
LARGEST_PAGE = 50_000
HOSTILE = """<script>alert(1)</script>"'&{{7*7}}</title>"""
LONGEST = ("<&'\"" * 15)[:60]


def view_of(entries: list[Entry]) -> PublicCatalogue:
    return public_view(Snapshot.of(entries), DAY, LocalizedText("示例县农品", "Sample County"))


def worst(products: int) -> list[Entry]:
    """As long as fields may be, in characters that HTML makes longer; every product with a picture and certificates."""
    many: dict[str, Any] = {"description_zh": LONGEST * 8, "description_en": LONGEST * 8, "picture": "noise.png"}
    names: dict[str, Any] = {"name_zh": LONGEST, "name_en": LONGEST}
    entries: list[Entry] = [Party(id="P", uscc="91110000600037341L", division="360726", **names, **many)]
    entries += [Party(id=f"P{n}", **names) for n in range(12)]
    hosts = tuple(f"{'a' * 60}.{'b' * 60}.example{n}.com" for n in range(6))
    entries.append(Brand(id="B", owner="P", hosts=hosts, **names, **many))
    entries.append(Authorization(brand_id="B", party_id="P", id="A"))
    for n in range(products):
        entries.append(Product(party_id="P", id=f"N{n}", brand_id="B", weight_g=12345, **names, **many))
    entries += [Grade(party_id="P", product_id="N0", number=n, name_zh=f"{n:02}{LONGEST[2:]}") for n in range(1, 16)]
    text: dict[str, Any] = {"kind": CertificationKind.GEOGRAPHICAL_INDICATION, "number": LONGEST, "issuer": ("'&" * 50)}
    entries += [Certification(party_id="P", id=f"C{n}", product_id="N0" if n % 2 else None, **text) for n in range(60)]
    return entries


@pytest.fixture(scope="module")
def worst_site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("worst")
    (folder / "pictures").mkdir()
    Image.effect_noise((1600, 1200), 120).convert("RGB").save(folder / "pictures" / "noise.png")
    publish(view_of(worst(60)), folder / "site", folder / "pictures")
    return folder / "site"


class Loaded(html.parser.HTMLParser):
    """What a page loads, and where it leads; ``lazy`` pictures apart."""

    def __init__(self) -> None:
        super().__init__()
        self.now: list[str] = []
        self.lazy: list[str] = []
        self.links: list[str] = []
        self.scripts_inside = 0
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.attributes += attrs
        if tag == "script":
            self.now.append(given.get("src") or "")
            self.scripts_inside += "src" not in given
        if tag == "img":
            (self.lazy if given.get("loading") == "lazy" else self.now).append(given["src"] or "")
            assert "alt" in given
        if tag == "link" and given["rel"] in ("stylesheet", "icon"):
            self.now.append(given["href"] or "")
        if tag == "a" or (tag == "link" and given["rel"] == "alternate"):
            self.links.append(given["href"] or "")


def pages(site: Path) -> Iterator[tuple[Path, Loaded]]:
    for path in sorted(site.rglob("*.html")):
        loaded = Loaded()
        loaded.feed(path.read_text(encoding="utf-8"))
        yield path, loaded


def test_no_page_is_above_50_kb_with_all_that_it_loads_at_first_view(worst_site: Path) -> None:
    weights = {}
    for path, loaded in pages(worst_site):
        files = {(path.parent / name).resolve() for name in loaded.now} | {path}
        weights[path] = sum(file.stat().st_size for file in files)
    assert len(weights) > 120
    heaviest = max(weights, key=weights.__getitem__)
    assert weights[heaviest] <= LARGEST_PAGE, heaviest
    assert weights[heaviest] > 30_000  # the worst case is one


def test_pictures_are_small(worst_site: Path) -> None:
    sizes = {path.name: path.stat().st_size for path in (worst_site / "assets" / "pictures").iterdir()}
    assert len(sizes) == 2
    assert all(size <= (LIST_BYTES if name.endswith("-s.webp") else MAIN_BYTES) for name, size in sizes.items())


def test_every_link_and_file_is_there_and_none_leads_outside(worst_site: Path) -> None:
    for path, loaded in pages(worst_site):
        for target in {*loaded.now, *loaded.lazy, *loaded.links}:
            if target.startswith("#"):
                continue
            assert not re.match(r"[a-z]+:|//", target), target
            found = (path.parent / target).resolve()
            assert found.is_file(), f"{path}: {target}"
            assert worst_site in found.parents


def test_both_languages_have_the_same_pages_and_lead_to_each_other(worst_site: Path) -> None:
    chinese, english = ({p.relative_to(worst_site / x) for p in (worst_site / x).rglob("*.html")} for x in ("zh", "en"))
    assert chinese == english
    assert len(chinese) > 60
    text = (worst_site / "zh" / "product" / "P_N0.html").read_text(encoding="utf-8")
    assert '<html lang="zh-Hans">' in text
    assert 'hreflang="en" href="../../en/product/P_N0.html"' in text
    english_text = re.sub(r"<[^>]*>", "", (worst_site / "en" / "index.html").read_text(encoding="utf-8"))
    assert not re.search(r"[\u4e00-\u9fff]", english_text.replace("中文", ""))


def test_a_base_url_makes_absolute_links_between_languages(tmp_path: Path) -> None:
    publish(view_of(worst(1)), tmp_path / "site", tmp_path, base_url="https://example.com/catalogue/")
    text = (tmp_path / "site" / "en" / "index.html").read_text(encoding="utf-8")
    assert '<link rel="alternate" hreflang="zh-Hans" href="https://example.com/catalogue/zh/index.html">' in text


def test_hostile_names_stay_text(tmp_path: Path) -> None:
    names: dict[str, Any] = {"name_zh": HOSTILE, "name_en": HOSTILE}
    shown: dict[str, Any] = {"description_zh": HOSTILE, "description_en": HOSTILE}
    entries: list[Entry] = [
        Party(id="P", **names, **shown),
        Brand(id="B", owner="P", **names, **shown),
        Product(party_id="P", id="N", brand_id="B", **names, **shown),
        Grade(party_id="P", product_id="N", number=1, **names),
        Authorization(brand_id="B", party_id="P", id="A"),
        Certification(party_id="P", id="C", kind=CertificationKind.OTHER, number=HOSTILE, issuer=HOSTILE),
    ]
    view = public_view(Snapshot.of(entries), DAY, LocalizedText(HOSTILE, HOSTILE))
    publish(view, tmp_path / "site", tmp_path)
    for path, loaded in pages(tmp_path / "site"):
        text = path.read_text(encoding="utf-8")
        assert "<script>" not in text
        assert "49" not in text
        assert loaded.scripts_inside == 0
        assert not [name for name, _ in loaded.attributes if name.startswith("on") or name == "style"]
        assert "default-src 'none'" in text
        assert "unsafe" not in text
    data = json.loads((tmp_path / "site" / "catalogue.json").read_text(encoding="utf-8"))
    assert data["products"][0]["name_zh"] == HOSTILE


def test_contacts_and_addresses_are_not_published(tmp_path: Path) -> None:
    party = Party(id="P", name_zh="示例合作社", contact="张三 13800000000", address="示例路1号")
    publish(view_of([party, Product(party_id="P", id="N", name_zh="脐橙")]), tmp_path / "site", tmp_path)
    for path in (tmp_path / "site").rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert b"13800000000" not in content
            assert "示例路".encode() not in content


def test_pictures_lose_what_a_camera_adds_and_stand_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "SecretCamera"
    Image.new("RGB", (300, 100), "orange").save(tmp_path / "a.jpg", exif=exif)
    made = make_pictures(["a.jpg", "gone.jpg"], tmp_path, tmp_path / "out")
    assert made.unusable == ("gone.jpg",)
    picture = made.of("a.jpg")
    assert picture is not None
    assert (picture.width, picture.height) == (100, 300)
    assert b"SecretCamera" not in (tmp_path / "out" / picture.file).read_bytes()


def test_the_same_catalogue_gives_the_same_bytes(worst_site: Path, tmp_path: Path) -> None:
    shutil.copytree(worst_site.parent / "pictures", tmp_path / "pictures")
    publish(view_of(worst(60)), tmp_path / "site", tmp_path / "pictures")
    one, two = (
        {p.relative_to(s): p.read_bytes() for p in s.rglob("*") if p.is_file()} for s in (worst_site, tmp_path / "site")
    )
    assert one == two


# --- the folder


def small_site(tmp_path: Path) -> Path:
    entries: list[Entry] = [Party(id="P", name_zh="示例合作社"), Product(party_id="P", id="N", name_zh="脐橙")]
    publish(view_of(entries), tmp_path / "site", tmp_path)
    return tmp_path / "site"


def test_it_takes_the_place_of_an_earlier_publication(tmp_path: Path) -> None:
    site = small_site(tmp_path)
    assert (site / "zh" / "product" / "P_N.html").is_file()
    entries: list[Entry] = [Party(id="P", name_zh="示例合作社"), Product(party_id="P", id="M", name_zh="蜜桔")]
    publish(view_of(entries), site, tmp_path)
    assert not (site / "zh" / "product" / "P_N.html").exists()
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


@pytest.mark.parametrize("strange", ["notes.txt", "zh/notes.txt", ".git/config"])
def test_it_takes_the_place_of_nothing_else(tmp_path: Path, strange: str) -> None:
    site = small_site(tmp_path)
    (site / strange).parent.mkdir(exist_ok=True)
    (site / strange).write_text("mine")
    with pytest.raises(FolderTakenError):
        small_site(tmp_path)
    assert (site / strange).read_text() == "mine"


def test_a_folder_with_a_false_mark_is_refused(tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / MARK).write_text("[" * 10_000)
    (tmp_path / "site" / "mine.txt").write_text("mine")
    with pytest.raises(FolderTakenError):
        small_site(tmp_path)


def test_links_are_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "kept.txt").write_text("mine")
    (tmp_path / "site").symlink_to(mine)
    with pytest.raises(LinkError):
        small_site(tmp_path)
    (tmp_path / "site").unlink()
    site = small_site(tmp_path)
    (site / "zh" / "out").symlink_to(mine)
    with pytest.raises(LinkError):
        small_site(tmp_path)
    assert (mine / "kept.txt").read_text() == "mine"


def test_a_failure_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    site = small_site(tmp_path)
    before = {path: path.read_bytes() for path in site.rglob("*") if path.is_file()}

    def full(documents: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tracelib.publish.site.index_files", full)
    with pytest.raises(Exception, match="No space left"):
        small_site(tmp_path)
    assert {path: path.read_bytes() for path in site.rglob("*") if path.is_file()} == before
    assert [path.name for path in tmp_path.iterdir()] == ["site"]


# --- search


def numbers(gaps: str) -> list[int]:
    found, number = [], -1
    for part in gaps.split():
        gap, _, times = part.partition("*")
        for _ in range(int(times or "1", 36)):
            number += int(gap, 36)
            found.append(number)
    return found


def test_terms() -> None:
    assert list(terms_of("赣南脐橙5kg箱 Navel-ORANGE ０６９ 米")) == [
        "赣南", "南脐", "脐橙", "橙", "5kg", "箱", "navel", "orange", "069", "米",
    ]  # fmt: skip


def test_the_index_names_every_document_under_every_term_in_small_files() -> None:
    names = [f"示例{'脐橙蜜桔百合大米'[n % 4 * 2 :][:2]}{n}号" for n in range(5000)]
    entries: list[Entry] = [Party(id="P", name_zh="示例合作社", name_en="Sample")]
    entries += [Product(party_id="P", id=f"N{n}", name_zh=name) for n, name in enumerate(names)]
    documents = search_documents(view_of(entries))
    found: dict[str, list[int]] = {}
    rows: list[list[str]] = []
    firsts: list[str] = []
    for file, text in index_files(documents):
        call, number, value = re.fullmatch(r"catalogueSearch\.(\w+)\((\d+),(.*)\);\n", text, re.S).groups()  # type: ignore[union-attr]
        assert len(text.encode()) <= LARGEST_PAGE, file
        if call == "terms":
            found |= {term: numbers(gaps) for term, gaps in json.loads(value).items()}
        elif call == "documents":
            rows += json.loads(value)
        else:
            firsts = json.loads(value)
    assert len(rows) == len(documents) == 5001
    assert len(firsts) > 3
    wanted: dict[str, set[int]] = {}
    for number, document in enumerate(documents):
        for text in document.texts:
            for term in terms_of(text):
                wanted.setdefault(term, set()).add(number)
    assert {term: set(listed) for term, listed in found.items()} == wanted
    assert len(wanted["脐橙"]) == 1250


def certified() -> PublicCatalogue:
    """One product with a grade and a certificate, a licence of its party, a division that no table names."""
    green: dict[str, Any] = {"kind": CertificationKind.GREEN_FOOD, "number": "LB-2025-0001", "issuer": "示例绿色中心"}
    licence: dict[str, Any] = {"kind": CertificationKind.PRODUCTION_LICENCE, "number": "SC-0007", "issuer": "示例局"}
    return view_of(
        [
            Party(id="P", name_zh="示例合作社", division="360726"),
            Product(party_id="P", id="N", name_zh="脐橙", weight_g=5000),
            Product(party_id="P", id="OIL", name_zh="山茶油 500 ml"),
            Grade(party_id="P", product_id="N", number=1, name_zh="特级", name_en="Extra"),
            Certification(party_id="P", id="C1", product_id="N", **green),
            Certification(party_id="P", id="C2", **licence),
        ]
    )


def hits(question: str) -> set[str]:
    """The pages that a question finds, as search.js looks: words as beginnings, pairs of signs whole."""
    found = set()
    asked = [t for t in terms_of(question) if len(t) > 1 or t.isascii()]
    for document in search_documents(certified()):
        terms = {term for text in document.texts for term in terms_of(text)}
        if all(any(t.startswith(a) if a.isascii() else t == a for t in terms) for a in asked):
            found.add(document.page)
    return found


@pytest.mark.parametrize(
    ("question", "page"),
    [
        ("绿色食品", "product/P_N.html"),
        ("green", "product/P_N.html"),
        ("LB-2025-0001", "product/P_N.html"),
        ("2025-0001", "product/P_N.html"),
        ("绿色中心", "product/P_N.html"),
        ("SC-0007", "party-P.html"),
        ("生产许可", "party-P.html"),
        ("特级", "product/P_N.html"),
        ("extra", "product/P_N.html"),
        ("5公斤", "product/P_N.html"),
        ("5kg", "product/P_N.html"),
        ("5 kg", "product/P_N.html"),
        ("500ml", "product/P_OIL.html"),
        ("500毫升", "product/P_OIL.html"),
    ],
)
def test_certificates_grades_and_weights_are_found(question: str, page: str) -> None:
    assert hits(question) == {page}


def rendered(*, signed: bool) -> dict[str, str]:
    made = Site(certified(), make_pictures([], Path(), Path()), DivisionTable(), "", signed=signed)
    return {page.file: page.html.decode() for page in made.pages()}


def test_a_party_shows_the_certificates_of_its_products_and_an_unnamed_division_as_a_code() -> None:
    made = rendered(signed=False)
    assert "LB-2025-0001" in made["zh/party-P.html"]
    assert "SC-0007" in made["zh/party-P.html"]
    assert "区划代码 360726" in made["zh/party-P.html"]
    assert "division code 360726" in made["en/product/P_N.html"]
    assert "每件净重" in made["zh/product/P_N.html"]


def test_more_certificates_than_fit_are_counted_and_all_of_them_are_a_click_away(worst_site: Path) -> None:
    """The party holds 60: 30 of its own, 30 of its product N0; pages show 8."""
    for page, root in (("party-P.html", ""), ("product/P_N0.html", "../")):
        text = (worst_site / "en" / page).read_text(encoding="utf-8")
        assert text.count("&#39;&amp;&#39;") >= 8
        assert f'And 52 more. <a href="{root}party-P_certificates.html">All certificates</a>' in text
    assert "另有 22 张。" in (worst_site / "zh" / "product" / "P_N2.html").read_text(encoding="utf-8")
    files = sorted(path.name for path in (worst_site / "zh").glob("party-P_certificates*"))
    assert files == ["party-P_certificates.html", "party-P_certificates_2.html", "party-P_certificates_3.html"]
    rows = [(worst_site / "zh" / file).read_text(encoding="utf-8").count("<tr><td>") for file in files]
    assert rows == [20, 20, 20]
    assert not list((worst_site / "zh").glob("party-P1_certificates*"))


def test_signed_pages_lead_to_the_signature_and_say_how_to_check_it() -> None:
    for signed in (True, False):
        text = rendered(signed=signed)["en/product/P_N.html"]
        assert ('href="../../catalogue.cose"' in text) is signed
        assert ("tracelib catalog verify" in text) is signed


CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")
@pytest.mark.parametrize(
    ("page", "question", "expected"),
    [
        ("zh/index.html", "脐橙", ["赣南脐橙 五公斤"]),
        ("zh/product/P_N2.html", "蜜", ["安远蜜桔"]),
        ("en/products.html", "orang gan", ["Gannan oranges"]),
        ("en/index.html", "nothing", []),
    ],
)
def test_a_browser_finds_without_a_server(tmp_path: Path, page: str, question: str, expected: list[str]) -> None:
    from urllib.parse import quote

    entries: list[Entry] = [
        Party(id="P", name_zh="示例合作社"),
        Product(party_id="P", id="N1", name_zh="赣南脐橙 五公斤", name_en="Gannan oranges"),
        Product(party_id="P", id="N2", name_zh="安远蜜桔", name_en="Anyuan mandarins"),
    ]
    publish(view_of(entries), tmp_path / "site", tmp_path)
    done = subprocess.run(
        [str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
         "--disable-background-networking", "--disable-sync", "--no-first-run", "--virtual-time-budget=5000",
         "--dump-dom", f"file://{tmp_path}/site/{page}?q={quote(question)}"],
        capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    dom = done.stdout.decode()
    assert re.findall(r"<li><a href=\"[^\"]+\"[^>]*>([^<]+)<small>", dom) == expected
    if not expected:
        assert "Nothing found" in dom
