"""What can be wrong with an identifier."""

import re

from tracelib.errors import FormatError, TraceError, Translate, shown

WORDS = ("what", "detail", "expected", "field")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


def message_in_words(error: TraceError, translate: Translate | None) -> str:
    """An error's text whose parameters of ``WORDS`` speak the reader's language too.

    Each is looked up with its own name as context, or is an error that has a message; others are shown as they are.
    What is not found is looked up once more with its numbers as places: ``a number from {0} to {1}``.
    """
    words = {name: shown(value) for name, value in error.params.items()}
    for name in WORDS:
        value = error.params.get(name)
        if isinstance(value, TraceError):
            words[name] = value.message(translate).rstrip(".。")
        elif translate and isinstance(value, str):
            words[name] = _translated(name, words[name], translate)
    template = translate(error.code, error.template) if translate else error.template
    return template.format(**words)


def _translated(name: str, text: str, translate: Translate) -> str:
    found = translate(name, text)
    numbers = _NUMBER.findall(text)
    if found != text or not numbers:
        return found
    places = iter(range(len(numbers)))
    general = _NUMBER.sub(lambda _: f"{{{next(places)}}}", text)
    template = translate(name, general)
    return text if template == general else template.format(*numbers)


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
