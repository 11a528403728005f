"""The public catalogue as JSON whose bytes depend on nothing but its content (RFC 8785).

The layout is described in ``docs/code-format.md``, "Catalogue". Keys stand in order, there is no space between tokens,
text is UTF-8 with as few escapes as JSON allows, numbers are whole, what is empty or not there has no key.
"""

import json
from collections.abc import Mapping
from datetime import date

from pydantic import BaseModel

from tracelib.publish.pictures import Pictures
from tracelib.publish.view import PublicCatalogue, PublicProduct

FORMAT = "tracelib/catalogue/1"
_PARTY = ("id", "name_zh", "name_en", "uscc", "gln", "division", "description_zh", "description_en")
_BRAND = ("id", "owner", "name_zh", "name_en", "description_zh", "description_en", "hosts")
_PRODUCT = (
    "party_id",
    "id",
    "name_zh",
    "name_en",
    "gtin",
    "gtin_licensed",
    "weight_g",
    "pack_size",
    "description_zh",
    "description_en",
)
_CERTIFICATION = ("party_id", "id", "kind", "number", "issuer", "product_id")
_DAYS = ("valid_from", "valid_to")


def document(catalogue: PublicCatalogue, pictures: Pictures) -> dict[str, object]:
    """The public catalogue as plain JSON values. Contacts, addresses and quotas are no part of it."""
    return {
        "format": FORMAT,
        **({"environment": "test"} if catalogue.test else {}),
        "day": catalogue.day.isoformat(),
        "title": {"zh": catalogue.title.zh, "en": catalogue.title.en},
        "parties": [_entry(party, _PARTY, pictures) for party in catalogue.parties],
        "brands": [_entry(brand, _BRAND, pictures) for brand in catalogue.brands],
        "products": [_product(one, pictures) for one in catalogue.products],
        "certifications": [_entry(one, _CERTIFICATION, pictures) for one in catalogue.certifications],
    }


def as_bytes(value: Mapping[str, object]) -> bytes:
    """Deterministic JSON; for our values (no fractions, keys in ASCII, no control characters) that is RFC 8785."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _product(one: PublicProduct, pictures: Pictures) -> dict[str, object]:
    entry = _entry(one.product, _PRODUCT, pictures)
    if one.brand is not None:
        entry["brand_id"] = one.brand.id
    if one.grades:
        entry["grades"] = [_entry(grade, ("number", "name_zh", "name_en"), pictures) for grade in one.grades]
    return entry


def _entry(value: BaseModel, fields: tuple[str, ...], pictures: Pictures) -> dict[str, object]:
    entry = {name: _plain(getattr(value, name)) for name in (*fields, *_DAYS) if getattr(value, name, None)}
    picture = pictures.of(getattr(value, "picture", ""))
    if picture is not None:
        entry["picture"] = {"file": picture.file, "sha256": picture.sha256}
    return entry


def _plain(value: object) -> object:
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if isinstance(value, date) else value
