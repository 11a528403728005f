"""Codes against raw Ed25519 of ``cryptography``: issuing in one process and in two, with and without the Merkle root,
memory, verifying offline, and the time until ``code verify`` has answered.

Both sides take turns, chunk by chunk, in one run: the machine's mood hits both. Theirs is the bare signature (or its
verification) over messages of the same length and nothing else; ours is the finished URLs (or the full verdict).
"""

import functools
import multiprocessing
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tracelib.clock import day_number
from tracelib.codes.bulk import CHUNK, CodeRange, code_stream, leaf_hashes, parallel_code_stream
from tracelib.codes.serial import SerialCipher
from tracelib.codes.signing import signed_bytes
from tracelib.codes.template import CodeTemplate
from tracelib.codes.url import UnverifiedCode
from tracelib.codes.verify import inspect_code
from tracelib.log.merkle import RootBuilder
from tracelib.trust.bundle import Bundle, open_bundle, sign_bundle
from tracelib.trust.delegation import Delegation, PartyName, sign_delegation
from tracelib.trust.keyring import KeyRing
from tracelib.trust.keys import KeyPair, Suite
from tracelib.trust.root import RootSet
from tracelib.trust.serial_key import batch_key, k_hash

Row = dict[str, object]

HOST = "q.example.com"
SECRET = bytes(range(32))
K = bytes(range(32, 64))
GTIN = "06901234567892"
NOW = datetime.now(UTC)
TEMPLATE = CodeTemplate(gtin=GTIN, lot="26A0137", day=day_number(NOW), weight_10g=500, grade=1)
CIPHER = SerialCipher(K, "7KQX")
MESSAGE = b"m" * len(signed_bytes(1, bytes(5), TEMPLATE.record(CIPHER.serial_of(0))))
MILLION, QUICK_CODES = 1_000_000, 40_960
VERIFIED, QUICK_VERIFIED = 40_000, 6_000
VERIFY_BLOCK = 500
TURNS = 10
MOST_MEMORY_MB, MOST_MS = 150.0, 400.0


def run(quick: bool) -> list[Row]:
    """All rows; ``quick`` takes a twentieth of the codes."""
    codes = QUICK_CODES if quick else MILLION
    return [
        *issue_alone(codes),
        issue_in_two_processes(4 * codes if quick else codes),
        memory_of_issuing(codes),
        verify_offline(QUICK_VERIFIED if quick else VERIFIED),
        start_of_the_command(5 if quick else 15),
    ]


def issue_alone(count: int) -> list[Row]:
    """One process: a chunk of raw signatures, a chunk of ours, a chunk of leaves, and again."""
    signer = KeyPair.from_secret(Suite.ED25519, SECRET)
    raw = Ed25519PrivateKey.from_private_bytes(SECRET).sign
    salts, builder = batch_key(K, 1), RootBuilder()
    stream = code_stream(signer, CIPHER, TEMPLATE, 0, count, HOST)
    theirs, ours, roots = [], [], []
    for start in range(0, count, CHUNK):
        size = min(CHUNK, count - start)
        begun = time.perf_counter()
        for _ in range(size):
            raw(MESSAGE)
        signed = time.perf_counter()
        next(stream)
        issued = time.perf_counter()
        builder.extend(leaf_hashes(CIPHER, TEMPLATE, salts, start, size))
        if size == CHUNK:
            theirs.append(signed - begun)
            ours.append(issued - signed)
            roots.append(time.perf_counter() - signed)
    builder.root()  # the last few hashes of a tree: nothing to measure
    work = f"issue {count:,} codes, one process"
    return [
        _paired(f"{work}, without the root", ours, theirs, CHUNK, 0.90),
        _paired(f"{work}, with the Merkle root", roots, theirs, CHUNK, 0.80),
    ]


