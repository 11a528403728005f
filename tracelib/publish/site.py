"""A publication: pages, pictures, search and data of a public catalogue, in one folder."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tracelib.catalog.certification import CERTIFICATION_WORDS
from tracelib.identifiers.division import DivisionTable
from tracelib.publish.document import as_bytes, document
from tracelib.publish.folder import new_publication
from tracelib.publish.pages import Site, brand_page, party_page, product_page, static_files, weight_in_words
from tracelib.publish.pictures import make_pictures
from tracelib.publish.search_index import Document, index_files, measures_of
from tracelib.publish.signed import sign_catalogue
from tracelib.publish.view import PublicCatalogue
from tracelib.trust.keys import Signer

DATA, SIGNED = "catalogue.json", "catalogue.cose"
SAID_EVERY = 500


@dataclass(frozen=True, slots=True)
class Published:
    """How many pages and files were written, the bytes of the largest page, and which pictures are missing."""

    pages: int
    files: int
    largest_page: int
    missing_pictures: tuple[str, ...]


def publish(
    catalogue: PublicCatalogue,
    out: Path,
    pictures_home: Path,
    *,
    divisions: DivisionTable | None = None,
    signer: Signer | None = None,
    base_url: str = "",
    progress: Callable[[str, int], None] | None = None,
) -> Published:
    """Write the whole site into ``out``: whole, or not at all. The same catalogue gives the same bytes.

    ``progress`` is called with what is being made ("pictures", "pages") and how many are done.

    Raises FolderTakenError, LinkError, PublishWriteError, PageTooLargeError.
    """
    say = progress or (lambda what, done: None)
    entries = (*catalogue.brands, *catalogue.parties, *(one.product for one in catalogue.products))
    names = {entry.picture for entry in entries if entry.picture}
    with new_publication(out) as (folder, earlier):
        pictures = make_pictures(names, pictures_home, folder, earlier, lambda done: say("pictures", done))
        for name, data in static_files().items():
            (folder / "assets" / name).write_bytes(data)
        payload = as_bytes(document(catalogue, pictures))
        (folder / DATA).write_bytes(payload)
        if signer is not None:
            (folder / SIGNED).write_bytes(sign_catalogue(signer, payload))
        for file in ("search", "zh/product", "en/product"):
            (folder / file).mkdir(parents=True)
        for file, text in index_files(search_documents(catalogue)):
            (folder / file).write_text(text, encoding="utf-8", newline="\n")
        site = Site(catalogue, pictures, divisions or DivisionTable(), base_url, signed=signer is not None)
        pages, largest = _write_pages(site, folder, say)
        files = sum(1 for path in folder.rglob("*") if path.is_file()) + 1
    return Published(pages, files, largest, pictures.unusable)


def _write_pages(site: Site, folder: Path, say: Callable[[str, int], None]) -> tuple[int, int]:
    pages = largest = 0
    for page in site.pages():
        with open(f"{folder}/{page.file}", "wb", buffering=0) as stream:  # the shortest way: there are ten thousands
            stream.write(page.html)
        pages += 1
        largest = max(largest, len(page.html))
        if pages % SAID_EVERY == 0:
            say("pages", pages)
    return pages, largest


def search_documents(catalogue: PublicCatalogue) -> list[Document]:
    """What a search finds, brands first, then parties, products, certificates."""
    found = [
        Document(brand_page(b), b.name_zh, b.name_en, "品牌", "Brand", (b.name_zh, b.name_en, b.id))
        for b in catalogue.brands
    ]
    found += [
        Document(
            party_page(p), p.name_zh, p.name_en, "主体", "Grower or packer", (p.name_zh, p.name_en, p.id, p.uscc or "")
        )
        for p in catalogue.parties
    ]
    for one in catalogue.products:
        product, party, brand = one.product, one.party, one.brand
        gtin = product.gtin or ""
        texts: tuple[str, ...] = (
            product.name_zh,
            product.name_en,
            product.id,
            gtin,
            gtin.lstrip("0"),
            party.name_zh,
            party.name_en,
        )
        texts += (brand.name_zh, brand.name_en) if brand else ()
        texts += tuple(name for grade in one.grades for name in (grade.name_zh, grade.name_en))
        weight = weight_in_words(product.weight_g) if product.weight_g else ""
        texts += tuple(measures_of(" ".join((product.name_zh, product.name_en, weight))))
        names = (product.name_zh, product.name_en, party.name_zh, party.name_en)
        found.append(Document(product_page(one), *names, texts))
    return found + _certificates(catalogue)


def _certificates(catalogue: PublicCatalogue) -> list[Document]:
    """Certificates by kind, number and issuer; each leads to its product, or to its party where it names none."""
    parties = {party.id: party for party in catalogue.parties}
    products = {(one.product.party_id, one.product.id): one for one in catalogue.products}
    found = []
    for one in catalogue.certifications:
        party, held = parties[one.party_id], products.get((one.party_id, one.product_id or ""))
        about = held.product if held else party
        kind = CERTIFICATION_WORDS[one.kind]
        texts = (kind.zh, kind.en, one.number, one.issuer, about.name_zh, about.name_en)
        page = product_page(held) if held else party_page(party)
        title_en = f"{kind.en[:1].upper()}{kind.en[1:]} {one.number}"
        found.append(Document(page, f"{kind.zh} {one.number}", title_en, about.name_zh, about.name_en, texts))
    return found
