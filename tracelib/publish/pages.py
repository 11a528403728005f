"""The pages: which there are, what stands on each, in which language."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache, cached_property
from importlib.resources import files
from typing import Any, TypeVar

import jinja2

from tracelib.catalog.brand import Brand
from tracelib.catalog.certification import CERTIFICATION_WORDS, Certification
from tracelib.catalog.fields import ShownFields
from tracelib.catalog.party import Party
from tracelib.identifiers.division import DivisionCode, DivisionTable
from tracelib.publish.errors import PageTooLargeError
from tracelib.publish.pictures import Picture, Pictures
from tracelib.publish.view import PublicCatalogue, PublicProduct
from tracelib.text import LANGUAGES, Language, LocalizedText, phrase, translator

T = TypeVar("T")
LARGEST_PAGE = 50_000
"""Bytes of a page and of everything that it loads at first view: HTML, style, script, and each picture that is not
loaded lazily. Counted unpacked, as files."""
STATIC = ("style.css", "search.js", "mark.svg")
LINKED = ("style.css", "search.js", "mark.svg")
CARDS, ROWS, TOP, HELD = 16, 20, 12, 8
_CODES = {"zh": "zh-Hans", "en": "en"}
TEST = phrase("TEST: this catalogue was made for trying out. It says nothing about real goods.")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its file below the publication, and its HTML."""

    file: str
    html: bytes


def static_files() -> dict[str, bytes]:
    """Style, script and mark by name, as they are copied to ``assets/``."""
    folder = files("tracelib.publish") / "static"
    return {name: (folder / name).read_bytes() for name in STATIC}


def product_page(one: PublicProduct) -> str:
    """A product's page below the language's folder."""
    return f"product/{one.product.party_id}_{one.product.id}.html"


def brand_page(brand: Brand) -> str:
    """A brand's page below the language's folder."""
    return f"brand-{brand.id}.html"


def party_page(party: Party) -> str:
    """A party's page below the language's folder."""
    return f"party-{party.id}.html"


def certificates_page(party: Party) -> str:
    """The page of all certificates of a party with more than fit on its own; no own number has an underscore."""
    return f"{_certificates_stem(party)}.html"


def _certificates_stem(party: Party) -> str:
    return f"party-{party.id}_certificates"


class Site:
    """Renders every page of a public catalogue. ``base_url`` is where it will stand, for absolute links between the
    languages; empty for relative ones. ``signed`` says that the signed data stands beside the pages.
    """

    def __init__(
        self,
        catalogue: PublicCatalogue,
        pictures: Pictures,
        divisions: DivisionTable,
        base_url: str,
        *,
        signed: bool = False,
    ) -> None:
        self._signed = signed
        self._catalogue = catalogue
        self._pictures = pictures
        self._divisions = divisions
        self._base_url = base_url.rstrip("/")
        self._static = static_files()
        self._fixed_bytes = sum(len(self._static[name]) for name in LINKED)
        loader = jinja2.PackageLoader("tracelib.publish")
        self._jinja = jinja2.Environment(
            loader=loader, autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=jinja2.StrictUndefined
        )
        self._jinja.globals.update(
            kilograms=weight_in_words,
            product_page=product_page,
            brand_page=brand_page,
            party_page=party_page,
            certificates_page=certificates_page,
        )

    def pages(self) -> Iterator[Page]:
        """Every page, first the one that leads to both languages."""
        yield self._door()
        for language in LANGUAGES:
            yield from self._of(language)

    @cached_property
    def _products_of(self) -> dict[tuple[str, str], list[PublicProduct]]:
        """Products by ("brand", id) and by ("party", id)."""
        found: dict[tuple[str, str], list[PublicProduct]] = {}
        for one in self._catalogue.products:
            found.setdefault(("party", one.product.party_id), []).append(one)
            if one.brand is not None:
                found.setdefault(("brand", one.brand.id), []).append(one)
        return found

    @cached_property
    def _owned(self) -> dict[str, list[Certification]]:
        """Certificates by party: its own first, then those of its products."""
        found: dict[str, list[Certification]] = {}
        for one in sorted(self._catalogue.certifications, key=lambda held: held.product_id is not None):
            found.setdefault(one.party_id, []).append(one)
        return found

    def _door(self) -> Page:
        chinese = translator("zh")("publish", TEST)
        html = self._jinja.get_template("door.html").render(
            title=self._catalogue.title,
            root="",
            day=self._catalogue.day,
            test=LocalizedText(zh=chinese, en=TEST) if self._catalogue.test else None,
        )
        return self._weighed("index.html", html.encode(), ())

    def _of(self, language: Language) -> Iterator[Page]:
        view, render = self._catalogue, _Renderer(self, language)
        yield render.page("home.html", "index.html", products=view.products[:TOP], brands=view.brands[:6])
        yield from render.lists("brands.html", "brands", view.brands, CARDS, "brands")
        yield from render.lists("products.html", "products", view.products, CARDS, "products")
        yield from render.lists("parties.html", "parties", view.parties, CARDS, "parties")
        every = view.certifications
        yield from render.lists("certifications.html", "certifications", every, ROWS, "certifications", of=None)
        parties = {party.id: party for party in view.parties}
        for brand in view.brands:
            own = self._products_of.get(("brand", brand.id), [])
            used_by = list({one.product.party_id: one.party for one in own}.values())
            about = {
                "brand": brand,
                "owner": parties.get(brand.owner),
                "used_by": used_by[:8],
                "more": len(used_by) - 8,
            }
            yield from render.lists("brand.html", f"brand-{brand.id}", own, CARDS, "products", **about)
        for party in view.parties:
            own = self._products_of.get(("party", party.id), [])
            held = self._owned.get(party.id, [])
            shown = {"party": party, **_held(held), "origin": self._origin(party)}
            yield from render.lists("party.html", f"party-{party.id}", own, CARDS, "products", **shown)
            if len(held) > HELD:
                stem = _certificates_stem(party)
                yield from render.lists("certifications.html", stem, held, ROWS, "certifications", of=party)
        for one in view.products:
            shown = {"one": one, **_held(one.certifications), "origin": self._origin(one.party)}
            yield render.page("product.html", product_page(one), **shown)

    def _origin(self, party: Party) -> str:
        """The name of a party's division; empty where there is none, or the table does not know it."""
        if not party.division:
            return ""
        return self._divisions.full_name(DivisionCode(party.division), self._catalogue.day) or ""

    def _weighed(self, file: str, html: bytes, eager: Iterable[int]) -> Page:
        found = len(html) + self._fixed_bytes + sum(eager)
        if found > LARGEST_PAGE:
            raise PageTooLargeError(page=file, found=found, limit=LARGEST_PAGE)
        return Page(file, html)


