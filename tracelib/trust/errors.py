"""Errors of the trust room."""

from typing import ClassVar

from tracelib.errors import FormatError, NotFoundError, RuleError, SettingsError, Translate, VerificationError, shown


class WordedMessage:
    """For errors whose parameters ``what`` and ``reason`` are phrases of ours: they speak the reader's language too.

    They are looked up under the contexts ``trust.what`` and ``trust.reason``; a reason may hold placeholders for the
    other parameters.
    """

    code: ClassVar[str]
    template: ClassVar[str]
    params: dict[str, object]

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        words = {name: shown(value) for name, value in self.params.items()}
        what, reason = self.params.get("what"), self.params.get("reason")
        if isinstance(what, str) and translate:
            words["what"] = shown(translate("trust.what", what))
        if isinstance(reason, str):
            words["reason"] = (translate("trust.reason", reason) if translate else reason).format(**words)
        template = translate(self.code, self.template) if translate else self.template
        return template.format(**words)


class CborError(WordedMessage, FormatError):
    """Bytes that are not the deterministic CBOR of a signed object."""

    code = "trust.cbor"
    template = "This is not a signed object of ours: {reason}. The file may be damaged or cut off; fetch it again."


class KeyFormatError(WordedMessage, FormatError):
    """A public key that nobody may use."""

    code = "trust.key_format"
    template = "The public key {given} is refused: {reason}."


class SuiteError(FormatError):
    """A signature suite that this version does not have."""

    code = "trust.suite"
    template = "Suite {given} is not available: expected 1 (Ed25519) or 2 (P-256); 3 (SM2) is reserved."


class SignatureError(WordedMessage, VerificationError):
    """A signed object whose signature does not hold."""

    code = "trust.signature"
    template = "The signature of the {what} does not hold: {reason}."


class PassphraseError(WordedMessage, SettingsError):
    """The passphrase does not open the key file, or the file was changed."""

    code = "trust.passphrase"
    template = "The passphrase does not open {what}, or the file was changed. Nothing was done."


class KeyPassphraseError(PassphraseError):
    """The passphrase does not open a key of the key store."""

    code = "trust.key_passphrase"
    template = "The passphrase does not open the key «{name}», or its file was changed. Nothing was done."


class KeyNameError(RuleError):
    """A key of that name is there already."""

    code = "trust.key_name"
    template = "There is a key named «{name}» already: choose another name. Keys are never overwritten."


class RootSetError(WordedMessage, FormatError):
    """A root set or fingerprint that is not one."""

    code = "trust.root_set"
    template = "The root set is refused: {reason}."


class DelegationFormatError(WordedMessage, FormatError):
    """Claims that no delegation may have."""

    code = "trust.delegation_format"
    template = "The delegation is refused: {reason}."


class ForeignRootError(WordedMessage, VerificationError):
    """Something of another root set than the one that is trusted."""

    code = "trust.foreign_root"
    template = "The {what} belongs to the root {given}, and {expected} is trusted: it does not count here."


class WidenedError(WordedMessage, RuleError):
    """A child delegation that would allow more than its parent."""

    code = "trust.widened"
    template = "The delegation would allow more than the one above it: {reason}. A delegation may only narrow."


class ChainError(WordedMessage, VerificationError):
    """A delegation or revocation that does not lead to the root."""

    code = "trust.chain"
    template = "The {what} does not lead to the trusted root: {reason}."


class RevocationFormatError(WordedMessage, FormatError):
    """A revocation that names nothing, or too much."""

    code = "trust.revocation_format"
    template = "The revocation is refused: {reason}."


class BundleFormatError(WordedMessage, FormatError):
    """A file that is not a trust bundle."""

    code = "trust.bundle_format"
    template = "This is not a trust bundle: {reason}."


class ThresholdError(WordedMessage, VerificationError):
    """A bundle that too few root keys signed."""

    code = "trust.threshold"
    template = "{found} of the root's keys signed the {what}, {expected} are needed."


class TwinBundleError(VerificationError):
    """Another bundle with the number of one that was seen."""

    code = "trust.twin_bundle"
    template = (
        "Another bundle with the sequence number {seq} was seen before, with other contents: "
        "whoever holds the root must issue one with a higher number."
    )


class RollbackError(VerificationError):
    """A bundle older than one that was seen."""

    code = "trust.rollback"
    template = "The bundle has sequence number {given}, and {seen} was seen before: an older bundle is refused."


class EnvelopeError(WordedMessage, FormatError):
    """A key file or hand-over that is damaged or is none."""

    code = "trust.envelope"
    template = (
        "{what} is not a key file of ours, or it is damaged. If it was a key, take it from a backup; if it is "
        "something else, move it out of the folder of the keys."
    )


class KeyNotFoundError(NotFoundError):
    """No key of that name in the key store."""

    code = "trust.key_not_found"
    template = "There is no key named «{name}» here; there are: {known}."


class EmptyPassphraseError(SettingsError):
    """A new key would be kept under no passphrase."""

    code = "trust.passphrase_empty"
    template = "The passphrase is empty: a key is kept under one of at least one character, better five random words."


class KeyOfOtherRootError(WordedMessage, RuleError):
    """A key that was made under another root."""

    code = "trust.key_root"
    template = (
        "The key «{name}» was made under the {what} root {given}, and this workspace is under {expected}: "
        "make a new key here. A key of one root never serves another."
    )


class KeyNameFormatError(FormatError):
    """A name that a key cannot have."""

    code = "trust.key_name_format"
    template = "«{given}» is no name for a key: 1 to 40 of a-z, 0-9 and hyphen, beginning with a letter or digit."


class EnrolmentFormatError(WordedMessage, FormatError):
    """A request or grant file that is not one."""

    code = "trust.enrolment_format"
    template = "This is not a {what} file of ours: {reason}."
