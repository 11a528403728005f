"""One object, one id, however it is written. Expected values by hand from the GS1 and code format rules."""

import pytest

from tracelib.trace.objects import Role, object_id, objects_of

SERIAL = "7KQX9Y93Q6MJ608"
"""A worked serial of docs/code-format.md."""


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("urn:epc:id:sscc:0614141.1234567890", "106141412345678908"),
        ("https://id.gs1.org/00/106141412345678908", "106141412345678908"),
        ("https://shop.example.com/x/00/106141412345678908?s=1", "106141412345678908"),
        (f"https://id.gs1.org/01/06901234567892/21/{SERIAL}", SERIAL),
        (f"https://q.example.com/01/06901234567892/10/A1/21/{SERIAL}?x=y", SERIAL),
        (f"https://q.example.com/P/ORANGE/10/A1/21/{SERIAL}", SERIAL),
        (f"https://q.example.com/U/{SERIAL}", SERIAL),
        (f"https://q.example.com/U/{SERIAL[:-1]}9", f"https://q.example.com/U/{SERIAL[:-1]}9"),
        ("urn:epc:id:sgtin:0614141.107346.2018", "https://id.gs1.org/01/10614141073464/21/2018"),
        ("urn:epc:class:lgtin:4012345.012345.998877", "https://id.gs1.org/01/04012345123456/10/998877"),
        ("urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8", "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"),
        ("ex:box/7", "https://example.com/things/box/7"),
    ],
)
def test_spellings_of_one_object(uri: str, expected: str) -> None:
    assert object_id(uri, {"ex": "https://example.com/things/"}) == expected


def test_a_long_uri_is_known_by_its_hash() -> None:
    long = "https://example.com/" + "x" * 500
    assert object_id(long).startswith("ni:///sha-256;")
    assert object_id(long) != object_id(long + "y")


def test_objects_of_a_transformation() -> None:
    event = {
        "type": "TransformationEvent",
        "inputQuantityList": [{"epcClass": "https://q.example.com/P/PADDY/10/H1", "quantity": 1000, "uom": "KGM"}],
        "outputEPCList": ["urn:epc:id:sscc:0614141.1234567890"],
        "outputQuantityList": [{"epcClass": "https://q.example.com/P/RICE/10/R1", "quantity": 500.5, "uom": "KGM"}],
    }
    assert [(one.object_id, one.role, one.is_class, one.quantity) for one in objects_of(event)] == [
        ("106141412345678908", Role.OUTPUT, False, None),
        ("https://q.example.com/P/PADDY/10/H1", Role.INPUT, True, 1000),
        ("https://q.example.com/P/RICE/10/R1", Role.OUTPUT, True, 500.5),
    ]


@pytest.mark.parametrize(
    ("epc", "ilmd", "lot"),
    [
        (f"https://id.gs1.org/01/06901234567892/21/{SERIAL}", {"cbvmda:lotNumber": "A1"}, "01/06901234567892/10/A1"),
        ("urn:epc:id:sgtin:0614141.107346.2018", {"cbvmda:lotNumber": "A1"}, "01/10614141073464/10/A1"),
        (f"https://q.example.com/P/ORANGE/10/A1/21/{SERIAL}", {}, "P/ORANGE/10/A1"),
        (f"https://id.gs1.org/01/06901234567892/21/{SERIAL}", {}, ""),
    ],
)
def test_units_belong_to_the_lot_that_their_first_event_names(epc: str, ilmd: dict[str, str], lot: str) -> None:
    event = {"type": "ObjectEvent", "action": "ADD", "epcList": [epc], "ilmd": ilmd}
    lots = [one.object_id for one in objects_of(event) if one.role is Role.LOT]
    assert [found.split("/", 3)[3] for found in lots] == ([lot] if lot else [])
    assert [one for one in objects_of({**event, "action": "OBSERVE"}) if one.role is Role.LOT] == []


def test_an_object_named_twice_in_a_role_counts_once() -> None:
    event = {"type": "ObjectEvent", "action": "OBSERVE", "epcList": ["urn:epc:id:sscc:0614141.1234567890"] * 2}
    assert len(objects_of(event)) == 1