class _Renderer:
    """Renders pages in one language, with what all of them share."""

    def __init__(self, site: Site, language: Language) -> None:
        self._site = site
        self._language = language
        translate = translator(language)
        say = cache(lambda text: translate("publish", text))
        self._templates: dict[str, jinja2.Template] = {}
        view = site._catalogue
        self._shared: dict[str, Any] = {
            "language": language,
            "code": _CODES[language],
            "say": say,
            "title": view.title,
            "day": view.day,
            "signed": site._signed,
            "test": say(TEST) if view.test else "",
            "counts": {
                "brands": len(view.brands),
                "products": len(view.products),
                "parties": len(view.parties),
                "certifications": len(view.certifications),
            },
            "picture_of": lambda entry: site._pictures.of(entry.picture),
            "certification_words": {kind: _capital(text.pick(language)) for kind, text in CERTIFICATION_WORDS.items()},
            "products_of_party": {(p.product.party_id, p.product.id): p for p in view.products},
            "parties_by_id": {party.id: party for party in view.parties},
            "named": lambda entry: (entry.name_en if language == "en" else "") or entry.name_zh,
            "foreign": lambda entry: language == "en" and not entry.name_en,
            "described": lambda entry: (
                (entry.description_en or entry.description_zh)
                if language == "en"
                else (entry.description_zh or entry.description_en)
            ),
            "described_in": lambda entry: _described_in(entry, language),
        }

    def lists(
        self, template: str, stem: str, items: Sequence[T], at_once: int, name: str, **about: object
    ) -> Iterator[Page]:
        """A list as pages of ``at_once`` items; one page where there are none."""
        total = max(1, -(-len(items) // at_once))
        for number in range(1, total + 1):
            shown = items[(number - 1) * at_once : number * at_once]
            values = {name: shown, "count": len(items), "number": number, "total": total, "stem": stem}
            yield self.page(template, _numbered(stem, number), **values, **about)

    def page(self, template: str, file: str, **values: object) -> Page:
        """One page. The picture that is seen at once is the large one, or the small one where the rest is long."""
        depth = file.count("/")
        base = self._site._base_url
        shared = {
            **self._shared,
            "file": file,
            "here": "../" * depth,
            "root": "../" * (depth + 1),
            "absolute": f"{base}/" if base else "../" * (depth + 1),
            "other": "en" if self._language == "zh" else "zh",
            "numbered": _numbered,
            **values,
        }
        made = self._templates.setdefault(template, self._site._jinja.get_template(template))
        picture = self._picture(values)
        name = f"{self._language}/{file}"
        html = made.render(**shared, main=_main(picture, small=False)).encode()
        if picture is None:
            return self._site._weighed(name, html, ())
        if len(html) + self._site._fixed_bytes + picture.bytes <= LARGEST_PAGE:
            return self._site._weighed(name, html, (picture.bytes,))
        html = made.render(**shared, main=_main(picture, small=True)).encode()
        return self._site._weighed(name, html, (picture.small_bytes,))

    def _picture(self, values: Mapping[str, object]) -> Picture | None:
        """The picture that a page is about."""
        if values.get("number", 1) != 1:
            return None
        one = values.get("one")
        entry = one.product if isinstance(one, PublicProduct) else values.get("brand") or values.get("party")
        return self._site._pictures.of(entry.picture) if isinstance(entry, ShownFields) else None


def weight_in_words(grams: int) -> str:
    """A weight as people read it: ``5 kg``, ``250 g``."""
    return f"{grams} g" if grams < 1000 else f"{format(Decimal(grams).scaleb(-3).normalize(), 'f')} kg"


def _held(certifications: Sequence[Certification]) -> dict[str, object]:
    """The certificates that a page of something shows, and how many more there are."""
    return {"certifications": certifications[:HELD], "more": max(0, len(certifications) - HELD)}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _main(picture: Picture | None, *, small: bool) -> dict[str, object] | None:
    if picture is None:
        return None
    if small:
        return {"file": picture.small_file, "width": picture.small_width, "height": picture.small_height}
    return {"file": picture.file, "width": picture.width, "height": picture.height}


def _described_in(entry: Brand | Party, language: Language) -> str:
    """The language code of a description that is shown in place of one in the page's language; else empty."""
    own, other = (
        (entry.description_en, entry.description_zh)
        if language == "en"
        else (entry.description_zh, entry.description_en)
    )
    return _CODES["zh" if language == "en" else "en"] if other and not own else ""


def _numbered(stem: str, number: int) -> str:
    return f"{stem}.html" if number == 1 else f"{stem}_{number}.html"
