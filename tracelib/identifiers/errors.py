"""What can be wrong with an identifier."""

from tracelib.errors import FormatError, TraceError, Translate, shown

WORDS = ("what", "detail", "expected")


def message_in_words(error: TraceError, translate: Translate | None) -> str:
    """An error's text whose parameters ``what``, ``detail`` and ``expected`` speak the reader's language too.

    Each is looked up with its own name as context, or is an error that has a message; others are shown as they are.
    """
    words = {name: shown(value) for name, value in error.params.items()}
    for name in WORDS:
        value = error.params.get(name)
        if isinstance(value, TraceError):
            words[name] = value.message(translate).rstrip(".。")
        elif translate and isinstance(value, str):
            words[name] = translate(name, words[name])
    template = translate(error.code, error.template) if translate else error.template
    return template.format(**words)


class IdentifierError(FormatError):
    """An identifier is not what it should be. ``what`` names its kind and is translated with the message."""

    code = "identifier"
    template = "{what}: «{given}» is not valid."

    def message(self, translate: Translate | None = None) -> str:
        """The text for people."""
        return message_in_words(self, translate)


class FullWidthError(IdentifierError):
    """Digits or letters from U+FF01 to U+FF5E, as a Chinese keyboard types them."""

    code = "identifier.full_width"
    template = "{what}: «{given}» holds full-width digits or letters, type them half-width: «{half_width}»."


class NotAsciiError(IdentifierError):
    """A character outside ASCII that is not a full-width one: Arabic digits, look-alike letters, spaces."""

    code = "identifier.not_ascii"
    template = (
        "{what}: «{given}» holds «{found}» (U+{codepoint}) at position {position}; "
        "only plain half-width characters are allowed."
    )


class NotDigitsError(IdentifierError):
    """Something other than the digits 0 to 9."""

    code = "identifier.not_digits"
    template = (
        "{what}: «{given}» holds «{found}» at position {position}; only the digits 0 to 9 are allowed, without spaces."
    )


class LengthError(IdentifierError):
    """Too many or too few characters."""

    code = "identifier.length"
    template = "{what}: «{given}» has {found} characters, expected {expected}."


class CheckDigitError(IdentifierError):
    """The last character does not follow from those before it: mistyped or misread."""

    code = "identifier.check_digit"
    template = (
        "{what}: the check digit of «{given}» is {found}, but {expected} follows from the others; "
        "compare it with the original."
    )


class AlphabetError(IdentifierError):
    """A character that this kind of identifier does not use."""

    code = "identifier.alphabet"
    template = "{what}: «{given}» holds «{found}» at position {position}; allowed are {expected}."


class OwnNumberError(IdentifierError):
    """An own number that is not of the shape that codes can carry."""

    code = "identifier.own_number"
    template = (
        "{what}: «{given}» must be 1 to 20 characters of 0-9, A-Z, full stop and hyphen, "
        "beginning and ending with a digit or a capital letter."
    )
