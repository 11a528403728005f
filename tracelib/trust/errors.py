"""Errors of the trust room."""

from tracelib.errors import FormatError, RuleError, SettingsError, VerificationError


class CborError(FormatError):
    """Bytes that are not the deterministic CBOR of a signed object."""

    code = "trust.cbor"
    template = "This is not a signed object of ours: {reason}. The file may be damaged or cut off; fetch it again."


class KeyFormatError(FormatError):
    """A public key that nobody may use."""

    code = "trust.key_format"
    template = "The public key {given} is refused: {reason}."


class SuiteError(FormatError):
    """A signature suite that this version does not have."""

    code = "trust.suite"
    template = "Suite {given} is not available: expected 1 (Ed25519) or 2 (P-256); 3 (SM2) is reserved."


class SignatureError(VerificationError):
    """A signed object whose signature does not hold."""

    code = "trust.signature"
    template = "The signature of the {what} does not hold: {reason}."


class PassphraseError(SettingsError):
    """The passphrase does not open the key file, or the file was changed."""

    code = "trust.passphrase"
    template = "The passphrase does not open {what}, or the file was changed. Nothing was done."


class KeyNameError(RuleError):
    """A key of that name is there already."""

    code = "trust.key_name"
    template = "There is a key named «{name}» already: choose another name. Keys are never overwritten."