def issue_in_two_processes(count: int) -> Row:
    """Two processes each, in ten turns, each with pools of its own."""
    codes = CodeRange(TEMPLATE, CIPHER, 0, count // TURNS)
    make = functools.partial(KeyPair.from_secret, Suite.ED25519, SECRET)
    theirs, ours = [], []
    for _ in range(TURNS):
        begun = time.perf_counter()
        with ProcessPoolExecutor(2) as pool:
            list(pool.map(_sign_raw, [codes.count // 2] * 2))
        signed = time.perf_counter()
        for _ in parallel_code_stream(make, codes, HOST, processes=2):
            pass
        theirs.append(signed - begun)
        ours.append(time.perf_counter() - signed)
    return _paired(f"issue {TURNS * codes.count:,} codes, two processes", ours, theirs, codes.count, 0.85)


def _sign_raw(count: int) -> None:
    sign = Ed25519PrivateKey.from_private_bytes(SECRET).sign
    for _ in range(count):
        sign(MESSAGE)


def memory_of_issuing(count: int) -> Row:
    """Peak memory of a fresh process that issues ``count`` codes with their root."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        peak = pool.submit(_peak_memory_mb, count).result()
    row = _row(
        f"peak memory of issuing {count:,} codes, under {MOST_MEMORY_MB:.0f} MB", peak, MOST_MEMORY_MB, "MB", 1.0
    )
    return row | {"ratio": MOST_MEMORY_MB / peak}


def _peak_memory_mb(count: int) -> float:
    signer, builder = KeyPair.from_secret(Suite.ED25519, SECRET), RootBuilder()
    builder.extend(leaf_hashes(CIPHER, TEMPLATE, K, 0, count))
    builder.root()
    for _ in code_stream(signer, CIPHER, TEMPLATE, 0, count, HOST):
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def verify_offline(count: int) -> Row:
    """One process, a bundle, no registry: the bare verification of the same signatures against the full verdict."""
    ring, signer = _ring()
    public = Ed25519PrivateKey.from_private_bytes(SECRET).public_key()
    texts = b"".join(code_stream(signer, CIPHER, TEMPLATE, 0, count, HOST)).decode("ascii").splitlines()
    theirs, ours = [], []
    for block in _blocks(texts):
        prepared = []
        for text in block:
            code = UnverifiedCode.parse(text)
            prepared.append((code.signature, signed_bytes(1, code.key_id, code.record)))
        begun = time.perf_counter()
        for signature, message in prepared:
            public.verify(signature, message)
        verified = time.perf_counter()
        for text in block:
            if not inspect_code(text, ring, registry=None, now=NOW).accepted:
                raise AssertionError(text)
        theirs.append(verified - begun)
        ours.append(time.perf_counter() - verified)
    return _paired(f"verify {count:,} codes offline, one process", ours, theirs, VERIFY_BLOCK, 0.90)


def _blocks(texts: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(texts), VERIFY_BLOCK):
        yield texts[start : start + VERIFY_BLOCK]


def start_of_the_command(rounds: int) -> Row:
    """``tracelib code verify --bundle FILE ONE`` against ``python -c pass``, in milliseconds."""
    ring, signer = _ring()
    text = next(code_stream(signer, CIPHER, TEMPLATE, 0, 1, HOST)).decode("ascii").strip()
    ours, theirs = [], []
    with tempfile.TemporaryDirectory() as folder:
        bundle = Path(folder) / "trust.bundle"
        bundle.write_bytes(ring.bundle.raw if ring.bundle else b"")
        program = "from tracelib_cli.main import run; run()"
        verify = ["code", "verify", "--bundle", str(bundle), "--root", ring.fingerprint, text]
        for _ in range(rounds):
            theirs.append(_elapsed_ms("pass", [], folder))
            ours.append(_elapsed_ms(program, verify, folder))
    ours_ms, theirs_ms = statistics.median(ours), statistics.median(theirs)
    row = _row(f"code verify --bundle FILE ONE, at most {MOST_MS:.0f} ms more", ours_ms, theirs_ms, "ms", 1.0)
    return row | {"ratio": MOST_MS / (ours_ms - theirs_ms)}


def _elapsed_ms(program: str, arguments: list[str], folder: str) -> float:
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", program, *arguments], check=True, capture_output=True, cwd=folder)
    return (time.perf_counter() - begun) * 1000


def _ring() -> tuple[KeyRing, KeyPair]:
    """A test root with one issuer, whose key signs the codes here."""
    root, signer = KeyPair.from_secret(Suite.ED25519, b"r" * 32), KeyPair.from_secret(Suite.ED25519, SECRET)
    root_set, now_s = RootSet("test", (root.public,), 1), int(NOW.timestamp())
    delegation = Delegation(
        issuer_hash=root.public.hash,
        subject="COOP",
        key=signer.public,
        cti=bytes(16),
        not_before=now_s - 86_400,
        not_after=now_s + 300 * 86_400,
        issued_at=now_s,
        root=root_set.root_id,
        party=PartyName("示例合作社"),
        products=(GTIN,),
        max_units=10_000_000,
        prefix=CIPHER.prefix,
        k_hash=k_hash(K),
    )
    delegations = (sign_delegation(root, delegation),)
    bundle = Bundle(root_set=root_set, seq=1, issued=now_s, next_update=now_s, delegations=delegations)
    raw = sign_bundle([root], bundle)
    return KeyRing.build(open_bundle(raw, root_set.fingerprint), root_set.fingerprint), signer


def _paired(work: str, ours: list[float], theirs: list[float], size: int, wanted: float) -> Row:
    """Rates from turns of ``size`` codes; the ratio is the median over neighbours, which met the same machine."""
    ratio = statistics.median(their_s / our_s for our_s, their_s in zip(ours, theirs, strict=True))
    rates = size / statistics.median(ours), size / statistics.median(theirs)
    return _row(work, *rates, "codes/s", wanted) | {"ratio": ratio}


def _row(work: str, ours: float, theirs: float, unit: str, wanted: float) -> Row:
    return {"work": work, "ours": ours, "theirs": theirs, "unit": unit, "ratio": ours / theirs, "wanted": wanted}


if __name__ == "__main__":
    for row in run(quick="--quick" in sys.argv):
        print(row)
