"""Codes of whole ranges as streams. This module loads numpy; import it only where ranges are made.

A range's codes differ in the serial (or SSCC) and the signature alone, so messages and lines are copied from one
template and patched column by column, a few thousand at a time: besides the signatures a code costs about a
microsecond. The same arguments always give the same bytes (both suites sign deterministically), so a stream can be
made again at any time.
"""

import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice

import numpy as np
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from numpy.typing import NDArray

from tracelib.codes import reasons
from tracelib.codes.blob import BASE32, BLOB_CHARACTERS, FORMAT, Blob
from tracelib.codes.errors import CodeFieldError, WorkerLostError
from tracelib.codes.ff1_bulk import Bytes, serial_rows
from tracelib.codes.serial import SerialCipher
from tracelib.codes.signing import LEAF_LABEL, CodeSigner, signed_bytes
from tracelib.codes.template import SSCC_COUNTERS, CodeTemplate, sscc_of
from tracelib.codes.url import as_url
from tracelib.codes.workers import end_with_parent
from tracelib.trust.keys import KeyPair

CHUNK = 4096
"""Codes made at a time: under 2 MB of working memory."""
PARALLEL_CHUNK = 2048
"""Codes that a process makes at a time: short, so that no process waits long for the last one."""
_SIGNATURE = 64
_HMAC_BLOCK = 64


@dataclass(frozen=True, slots=True)
class CodeRange:
    """``count`` codes from counter ``first``. ``cipher`` is None for SSCC alone, whose counter is its 17 digits."""

    template: CodeTemplate
    cipher: SerialCipher | None
    first: int
    count: int

    def __post_init__(self) -> None:
        if (self.cipher is None) != self.template.with_sscc:
            raise CodeFieldError(field="serial key", given=self.template.kind, reason=reasons.ONE_KIND)
        if self.count < 0 or (self.cipher is None and not 0 <= self.first <= SSCC_COUNTERS - self.count):
            raise CodeFieldError(field="counter", given=f"{self.first}+{self.count}", reason=reasons.OUT_OF_RANGE)

    def chunks(self, size: int = CHUNK) -> Iterator["CodeRange"]:
        """The same codes in ranges of at most ``size``, in order."""
        for start in range(self.first, self.first + self.count, size):
            yield CodeRange(self.template, self.cipher, start, min(size, self.first + self.count - start))

    def unit_ids(self) -> Bytes:
        """Serials or SSCCs in ASCII, a row each."""
        if self.cipher is not None:
            return serial_rows(self.cipher, self.first, self.count)
        return _sscc_rows(self.first, self.count)

    def first_unit_id(self) -> str:
        """The serial or SSCC of the first code."""
        return self.cipher.serial_of(self.first) if self.cipher is not None else sscc_of(self.first)


def code_stream(
    signer: CodeSigner,
    cipher: SerialCipher | None,
    template: CodeTemplate,
    first: int,
    count: int,
    host: str,
    *,
    path: str = "",
) -> Iterator[bytes]:
    """The codes' URLs, each followed by ``\\n``, in pieces of a few thousand lines; in the order of their counters.

    Raises CodeFieldError and CodeTooLongError before the first piece is made.
    """
    codes = CodeRange(template, cipher, first, count)
    check_printable(codes, signer, host, path)
    return (sign_range(signer, chunk, host, path) for chunk in codes.chunks())


def check_printable(codes: CodeRange, signer: CodeSigner, host: str, path: str) -> None:
    """Raise CodeFieldError or CodeTooLongError if these codes cannot be printed with this host and path."""
    if codes.count:
        _first_url(signer, codes, host, path)


