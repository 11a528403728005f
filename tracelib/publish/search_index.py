"""A search index for pages without a server: script files, each a small part, loaded as they are needed.

*Terms* are every two neighbouring Chinese characters (and the last one alone) and every word of letters and digits, in
lower case. They stand sorted in shards of about ``SHARD_BYTES``; the directory names the first term of each shard, so
that a term is in one shard, and a beginning of a word in the shards from one to another. *Documents* (brands, parties,
products, certificates) are numbered, and stand in chunks of ``CHUNK``. A term's documents are gaps between numbers in
base 36; ``gap*times`` stands for the same gap several times.
"""

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

SHARD_BYTES = 24_000
CHUNK = 100
LONGEST_WORD = 24
_SIGN = r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
_RUN = re.compile(rf"({_SIGN}+)|((?:(?!{_SIGN})[^\W_])+)")
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Document:
    """What a search finds: its page without the language's folder, its name and what it is in both languages, and the
    texts that it is found by.
    """

    page: str
    name_zh: str
    name_en: str
    about_zh: str
    about_en: str
    texts: tuple[str, ...]


def terms_of(text: str) -> Iterator[str]:
    """The terms of a text, as ``static/search.js`` takes a question apart too (which see)."""
    for run in _RUN.finditer(unicodedata.normalize("NFKC", text).lower()):
        chinese, word = run.groups()
        if chinese:
            yield from (chinese[i : i + 2] for i in range(len(chinese)))
        else:
            yield word[:LONGEST_WORD]


_UNITS = (("kg", "公斤", "千克"), ("g", "克"), ("ml", "毫升"), ("l", "升"))
_MEASURE = re.compile(r"(\d+(?:\.\d+)?)\s*(kg|公斤|千克|g|克|ml|毫升|l|升)(?![a-z])", re.IGNORECASE)


def measures_of(text: str) -> Iterator[str]:
    """Every spelling of each weight and volume in a text: ``5kg``, ``5 kg``, ``5公斤`` …"""
    for number, unit in _MEASURE.findall(unicodedata.normalize("NFKC", text)):
        for spelled in next(units for units in _UNITS if unit.lower() in units):
            yield from (f"{number}{spelled}", f"{number} {spelled}")


def index_files(documents: Sequence[Document]) -> Iterator[tuple[str, str]]:
    """(file below the publication, its text) of the whole index."""
    postings: dict[str, list[int]] = {}
    for number, document in enumerate(documents):
        for term in {term for text in document.texts for term in terms_of(text)}:
            postings.setdefault(term, []).append(number)
    firsts: list[str] = []
    shard: dict[str, str] = {}
    size = 0
    for term in sorted(postings, key=lambda text: text.encode("utf-16-be")):  # the order of JavaScript
        entry = _gaps(postings[term])
        if shard and size + len(entry) > SHARD_BYTES:
            yield _file(f"t{len(firsts) - 1}", "terms", len(firsts) - 1, shard)
            shard, size = {}, 0
        if not shard:
            firsts.append(term)
        shard[term] = entry
        size += len(entry) + len(term.encode()) + 6
    if shard:
        yield _file(f"t{len(firsts) - 1}", "terms", len(firsts) - 1, shard)
    for start in range(0, len(documents), CHUNK):
        rows = [[d.page, d.name_zh, d.name_en, d.about_zh, d.about_en] for d in documents[start : start + CHUNK]]
        yield _file(f"d{start // CHUNK}", "documents", start // CHUNK, rows)
    yield _file("directory", "directory", CHUNK, firsts)


def _file(name: str, call: str, number: int, value: object) -> tuple[str, str]:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return f"search/{name}.js", f"catalogueSearch.{call}({number},{text});\n"


def _gaps(numbers: Sequence[int]) -> str:
    parts: list[str] = []
    before, gap, times = -1, 0, 0
    for number in numbers:
        if number - before == gap:
            times += 1
        else:
            parts += _repeated(gap, times)
            gap, times = number - before, 1
        before = number
    parts += _repeated(gap, times)
    return " ".join(parts)


def _repeated(gap: int, times: int) -> list[str]:
    return [_base36(gap)] * times if times < 3 else [f"{_base36(gap)}*{_base36(times)}"]


def _base36(number: int) -> str:
    text = ""
    while number:
        number, rest = divmod(number, 36)
        text = _DIGITS[rest] + text
    return text or "0"
