"""Templates as files: those that come with the program, and the user's own in the workspace's folder ``templates``."""

import re
import tomllib
from functools import lru_cache
from importlib import resources
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from tracelib.labels.errors import (
    TemplateExistsError,
    TemplateFaultError,
    TemplateFileError,
    TemplateNameError,
    TemplateUnreadableError,
    UnknownTemplateError,
)
from tracelib.labels.files import whole_file
from tracelib.labels.template import Template
from tracelib.text import phrase

ENDING = ".toml"
LARGEST = 64 * 1024
"""Bytes of a template's file; a label of forty lines needs 3 KB."""
_NAME = re.compile(r"(?!(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\.|$))[a-z0-9](?:[a-z0-9.-]{0,38}[a-z0-9-])?")
"""No name that Windows keeps for devices, with any ending, and none that ends in a dot (Windows cuts it off)."""
_EXPECTED = {
    "missing": phrase("this key"),
    "extra_forbidden": phrase("no such key; tracelib label template show a4-24 shows those there are"),
    "literal_error": phrase("one of {expected}"),
    "finite_number": phrase("a finite number"),
    "greater_than": phrase("a number above {gt}"),
    "greater_than_equal": phrase("a number from {ge} on"),
    "less_than_equal": phrase("a number up to {le}"),
    "string_too_long": phrase("at most {max_length} characters"),
    "string_type": phrase("text"),
    "float_type": phrase("a number"),
    "float_parsing": phrase("a number"),
    "int_type": phrase("a whole number"),
    "int_parsing": phrase("a whole number"),
    "int_from_float": phrase("a whole number"),
    "tuple_type": phrase("a list"),
    "too_short": phrase("at least {min_length} entries"),
    "too_long": phrase("at most {max_length} entries"),
    "model_type": phrase("a table with keys"),
    "model_attributes_type": phrase("a table with keys"),
}
"""What to say for each kind of fault that pydantic finds."""


@lru_cache(maxsize=1)
def builtin_names() -> tuple[str, ...]:
    """The names of the templates that come with the program."""
    folder = resources.files("tracelib.labels") / "templates"
    return tuple(sorted(item.name.removesuffix(ENDING) for item in folder.iterdir() if item.name.endswith(ENDING)))


def own_names(folder: Path | None) -> tuple[str, ...]:
    """The names of the user's templates in ``folder``, which need not be there."""
    if folder is None or not folder.is_dir():
        return ()
    return tuple(sorted(path.stem for path in folder.glob(f"*{ENDING}")))


def find_template(name: str, folder: Path | None = None) -> Template:
    """The template called ``name``: of the program, else the user's in ``folder``.

    Raises:
        UnknownTemplateError: there is none; the message lists those there are.
        TemplateUnreadableError, TemplateFileError: the user's file is faulty.
    """
    if name in builtin_names():
        return _builtin(name)
    if name not in own_names(folder) or folder is None:
        raise UnknownTemplateError(name=name, known=", ".join((*builtin_names(), *own_names(folder))))
    return load_template(folder / f"{name}{ENDING}")


def template_text(name: str, folder: Path | None = None) -> str:
    """The file of a template as it is written, comments included.

    Raises:
        UnknownTemplateError: there is none.
    """
    if name in builtin_names():
        return (resources.files("tracelib.labels") / "templates" / f"{name}{ENDING}").read_text("utf-8")
    find_template(name, folder)
    return _read(folder / f"{name}{ENDING}") if folder is not None else ""


def load_template(path: Path) -> Template:
    """The template in the file ``path``.

    Raises:
        TemplateNameError: the file's name is not that of a template.
        TemplateUnreadableError: it cannot be read, or it is no TOML.
        TemplateFileError: it is faulty; ``faults`` has one error for each key.
    """
    if not _NAME.fullmatch(path.stem) or path.suffix != ENDING:
        raise TemplateNameError(given=path.name)
    return _parse(_read(path), path.stem, path)


def new_template(name: str, like: str, folder: Path) -> Path:
    """Copy the template ``like`` to a new file for the user to change; its path.

    Raises:
        TemplateNameError: not a name for a template.
        TemplateExistsError: there is one of that name; it stays as it is.
        UnknownTemplateError: no template ``like``.
        LabelFileError: the folder cannot be written.
    """
    if not _NAME.fullmatch(name):
        raise TemplateNameError(given=name)
    if name in builtin_names() or name in own_names(folder):
        raise TemplateExistsError(name=name)
    text = template_text(like, folder)
    folder.mkdir(exist_ok=True)
    path = folder / f"{name}{ENDING}"
    with whole_file(path) as stream:
        stream.write(text.encode())
    return path


@lru_cache(maxsize=16)
def _builtin(name: str) -> Template:
    return _parse(template_text(name), name, Path(f"{name}{ENDING}"))


def _read(path: Path) -> str:
    try:
        with path.open("rb") as stream:
            data = stream.read(LARGEST + 1)
        if len(data) > LARGEST:
            raise TemplateUnreadableError(file=path, detail=f"it is longer than {LARGEST} bytes")
        return data.decode("utf-8-sig")
    except OSError as error:
        raise TemplateUnreadableError(file=path, detail=error.strerror or error) from None
    except UnicodeDecodeError as error:
        raise TemplateUnreadableError(file=path, detail=error) from None


def _parse(text: str, name: str, path: Path) -> Template:
    try:
        return Template(**{**tomllib.loads(text), "name": name})
    except ValidationError as error:
        faults = tuple(_fault(name, one) for one in error.errors())
        raise TemplateFileError(file=name, count=len(faults), faults=faults) from None
    except ValueError as error:  # no TOML, or a number of thousands of digits
        raise TemplateUnreadableError(file=path, detail=error) from None
    except RecursionError:
        raise TemplateUnreadableError(file=path, detail="it is nested too deeply") from None


def _fault(name: str, error: ErrorDetails) -> TemplateFaultError:
    key = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in error["loc"]).lstrip(".")
    own = str(error["msg"]).removeprefix("Value error, ")
    expected = _EXPECTED.get(error["type"], own.replace("{", "{{").replace("}", "}}"))
    given = None if error["type"] == "missing" else error["input"]
    values = {**error.get("ctx", {})}
    values.pop("error", None)
    return TemplateFaultError(file=name, key=key, expected=expected, given=given, values=values)
