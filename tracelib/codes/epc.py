"""A code's name in EPCIS events (docs/code-format.md, "Profile A", last point).

Global GS1 identifiers become GS1 Digital Link URIs at ``id.gs1.org``; everything else stays below the issuer's own
registered host, never the scanned one.
"""

from tracelib.codes.record import CodeRecord
from tracelib.identifiers.gtin import Gtin

GS1_RESOLVER = "https://id.gs1.org"


def epc_uri(record: CodeRecord, home: str, licensed: bool) -> str:
    """The URI for ``record``. ``home`` is the host in the issuer's delegation; ``licensed`` whether its GTIN is.

    A GTIN of restricted circulation never leaves as a global one, whatever ``licensed`` says. The lot of a licensed
    GTIN belongs into the event's ``ilmd``.
    """
    if record.sscc is not None:
        return f"{GS1_RESOLVER}/00/{record.sscc}"
    if record.gtin is not None and licensed and not Gtin(record.gtin).is_restricted:
        return f"{GS1_RESOLVER}/01/{record.gtin}/21/{record.serial}"
    if record.product_key is None:
        return f"https://{home}/U/{record.serial}"
    return f"https://{home}/P/{record.gtin or record.product}/10/{record.lot}/21/{record.serial}"
