"""Build hook: turns the translation sources into the catalogue that gettext reads.

Each room keeps its own ``tracelib/locale/LANG/ROOM.po``; the hook joins them into ``LANG/LC_MESSAGES/tracelib.mo``.
``click.po`` holds the words of the click library, whose gettext domain is ``messages``. ``en/one.po`` holds English
phrases for counts of one.
The hook also packs the sample batches that ``tracelib demo`` plays with (an editable install reads them in place).
``python hatch_build.py`` does the same in a checkout.
"""

from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ModuleNotFoundError:  # a checkout that only compiles catalogues
    BuildHookInterface = object  # type: ignore[assignment,misc]


CLICK = "click.po"


def compile_catalogues(root: Path) -> list[Path]:
    """Write ``tracelib.mo`` (and ``messages.mo``, click's own words) for each language; return the paths written."""
    written = []
    for folder in sorted(p for p in (root / "tracelib" / "locale").iterdir() if any(p.glob("*.po"))):
        sources = sorted(folder.glob("*.po"))
        own = [source for source in sources if source.name != CLICK]
        of_click = [source for source in sources if source.name == CLICK]
        for domain, files in (("tracelib", own), ("messages", of_click)):
            target = folder / "LC_MESSAGES" / f"{domain}.mo"
            target.parent.mkdir(exist_ok=True)
            with target.open("wb") as stream:
                write_mo(stream, _joined(folder.name, files))
            written.append(target)
    return written


def _joined(locale: str, files: list[Path]) -> Catalog:
    joined = Catalog(locale=locale, fuzzy=False)
    for source in files:
        with source.open("rb") as stream:
            for message in read_po(stream, locale=locale):
                if message.id and message.string:
                    joined.add(message.id, message.string, context=message.context)
    return joined


class CatalogueHook(BuildHookInterface):  # type: ignore[type-arg]
    """hatchling calls this before it packs the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile the catalogues so that ``artifacts`` finds them."""
        compile_catalogues(Path(self.root))
        if version == "standard":
            build_data["force_include"]["examples/batches.xlsx"] = "tracelib_cli/demo/batches.xlsx"


if __name__ == "__main__":
    compile_catalogues(Path(__file__).parent)
