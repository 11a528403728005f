"""The symbol of a code: segments, level, version, and that others read it."""

from collections.abc import Callable
from typing import Any, Literal

import cv2
import numpy as np
import pytest
import qrcode
import zxingcpp
from hypothesis import example, given, settings
from hypothesis import strategies as st
from qrcode.util import QRData

from tracelib.labels.errors import LabelCodeError
from tracelib.labels.symbol import encode_symbol, version_of

HOST = "https://q.example.com/"
BLOB = "A2" * 60
BYTES: Literal[4] = 4
ALPHANUMERIC: Literal[2] = 2
"""Mode indicators (ISO/IEC 18004:2015, table 2)."""
Parse = Callable[[np.ndarray], Any]


def picture(modules: np.ndarray, scale: int = 4) -> np.ndarray:
    light = np.pad(np.where(modules, 0, 255).astype(np.uint8), 4, constant_values=255)
    return np.kron(light, np.ones((scale, scale), np.uint8))


def by_qrcode(url: str, cut: int, version: int, mask: int) -> np.ndarray:
    """The same symbol by another encoder that was told its segments."""
    code = qrcode.QRCode(version, error_correction=qrcode.ERROR_CORRECT_M, mask_pattern=mask, border=0)
    code.add_data(QRData(url[:cut].encode(), mode=BYTES))
    code.add_data(QRData(url[cut:].encode(), mode=ALPHANUMERIC))
    code.make(fit=False)
    return np.array(code.get_matrix())


def test_every_vector_has_two_segments_at_level_m(vector_urls: list[str], parse_symbol: Parse) -> None:
    for url in vector_urls:
        parsed = parse_symbol(encode_symbol(url).modules)
        assert parsed.segments == [("byte", HOST), ("alphanumeric", url.removeprefix(HOST))]
        assert parsed.level == "M"


def test_versions_of_the_vectors(vector_urls: list[str]) -> None:
    # 355 bits for a sticker: 4-M holds 512, 3-M 352 (ISO/IEC 18004:2015, table 7)
    assert [encode_symbol(url).version for url in vector_urls] == [8] * 7 + [4] * 2


@pytest.mark.parametrize(("length", "version"), [(150, 8), (209, 8), (210, 9)])
def test_version_8_holds_209_characters(length: int, version: int, parse_symbol: Parse) -> None:
    url = (HOST + BLOB + "/P/" + "9" * 100)[:length]
    symbol = encode_symbol(url)
    assert (symbol.version, version_of(url), symbol.size) == (version, version, 17 + 4 * version)
    assert parse_symbol(symbol.modules).version == version


def test_same_modules_as_another_encoder(vector_urls: list[str], parse_symbol: Parse) -> None:
    for url in vector_urls:
        modules = encode_symbol(url).modules
        mask = parse_symbol(modules).mask
        assert np.array_equal(modules, by_qrcode(url, len(HOST), (len(modules) - 17) // 4, mask))


@pytest.mark.parametrize("reader", ["zxing", "opencv"])
def test_other_decoders_read_every_vector(vector_urls: list[str], reader: str) -> None:
    for url in vector_urls:
        image = picture(encode_symbol(url).modules)
        if reader == "zxing":
            found = zxingcpp.read_barcode(image)
            assert found is not None
            assert found.text == url
        else:
            assert cv2.QRCodeDetector().detectAndDecode(image)[0] == url


digits_and_letters = st.text("0123456789", min_size=1, max_size=20) | st.text(
    "0123456789ABC.-", min_size=1, max_size=20
)
hosts = st.text("0123456789.-", min_size=1, max_size=24) | st.from_regex(
    r"[a-z0-9]{1,8}\.[0-9]{1,8}\.cn", fullmatch=True
)


@settings(max_examples=150, deadline=None)
@given(host=hosts, product=digits_and_letters, lot=digits_and_letters, serial=digits_and_letters)
@example(host="192.168.100.100", product="06901234567892", lot="20260115000123456789", serial="12345678901234")
@example(host="q.example.com:8443", product="0", lot="1", serial="12345678")
def test_digits_never_change_the_segments(host: str, product: str, lot: str, serial: str, parse_symbol: Parse) -> None:
    head, rest = f"https://{host}/", f"{BLOB}/P/{product}/10/{lot}/21/{serial}"
    modules = encode_symbol(head + rest).modules
    parsed = parse_symbol(modules)
    assert parsed.segments == [("byte", head), ("alphanumeric", rest)]
    assert np.array_equal(modules, by_qrcode(head + rest, len(head), parsed.version, parsed.mask))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "https://q.example.com",
        "https://q.example.com/",
        "HTTPS://q.example.com/" + BLOB,
        "https://Q.example.com/" + BLOB,
        "http://q.example.com/" + BLOB,
        HOST + BLOB.lower(),
        HOST + BLOB + "/P/赣南",
        HOST + BLOB + "/P/１",
        HOST + BLOB + "/P/A B",
        HOST + BLOB + "/P/A%20B",
        HOST + BLOB + "?x=1",
        HOST + BLOB + "\n",
    ],
)
def test_what_no_code_looks_like_is_refused(url: str) -> None:
    with pytest.raises(LabelCodeError):
        encode_symbol(url)


def test_longest_and_too_long() -> None:
    # 9-M: 182 codewords; 1456 - 12 - 8*22 - 13 = 1255 bits are 228 characters
    assert encode_symbol(HOST + "A" * 228).version == 9
    with pytest.raises(LabelCodeError) as refused:
        encode_symbol(HOST + "A" * 229)
    assert refused.value.message().endswith(
        "cannot become a symbol: it has 229 characters after the host. Expected https://host/ in lower case and after "
        "it at most 228 characters of 0-9 A-Z and . / - only."
    )
