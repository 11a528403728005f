"""Stickers and names in events: the worked values, and what is refused."""

from typing import Any

import pytest

from tracelib.codes.epc import epc_uri
from tracelib.codes.errors import NotOurCodeError, SerialError
from tracelib.codes.record import CodeRecord
from tracelib.codes.sticker import UnverifiedSticker, mac_fits, sticker_mac, sticker_url
from tracelib.codes.url import read_code
from tracelib.trust.serial_key import sticker_key

SERIAL = "7KQXV58MQ1EQ9TA"


def test_worked_stickers(vectors: dict[str, Any]) -> None:
    key = sticker_key(bytes.fromhex(vectors["serials"]["k"]))
    assert key.hex() == vectors["stickers"]["sticker_key"]
    for case in vectors["stickers"]["cases"]:
        assert sticker_mac(key, case["serial"]) == case["mac"]
        assert sticker_url(key, case["serial"], "q.example.com") == case["url"]
        read = read_code(case["url"])
        assert read == UnverifiedSticker(case["serial"], case["mac"])
        assert isinstance(read, UnverifiedSticker)
        assert mac_fits(key, read)
        assert not mac_fits(key, UnverifiedSticker(read.serial, read.mac and ("A" + read.mac[1:])))
        assert not mac_fits(key, UnverifiedSticker(read.serial))


@pytest.mark.parametrize(
    "text",
    [
        f"https://h/{SERIAL}ZCMQUMRZCD4LY",
        f"http://h:80/{SERIAL.lower()}zcmqumrzcd4ly/?x=1",
        f" HTTPS://H/{SERIAL}ZCMQUMRZCD4LY\r\n",
    ],
)
def test_stickers_as_readers_send_them(text: str) -> None:
    assert read_code(text) == UnverifiedSticker(SERIAL, "ZCMQUMRZCD4LY")


@pytest.mark.parametrize(
    "text",
    [
        f"https://h/{SERIAL[:-1]}BZCMQUMRZCD4LY",  # check character
        f"https://h/{SERIAL}ZCMQUMRZCD4L",  # a character short
        f"https://h/{SERIAL}ZCMQUMRZCD4L1",  # no base32
        f"https://h/x/{SERIAL}ZCMQUMRZCD4LY",  # a path
        f"https://h/{SERIAL}ZCMQUMRZCD4LY//",
        f"https://h/{SERIAL}ZCMQUMRZCD4ＬY",
        f"{SERIAL}ZCMQUMRZCD4LY",
    ],
)
def test_what_is_no_sticker(text: str) -> None:
    with pytest.raises(NotOurCodeError):
        read_code(text)


def test_no_sticker_for_a_wrong_serial() -> None:
    with pytest.raises(SerialError):
        sticker_url(bytes(32), SERIAL[:-1] + "B", "h")


@pytest.mark.parametrize(
    ("record", "licensed", "uri"),
    [
        (
            CodeRecord(gtin="06901234567892", lot="A1", serial=SERIAL),
            True,
            f"https://id.gs1.org/01/06901234567892/21/{SERIAL}",
        ),
        (
            CodeRecord(gtin="06901234567892", lot="A1", serial=SERIAL),
            False,
            f"https://h.cn/P/06901234567892/10/A1/21/{SERIAL}",
        ),
        # restricted circulation (prefix 20): never global, even where it is recorded as licensed
        (
            CodeRecord(gtin="02012345678903", lot="A1", serial=SERIAL),
            True,
            f"https://h.cn/P/02012345678903/10/A1/21/{SERIAL}",
        ),
        (CodeRecord(product="LILY", lot="A1", serial=SERIAL), True, f"https://h.cn/P/LILY/10/A1/21/{SERIAL}"),
        (CodeRecord(sscc="069012340000000016", level=3), False, "https://id.gs1.org/00/069012340000000016"),
        (CodeRecord(serial=SERIAL, level=3), True, f"https://h.cn/U/{SERIAL}"),
    ],
)
def test_names_in_events(record: CodeRecord, licensed: bool, uri: str) -> None:
    assert epc_uri(record, "h.cn", licensed) == uri
