"""GS1 keys as URIs: all spellings of the published list, and what must stay as it is."""

import json
from pathlib import Path

import pytest

from tracelib.trace.key_uri import canonical_key_uri

ID = "https://id.gs1.org"


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        # From the pre-hash text that GS1 publishes with epclist_normalisation.jsonld
        ("urn:epc:id:sgtin:0614141.812345.67%2F%22!%3F()", f"{ID}/01/80614141123458/21/67%2F%22%21%3F%28%29"),
        ("urn:epc:id:sgtin:415056789012.0.987654", f"{ID}/01/04150567890128/21/987654"),
        ("urn:epc:id:sscc:4012345.3111111111", f"{ID}/00/340123451111111111"),
        ("urn:epc:id:sgln:4012345.00005.122", f"{ID}/414/4012345000054/254/122"),
        ("urn:epc:id:sgln:4012345.00005.0", f"{ID}/414/4012345000054"),
        ("urn:epc:id:grai:4012345.00022.334455", f"{ID}/8003/04012345000221334455"),
        ("urn:epc:id:gdti:987659999999..9", f"{ID}/253/98765999999929"),
        ("urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234", f"{ID}/8010/061414111111111111111-A%23%2F/8011/1234"),
        ("urn:epc:id:pgln:999999999999.", f"{ID}/417/9999999999994"),
        ("urn:epc:class:lgtin:4012345.012345.Lot987", f"{ID}/01/04012345123456/10/Lot987"),
        # From epcisDocWithAllGS1Keys.hashes (patterns)
        ("urn:epc:idpat:sgtin:4054739.099914.*", f"{ID}/01/04054739999148"),
        ("urn:epc:idpat:grai:4012345.66666.*", f"{ID}/8003/04012345666663"),
        ("urn:epc:idpat:itip:4012345.012345.01.02.*", f"{ID}/8006/040123451234560102"),
        ("urn:epc:idpat:cpi:4012345.ABC.*", f"{ID}/8010/4012345ABC"),
        # As the reference implementation (1.9.3) answers
        ("https://example.com/01/04012345123456/22/2A/10/ab/21/c", f"{ID}/01/04012345123456/21/c"),
        ("https://example.com/01/12345670/21/1", f"{ID}/01/00000012345670/21/1"),
        ("https://example.com/p/01/04012345123456?x=1#f", f"{ID}/01/04012345123456"),
        ("https://example.com:8080/01/04012345123456/21/9", f"{ID}/01/04012345123456/21/9"),
        ("https://example.com/8006/040123451234560102/10/L/21/999", f"{ID}/8006/040123451234560102/21/999"),
        ("https://example.com/253/4012345000054987", f"{ID}/253/4012345000054987"),
    ],
)  # fmt: skip
def test_canonical(given: str, expected: str) -> None:
    assert canonical_key_uri(given) == expected


@pytest.mark.parametrize(
    "uri",
    [
        "https://q.example.com/P/CHENG-5KG/10/L2026/21/AB12XYZ00000001",
        "https://q.example.com/U/AB12XYZ00000001",
        "https://q.example.com/P/401/10/8004/21/414",
        "https://example.com/01/123/21/1",
        "https://example.com/01/04012345123456/21/ab%2fc",
        "https://example.com/01/04012345123456/21/１",
        "https://example.com/00/04012345000000333",
        "https://example.com",
        "urn:epc:id:sgtin:0614141.12345.1",
        "urn:epc:id:sgtin:0614141.812345",
        "urn:epc:id:unknown:0614141.812345.1",
        "urn:epc:id:sscc:0614141.１234567890",
        "urn:epc:id:sgtin:0614141..1",
        "urn:epc:id:itip:0614141.812345.1.2.3",
        "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        "",
    ],
)
def test_what_names_no_key_stays(uri: str) -> None:
    assert canonical_key_uri(uri) == uri


def test_whole_published_list_of_23_spellings(conformance_data: Path) -> None:
    folder = conformance_data / "epcis" / "event-hash"
    document = json.loads((folder / "epclist_normalisation.jsonld").read_text())
    uris = document["epcisBody"]["eventList"][0]["epcList"]
    assert len(uris) == 23
    text = (folder / "epclist_normalisation.prehashes").read_text()
    listed = text.partition("epcListepc=")[2].partition("action=")[0].split("epc=")
    assert sorted(map(canonical_key_uri, uris)) == listed
