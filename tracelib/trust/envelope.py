"""Secrets under a passphrase: scrypt (N = 2^17, r = 8, p = 1) to AES-256-GCM, the header as associated data.

Text of two lines: a JSON object that anyone may read, and base64 of the ciphertext. The header holds ``format``
(``tracelib-key/1``), ``salt`` and ``nonce`` in hex and whatever the caller adds; its line is authenticated as it is.
Not PKCS#8 as the library encrypts it: 2,048 rounds of PBKDF2 stop nobody (ADR 2).
"""

import base64
import binascii
import json
import secrets
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from tracelib.trust.errors import EnvelopeError, PassphraseError

FORMAT = "tracelib-key/1"
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1
LARGEST = 256 * 1024


def seal(secret: bytes, passphrase: bytes, header: Mapping[str, object]) -> str:
    """The two lines. ``header`` must hold nothing secret."""
    salt, nonce = secrets.token_bytes(16), secrets.token_bytes(12)
    full = {"format": FORMAT, "salt": salt.hex(), "nonce": nonce.hex(), **header}
    line = json.dumps(full, ensure_ascii=False, separators=(",", ":"))
    ciphertext = AESGCM(_derive(passphrase, salt)).encrypt(nonce, secret, line.encode())
    return f"{line}\n{base64.b64encode(ciphertext).decode()}\n"


def read_header(text: str) -> dict[str, object]:
    """The header, not authenticated. EnvelopeError where the text is no envelope."""
    return _split(text)[0]


def unseal(text: str, passphrase: bytes, what: str) -> bytes:
    """The secret. PassphraseError where the passphrase is wrong or the file was changed; EnvelopeError for no file of
    ours. ``what`` names it in the message.
    """
    header, line, ciphertext = _split(text)
    try:
        salt, nonce = bytes.fromhex(str(header["salt"])), bytes.fromhex(str(header["nonce"]))
        return AESGCM(_derive(passphrase, salt)).decrypt(nonce, ciphertext, line.encode())
    except (KeyError, ValueError):
        raise EnvelopeError(what=what) from None
    except InvalidTag:
        raise PassphraseError(what=what) from None


def _derive(passphrase: bytes, salt: bytes) -> bytes:
    return Scrypt(salt=salt, length=32, n=SCRYPT_N, r=SCRYPT_R, p=SCRYPT_P).derive(passphrase)


def _split(text: str) -> tuple[dict[str, object], str, bytes]:
    """Header, its line as it was sealed (line ends may have become CR LF on the way), ciphertext in one spelling."""
    line, _, rest = text.partition("\n")
    line, body = line.removesuffix("\r"), rest.strip()
    try:
        header = json.loads(line) if len(text) <= LARGEST else None
        ciphertext = base64.b64decode(body, validate=True)
    except (json.JSONDecodeError, RecursionError, binascii.Error, ValueError):
        header = None
        ciphertext = b""
    one_spelling = base64.b64encode(ciphertext).decode() == body
    if not isinstance(header, dict) or header.get("format") != FORMAT or not ciphertext or not one_spelling:
        raise EnvelopeError(what="the file")
    return header, line, ciphertext
