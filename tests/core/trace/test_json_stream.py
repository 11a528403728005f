"""Values out of a JSON text bit by bit: the same as ``json.loads`` of the whole, whatever the pieces."""

import io
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracelib.trace.documents import json_stream
from tracelib.trace.documents.json_stream import Doubled, JsonStream, JsonTextError

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


class Slowly(io.StringIO):
    """Gives a few characters at a time, however many are asked for."""

    def read(self, size: int | None = -1) -> str:
        return super().read(3)


def elements(text: str) -> list[Any]:
    stream = JsonStream(Slowly(text))
    stream.take("[")
    found = []
    if not stream.takes("]"):
        found.append(stream.value())
        while stream.takes(","):
            found.append(stream.value())
        stream.take("]")
    stream.end()
    return found


@given(st.lists(JSON, max_size=5), st.sampled_from([None, 2]))
@settings(max_examples=150, deadline=None)
def test_any_list_in_pieces_is_what_json_loads_gives(values: list[Any], indent: int | None) -> None:
    text = json.dumps(values, indent=indent)
    assert elements(text) == json.loads(text)


def test_numbers_are_not_cut_where_a_piece_ends() -> None:
    assert elements("[123456789, 1.5e10 ,-0.25]") == [123456789, 1.5e10, -0.25]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[1,\n2\n3]", 3),
        ("[1,\n\n{]", 3),
        ("[1", 1),
        ("[NaN]", 1),
        ("[Infinity]", 1),
        ("[1] x", 1),
        ("[" + "9" * 5000 + "]", 1),
        ("[" * 50_000, 1),
        ('["\n"]', 1),
    ],
)
def test_what_is_no_json_is_told_with_its_line(text: str, line: int) -> None:
    with pytest.raises(JsonTextError) as caught:
        elements(text)
    assert caught.value.params["line"] == line


def test_a_field_named_twice_is_known() -> None:
    (value,) = elements('[{"a": {"b": 1, "c": 2, "b": 3}}]')
    assert value == {"a": {"b": 3, "c": 2}}
    assert isinstance(value["a"], Doubled)
    assert value["a"].name == "b"
    assert not isinstance(value, Doubled)


def test_one_value_has_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_stream, "LARGEST_VALUE", 1000)
    assert elements(f'["{"x" * 900}", "{"y" * 900}"]') == ["x" * 900, "y" * 900]
    with pytest.raises(JsonTextError):
        elements(f'["{"x" * 2000}"]')