def sign_range(signer: CodeSigner, codes: CodeRange, host: str, path: str = "") -> bytes:
    """All URLs of a short range at once, each followed by ``\\n``; a hundred bytes of memory times ten a code."""
    if not codes.count:
        return b""
    unit_ids = codes.unit_ids()
    suite, key_id = int(signer.public.suite), signer.public.key_id
    messages = _patched_messages(codes, unit_ids, suite, key_id)
    signatures = b"".join(map(_bare_sign(signer), messages))
    template = codes.template
    head = bytes((FORMAT << 4 | suite,)) + key_id + template.day.to_bytes(2, "big")
    head += (template.weight_10g << 8 | template.grade << 4 | template.level).to_bytes(3, "big")
    blobs = np.empty((codes.count, len(head) + _SIGNATURE), dtype=np.uint8)
    blobs[:, : len(head)] = np.frombuffer(head, dtype=np.uint8)
    blobs[:, len(head) :] = np.frombuffer(signatures, dtype=np.uint8).reshape(codes.count, _SIGNATURE)
    line = (_first_url(signer, codes, host, path) + "\n").encode("ascii")
    lines = np.tile(np.frombuffer(line, dtype=np.uint8), (codes.count, 1))
    blob_at = len(f"https://{host}/") + (len(path) + 1 if path else 0)
    lines[:, blob_at : blob_at + BLOB_CHARACTERS] = _base32_rows(blobs)
    lines[:, -1 - unit_ids.shape[1] : -1] = unit_ids
    return lines.tobytes()


def _bare_sign(signer: CodeSigner) -> Callable[[bytes], bytes]:
    """The library's own method for an Ed25519 key in memory, without a call in between; else the signer's."""
    if isinstance(signer, KeyPair) and isinstance(signer.private, Ed25519PrivateKey):
        return signer.private.sign
    return signer.sign


def leaf_hashes(
    cipher: SerialCipher | None, template: CodeTemplate, batch_key: bytes, first: int, count: int
) -> Iterator[bytes]:
    """The Merkle leaves of a range, 32 bytes each, in the order of the counters; see ``signing.leaf_hash``.

    Needs no signature: a manifest can be signed and stored before its codes are.
    """
    for chunk in CodeRange(template, cipher, first, count).chunks():
        yield from _leaves(chunk, batch_key)


def _leaves(codes: CodeRange, batch_key: bytes) -> list[bytes]:
    sha256 = hashlib.sha256
    key = batch_key.ljust(_HMAC_BLOCK, b"\x00")
    # HMAC (RFC 2104) with both pads hashed once and copied for every counter
    inner_copy = sha256(bytes(b ^ 0x36 for b in key)).copy
    outer_copy = sha256(bytes(b ^ 0x5C for b in key)).copy
    counters = np.arange(codes.first, codes.first + codes.count, dtype=np.uint64).astype(">u8")
    leaves = []
    for counter, payload in zip(_rows(counters), _payloads(codes, codes.unit_ids()), strict=True):
        inner = inner_copy()
        inner.update(counter)
        outer = outer_copy()
        outer.update(inner.digest())
        salted = sha256(LEAF_LABEL + outer.digest()[:16] + payload).digest()
        leaves.append(sha256(b"\x00" + salted).digest())
    return leaves


# ---------------------------------------------------------------------------------------------- several processes


def parallel_code_stream(
    make_signer: Callable[[], CodeSigner], codes: CodeRange, host: str, path: str = "", *, processes: int = 2
) -> Iterator[bytes]:
    """As :func:`code_stream`, with the signing spread over processes; the same bytes in the same order.

    ``make_signer`` is called once in each process and must be picklable, e.g.
    ``functools.partial(KeyPair.from_secret, Suite.ED25519, secret)``. Few pieces are under way at a time, so memory
    does not grow with the range.
    """
    signer = make_signer()
    check_printable(codes, signer, host, path)
    if processes < 2 or codes.count <= CHUNK:
        return (sign_range(signer, chunk, host, path) for chunk in codes.chunks())
    return _from_processes(make_signer, codes, host, path, processes)


def _from_processes(
    make_signer: Callable[[], CodeSigner], codes: CodeRange, host: str, path: str, processes: int
) -> Iterator[bytes]:
    with ProcessPoolExecutor(processes, initializer=_start_worker, initargs=(make_signer, os.getpid())) as pool:
        waiting = codes.chunks(PARALLEL_CHUNK)
        under_way: deque[Future[bytes]] = deque()
        try:
            for chunk in islice(waiting, 2 * processes):
                under_way.append(pool.submit(_work, chunk, host, path))
            while under_way:
                done = under_way.popleft().result()
                under_way.extend(pool.submit(_work, chunk, host, path) for chunk in islice(waiting, 1))
                yield done
        except BrokenExecutor:
            raise WorkerLostError(processes=processes) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


_worker: list[CodeSigner] = []
"""The signer of a worker process; empty in every other process."""


