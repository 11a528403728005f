"""Text for people in Simplified Chinese and English.

Library code raises errors with English templates; whoever shows them asks :func:`translator` for the reader's
language. JSON output is never translated.
"""

import gettext
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

Language = Literal["zh", "en"]
LANGUAGES: tuple[Language, ...] = ("zh", "en")
_FOLDERS = {"zh": "zh_Hans"}
_LOCALE = Path(__file__).parent / "locale"


@dataclass(frozen=True, slots=True)
class LocalizedText:
    """One text in both languages. ``en`` may be empty: then the Chinese is shown to everyone."""

    zh: str
    en: str = ""

    def pick(self, language: Language) -> str:
        """The text in ``language``, or the one that is there."""
        return self.zh if language == "zh" or not self.en else self.en


@cache
def _catalogue(language: Language) -> gettext.NullTranslations:
    if language == "en":
        return gettext.NullTranslations()
    return gettext.translation("tracelib", str(_LOCALE), languages=[_FOLDERS[language]], fallback=True)


def for_counts(text: str, values: Mapping[str, object]) -> str:
    """An English phrase or template as it reads where some of its numbers are 1: «1 batch», not «1 batches».

    The words stand in ``locale/en/one.po``; the context of an entry names the numbers that are 1, joined by ``+``.
    """
    ones = sorted(name for name, value in values.items() if type(value) is int and value == 1)
    for key in ("+".join(ones), *ones) if ones else ():
        found = _singular().pgettext(key, text)
        if found != text:
            return found
    return text


@cache
def _singular() -> gettext.NullTranslations:
    return gettext.translation("tracelib", str(_LOCALE), languages=["en"], fallback=True)


def translator(language: Language) -> Callable[[str, str], str]:
    """A function (context, English text) to the text in ``language``; the English where no translation is known."""
    return _catalogue(language).pgettext


def phrases(language: Language) -> Callable[[str], str]:
    """A function English phrase to the phrase in ``language``, for interface words that need no context."""
    return _catalogue(language).gettext


def language_of(tag: str) -> Language:
    """The language for a locale or an Accept-Language value such as ``zh_CN.UTF-8`` or ``en-GB,en;q=0.9``."""
    return "zh" if tag.strip().lower().startswith("zh") else "en"


def phrase(text: str) -> str:
    """Marks an English phrase that is translated later, where it is shown; the tests look for its Chinese."""
    return text
