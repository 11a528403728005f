"""One unit, one id, however its characters are escaped. Expected by RFC 3986 and the table of Digital Link 1.2."""

import pytest

from tracelib.trace.key_uri import identity_uri, is_key
from tracelib.trace.objects import object_id

ITEM = "https://id.gs1.org/01/04012345111224"


@pytest.mark.parametrize(
    ("value", "spellings"),
    [
        ("21/A%2F1", ["urn:epc:id:sgtin:4012345.011122.A%2F1", f"{ITEM}/21/A%2F1",
                      "https://firm.example/x/01/04012345111224/21/A%2f1?linkType=all"]),
        ("21/A%281%29", ["urn:epc:id:sgtin:4012345.011122.A(1)", f"{ITEM}/21/A(1)", f"{ITEM}/21/A%281%29"]),
        ("21/A%2B1", ["urn:epc:id:sgtin:4012345.011122.A+1", "https://firm.example/gtin/04012345111224/ser/A+1"]),
        ("21/A%2C1", ["urn:epc:id:sgtin:4012345.011122.A,1", f"{ITEM}/10/L%2F2/21/A,1"]),
        ("21/AA", [f"{ITEM}/21/A%41", f"{ITEM}/21/AA"]),
        ("10/2026%2F11", ["urn:epc:class:lgtin:4012345.011122.2026%2F11",
                          "https://firm.example/01/04012345111224/10/2026%2F11"]),
    ],
)  # fmt: skip
def test_one_object_in_any_spelling(value: str, spellings: list[str]) -> None:
    for uri in spellings:
        assert object_id(uri) == f"{ITEM}/{value}", uri
        assert is_key(uri)


@pytest.mark.parametrize(
    "uri",
    [
        "https://firm.example/a:b",
        "urn:x:a%2Fb",
        "https://firm.example/01/04012345111224/21/a%20b",
        "A%2F1",
        "https://%",
    ],
)
def test_what_is_no_key_stays_as_it_is(uri: str) -> None:
    """A space is not of the 82 characters that a serial may have."""
    assert identity_uri(uri) == uri
    assert not is_key(uri)
