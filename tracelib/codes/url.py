"""Profile A as text: reading what a scanner sends, and writing what is printed.

docs/code-format.md, "Profile A", holds the rules; :func:`read_code` applies them in their order:

1. Query and fragment are cut, then ASCII space, CR, LF and TAB at either end.
2. Path segments of 120 base32 characters are looked for. None: a sticker, or not ours.
3. The first byte of the first one is judged: unknown format or suite, whatever follows.
4. A scheme and a host; ASCII only; no percent sign; one closing slash dropped; no empty segment; one blob.
5. ASCII letters after the host are folded to capitals, and nothing else is folded or mapped.
6. From the end: the record's segments, the blob before them; any segments may come before the blob.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from tracelib.codes import reasons
from tracelib.codes.blob import BLOB_PATTERN, Blob, blob_fields
from tracelib.codes.errors import (
    CodeFieldError,
    CodeTooLongError,
    MalformedCodeError,
    NotOurCodeError,
    UnknownCodeFormatError,
)
from tracelib.codes.record import CodeRecord, Level
from tracelib.codes.serial import SERIAL_PATTERN
from tracelib.codes.sticker import UnverifiedSticker, require_sticker, split_sticker
from tracelib.identifiers.own_number import OWN_NUMBER_PATTERN

LONGEST_URL = 210
_ENDS = " \r\n\t"
_CUT = re.compile(r"[?#]")
# No re.IGNORECASE anywhere: it would fold the long s and the Kelvin sign.
_BLOB_ANY_CASE = re.compile("[A-Za-z2-7]{120}")
_ADDRESS = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://([^/]+)/(.*)", re.DOTALL)
_RECORD_PATTERN = (
    rf"(?:01/([0-9]{{14}})|P/({OWN_NUMBER_PATTERN}))/10/({OWN_NUMBER_PATTERN})/21/({SERIAL_PATTERN})"
    rf"|00/([0-9]{{18}})|U/({SERIAL_PATTERN})"
)
_RECORD = re.compile(_RECORD_PATTERN)
_AS_PRINTED = re.compile(rf"https?://[a-z0-9.:-]+/(?:[0-9A-Z-]{{1,12}}+/){{0,2}}({BLOB_PATTERN})/(?:{_RECORD_PATTERN})")
"""What we print ourselves, in one match. A short cut: the careful way below answers the same."""
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")
_PATH_SEGMENT = re.compile(r"(?![0-9]+\Z)(?![PU]\Z)[0-9A-Z-]{1,12}")
_REASON_OF_FIELD = {"GTIN": reasons.GTIN_CHECK, "SSCC": reasons.SSCC_CHECK, "serial number": reasons.SERIAL_CHECK}


class UnverifiedCode(NamedTuple):
    """A code as it was read: well formed, and nothing more is known about it.

    Only :func:`~tracelib.codes.verify.verify_code` and an accepting ``inspect_code`` make a ``VerifiedCode`` of the
    same text. Scheme, host and path are not signed and not kept.
    """

    record: CodeRecord
    suite: int
    key_id: bytes
    signature: bytes

    @staticmethod
    def parse(text: str) -> "UnverifiedCode":
        """A code of profile A. Raises NotOurCodeError, MalformedCodeError or UnknownCodeFormatError."""
        code = read_code(text)
        if isinstance(code, UnverifiedSticker):
            raise NotOurCodeError(given=text, reason=reasons.NO_BLOB)
        return code


def read_code(text: str) -> UnverifiedCode | UnverifiedSticker:
    """A code of profile A or a sticker of profile C.

    Raises NotOurCodeError, MalformedCodeError or UnknownCodeFormatError, and nothing else, whatever the text is.
    """
    match = _AS_PRINTED.fullmatch(text)
    found = match.groups() if match is not None else _read_carefully(text)
    if isinstance(found, UnverifiedSticker):
        return found
    blob, gtin, product, lot, serial, sscc, unit_serial = found
    fields = blob_fields(blob)
    if fields is None:
        raise UnknownCodeFormatError(given=text)
    suite, key_id, day, weight_10g, grade, level, signature = fields
    try:
        record = CodeRecord(gtin, product, sscc, lot, serial or unit_serial, day, weight_10g, grade, level)
    except CodeFieldError as error:
        reason = _REASON_OF_FIELD.get(str(error.params["field"]), reasons.SHAPE)
        raise MalformedCodeError(given=text, reason=reason) from None
    return UnverifiedCode(record, suite, key_id, signature)


def _read_carefully(text: str) -> Sequence[str] | UnverifiedSticker:
    """The blob and the six groups of ``_RECORD_PATTERN`` (those that did not match are None), or a sticker."""
    kept = _CUT.split(text, maxsplit=1)[0].strip(_ENDS)
    address = _ADDRESS.fullmatch(kept)
    segments = (address[2] if address else kept).split("/")
    blobs = [i for i, segment in enumerate(segments) if len(segment) == 120 and _BLOB_ANY_CASE.fullmatch(segment)]
    if not blobs:
        return _read_sticker(text, segments if address and kept.isascii() else [])
    blob = segments[blobs[0]].upper()
    if blob_fields(blob) is None:
        raise UnknownCodeFormatError(given=text)
    fault = _fault_before_shape(address is not None, kept, segments, len(blobs))
    if fault:
        raise MalformedCodeError(given=text, reason=fault)
    if segments[-1] == "":
        segments.pop()
    record = _RECORD.fullmatch("/".join(segments[blobs[0] + 1 :]).upper())
    if record is None:
        raise MalformedCodeError(given=text, reason=reasons.SHAPE)
    return blob, *record.groups()


def _fault_before_shape(is_address: bool, kept: str, segments: list[str], blobs: int) -> str | None:
    """The first rule of step 4 that the text breaks, if any."""
    if not is_address:
        return reasons.NOT_A_URL
    if not kept.isascii():
        return reasons.NOT_ASCII
    if "%" in kept:
        return reasons.PERCENT
    if "" in segments[:-1]:
        return reasons.EMPTY_SEGMENT
    return reasons.TWO_BLOBS if blobs > 1 else None


def _read_sticker(text: str, segments: list[str]) -> UnverifiedSticker:
    if len(segments) == 2 and segments[1] == "":
        segments = segments[:1]
    sticker = split_sticker(segments[0].upper()) if len(segments) == 1 else None
    if sticker is None:
        raise NotOurCodeError(given=text, reason=reasons.NO_BLOB)
    return require_sticker(text, sticker)


def scanned_host(text: str) -> str:
    """The host in a code as scanned, without user and port, in lower case; empty where there is none.

    For the warning about unlisted hosts alone: it is not signed, and never stored or shown.
    """
    address = _ADDRESS.fullmatch(_CUT.split(text, maxsplit=1)[0].strip(_ENDS))
    return address[1].rpartition("@")[2].partition(":")[0].lower() if address else ""


def require_host(host: str) -> str:
    """``host`` if it may stand in an issued code: a lower-case host name and nothing else."""
    if not _HOST.fullmatch(host):
        raise CodeFieldError(field="host", given=host, reason=reasons.HOST_SHAPE)
    return host


def require_path(path: str) -> str:
    """``path`` if it may stand before the blob: empty, or at most two segments joined by a slash."""
    if path and not (path.count("/") < 2 and all(map(_PATH_SEGMENT.fullmatch, path.split("/")))):
        raise CodeFieldError(field="path", given=path, reason=reasons.PATH_SHAPE)
    return path


def url_head(host: str, path: str = "") -> str:
    """What stands before the blob: ``https://{host}/`` and the path with its slash."""
    return f"https://{require_host(host)}/" + (f"{require_path(path)}/" if path else "")


def require_length(url: str) -> str:
    """``url`` if it is short enough for the symbol; CodeTooLongError otherwise."""
    if len(url) > LONGEST_URL:
        raise CodeTooLongError(length=len(url), limit=LONGEST_URL)
    return url


def as_url(record: CodeRecord, blob: Blob, host: str, path: str = "") -> str:
    """The text to print. ``blob`` must carry the record's day and attributes.

    Raises CodeFieldError for a host, path or level that is never written, CodeTooLongError above 210 characters.
    """
    if record.level not in list(Level):
        raise CodeFieldError(field="level", given=record.level, reason=reasons.RESERVED_LEVEL)
    return require_length(f"{url_head(host, path)}{blob.as_text()}/{record.path}")
