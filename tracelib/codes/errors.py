"""What can be wrong with a code, a serial, or a wish to make one."""

from tracelib.errors import FormatError, RuleError, StoreError, Translate, VerificationError, shown


class CodeFormatError(FormatError):
    """Text that is not one of our codes. ``reason`` is one of the phrases in :mod:`tracelib.codes.reasons`."""

    code = "code.format"
    template = "The text «{given}» is not a readable code: {reason}."

    def message(self, translate: Translate | None = None) -> str:
        """The text for people; ``reason`` is looked up under the context ``code.reason``."""
        template = translate(self.code, self.template) if translate else self.template
        words = {name: shown(value) for name, value in self.params.items()}
        if translate and "reason" in words:
            words["reason"] = translate("code.reason", words["reason"])
        return template.format(**words)


class NotOurCodeError(CodeFormatError):
    """No path segment of 120 base32 characters, and not the shape of a sticker."""

    code = "code.not_ours"
    template = "«{given}» is not one of our codes: {reason}."


class MalformedCodeError(CodeFormatError):
    """There is a blob, and something else is wrong."""

    code = "code.malformed"
    template = "«{given}» is a damaged or altered code: {reason}."


class UnknownCodeFormatError(CodeFormatError):
    """The first byte of the blob names a format or suite that this program does not know."""

    code = "code.unknown_format"
    template = "«{given}» has a code format that this program does not know: update the program."


class CodeFieldError(CodeFormatError):
    """A field that cannot stand in a code that is to be made."""

    code = "code.field"
    template = "A code cannot carry «{given}» as {field}: {reason}."


class SerialError(CodeFormatError):
    """Not a serial of 15 characters with the right check character."""

    code = "code.serial"
    template = (
        "«{given}» is not a serial number: {reason}. A serial number has 15 characters, such as 7KQX9-Y93Q6-MJ608."
    )


class Ff1Error(FormatError):
    """A key, a numeral or a length that FF1 refuses (NIST SP 800-38G, 5.1)."""

    code = "code.ff1"
    template = "FF1 refuses {what}: {detail}."


class CodeTooLongError(RuleError):
    """The URL would pass the 210 characters that a code may have."""

    code = "code.too_long"
    template = (
        "The code would have {length} characters, at most {limit} are allowed: "
        "shorten the host, the path, the lot or the product number."
    )


class CodeRefusedError(VerificationError):
    """A code that verification does not accept; ``verdict`` is its answer."""

    code = "code.refused"
    template = "The code «{given}» is refused: {verdict}."


class WorkerLostError(StoreError):
    """A signing process was ended from outside, for instance because memory ran out."""

    code = "code.worker_lost"
    retryable = True
    template = (
        "One of {processes} signing processes was ended from outside (out of memory?). No code is lost: "
        "write them again, with --processes 1 if it happens again."
    )