def _start_worker(make_signer: Callable[[], CodeSigner], parent: int) -> None:
    end_with_parent(parent)
    _worker[:] = [make_signer()]


def _work(codes: CodeRange, host: str, path: str) -> bytes:
    return sign_range(_worker[0], codes, host, path)


# ---------------------------------------------------------------------------------------------- rows of bytes


def _first_url(signer: CodeSigner, codes: CodeRange, host: str, path: str) -> str:
    """The URL of the first code with an empty signature: the pattern for all lines, checked as one code is."""
    record = codes.template.record(codes.first_unit_id())
    suite, key_id = int(signer.public.suite), signer.public.key_id
    blob = Blob(suite, key_id, record.day, record.weight_10g, record.grade, record.level, bytes(_SIGNATURE))
    return as_url(record, blob, host, path)


def _patched_messages(codes: CodeRange, unit_ids: Bytes, suite: int, key_id: bytes) -> list[bytes]:
    record = codes.template.record(codes.first_unit_id())
    payload, message = record.payload(), signed_bytes(suite, key_id, record)
    return _patched(message, len(message) - len(payload) + _unit_id_at(codes.template, payload), unit_ids)


def _payloads(codes: CodeRange, unit_ids: Bytes) -> list[bytes]:
    payload = codes.template.record(codes.first_unit_id()).payload()
    return _patched(payload, _unit_id_at(codes.template, payload), unit_ids)


def _unit_id_at(template: CodeTemplate, payload: bytes) -> int:
    """Where serial or SSCC stand in a payload. A lot may read like a serial, so its text is not searched for."""
    if template.kind == "sscc":
        return 3  # after map(3), key 0, text(18)
    if template.kind == "unit":
        return len(payload) - 15
    return payload.index(b"\x15\x6f") + 2  # key 21, text(15); neither GTIN nor lot holds control characters


def _patched(pattern: bytes, at: int, columns: Bytes) -> list[bytes]:
    """Copies of ``pattern``, each with one row of ``columns`` from position ``at`` on."""
    rows = np.tile(np.frombuffer(pattern, dtype=np.uint8), (len(columns), 1))
    rows[:, at : at + columns.shape[1]] = columns
    return _rows(rows)


def _rows(array: NDArray[np.generic]) -> list[bytes]:
    """Each row of a contiguous array as bytes."""
    width = array.nbytes // len(array)
    rows: list[bytes] = array.view(f"V{width}").ravel().tolist()
    return rows


_PAIRS = np.frombuffer(b"".join(bytes((BASE32[pair >> 5], BASE32[pair & 31])) for pair in range(1024)), dtype=np.uint16)
"""Two base32 characters for each ten bits."""


def _base32_rows(rows: Bytes) -> Bytes:
    """RFC 4648 base32 of every row; the rows' length is a multiple of five, so there is no padding."""
    b = rows.reshape(len(rows), -1, 5).astype(np.uint16)
    pairs = np.empty((len(rows), b.shape[1], 4), dtype=np.uint16)
    pairs[:, :, 0] = b[:, :, 0] << 2 | b[:, :, 1] >> 6
    pairs[:, :, 1] = (b[:, :, 1] & 63) << 4 | b[:, :, 2] >> 4
    pairs[:, :, 2] = (b[:, :, 2] & 15) << 6 | b[:, :, 3] >> 2
    pairs[:, :, 3] = (b[:, :, 3] & 3) << 8 | b[:, :, 4]
    characters = np.ascontiguousarray(_PAIRS[pairs])
    return characters.view(np.uint8).reshape(len(rows), -1)


_SSCC_POWERS = np.array([10**power for power in range(16, -1, -1)], dtype=np.uint64)
_SSCC_WEIGHTS = np.array([3, 1] * 8 + [3], dtype=np.uint64)


def _sscc_rows(first: int, count: int) -> Bytes:
    """SSCCs in ASCII: 17 digits and the GS1 check digit (weights 3, 1, 3 … from the right)."""
    counters = np.arange(first, first + count, dtype=np.uint64)
    digits = counters[:, None] // _SSCC_POWERS % np.uint64(10)
    check = (10 - (digits * _SSCC_WEIGHTS).sum(axis=1) % 10) % 10
    return (np.column_stack((digits, check)) + 48).astype(np.uint8)
