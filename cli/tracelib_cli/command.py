"""Commands whose help is in the user's language, and the option ``--json``."""

import dataclasses
import functools
import gettext
import importlib
from collections.abc import Callable, Mapping
from typing import Any

import click

from tracelib.text import phrases
from tracelib_cli.completion import attach

EXAMPLE = "Example: "


def _translate(ctx: click.Context, text: str | None) -> str | None:
    from tracelib_cli.main import language_of_context

    return phrases(language_of_context(ctx))(text) if text else text


def _paragraph(ctx: click.Context, text: str) -> str:
    """A paragraph of a help text in the reader's language; of an example only the word before it is translated."""
    folded = " ".join(text.split())
    if folded.startswith(EXAMPLE):
        return f"{_translate(ctx, EXAMPLE)}{folded.removeprefix(EXAMPLE)}"
    return _translate(ctx, folded) or ""


class TranslatedCommand(click.Command):
    """A command whose help and options are translated when they are shown; the source strings are English.

    Its parameters suggest values to a shell by their names.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - what click's decorators give
        super().__init__(*args, **kwargs)
        for parameter in self.params:
            attach(parameter)

    def format_help_text(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Help text paragraph by paragraph, each a phrase of its own."""
        original = self.help
        if original:
            self.help = "\n\n".join(_paragraph(ctx, text) for text in original.split("\n\n"))
        try:
            super().format_help_text(ctx, formatter)
        finally:
            self.help = original

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options with translated help."""
        rows = []
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and not isinstance(parameter, click.Argument):
                text = _translate(ctx, getattr(parameter, "help", None))
                rows.append((record[0], record[1].replace(getattr(parameter, "help", None) or "\0", text or "")))
        if rows:
            with formatter.section(gettext.gettext("Options")):
                formatter.write_dl(rows)

    def get_short_help_str(self, limit: int = 45) -> str:
        """The first sentence for lists of commands, translated."""
        context = click.get_current_context(silent=True)
        text = " ".join((self.help or "").split("\n\n")[0].split())
        return (_translate(context, text) or "") if context else text


class TranslatedGroup(TranslatedCommand, click.Group):
    """A group whose help is translated, with translated commands inside."""

    command_class = TranslatedCommand
    group_class = type

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options, then the commands."""
        super().format_options(ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands with their first sentences."""
        rows = []
        for name in self.list_commands(ctx):
            command = self.get_command(ctx, name)
            if command is not None and not command.hidden:
                rows.append((name, command.get_short_help_str()))
        if rows:
            with formatter.section(gettext.gettext("Commands")):
                formatter.write_dl(rows)


class ModuleGroup(TranslatedGroup):
    """A group whose commands live in several modules, each loaded when one of its commands is used.

    ``modules`` maps each command, in the order of the help, to the module in ``tracelib_cli.commands`` that defines it
    under the command's name (with an underscore behind it where Python keeps the name for itself).
    """

    def __init__(self, *args: Any, modules: Mapping[str, str], **kwargs: Any) -> None:  # noqa: ANN401 - click's own
        super().__init__(*args, **kwargs)
        self._modules = modules

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command."""
        return list(self._modules)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command object, or None for an unknown name."""
        if cmd_name not in self._modules:
            return None
        module = importlib.import_module(f"tracelib_cli.commands.{self._modules[cmd_name]}")
        command: click.Command = getattr(module, cmd_name, None) or getattr(module, f"{cmd_name}_")
        return command


def answers(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--json``: sets ``Context.out`` before the command runs."""

    @click.option("--json", "json_", is_flag=True, help="Answer in JSON, for programs; never translated.")
    @click.pass_context
    @functools.wraps(function)
    def wrapper(ctx: click.Context, /, *args: Any, json_: bool, **kwargs: Any) -> Any:  # noqa: ANN401
        """The command, once ``--json`` is told to the context."""
        from tracelib_cli.context import Context

        context = ctx.find_object(Context)
        if context is not None:
            context.out.json = json_
        return ctx.invoke(function, *args, **kwargs)

    return wrapper


Command = Callable[..., Any]
Decorator = Callable[[Command], Command]


def folded(name: str, kind: type[Any], *options: Decorator) -> Decorator:
    """A decorator that gives a command these options and hands them over as one dataclass ``kind`` called ``name``."""
    fields = [field.name for field in dataclasses.fields(kind)]

    def decorate(function: Command) -> Command:
        """The command with the options before it, which arrive as one value."""

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the command takes
            kwargs[name] = kind(**{field: kwargs.pop(field) for field in fields})
            return function(*args, **kwargs)

        decorated: Command = wrapper
        for option in reversed(options):
            decorated = option(decorated)
        return decorated

    return decorate
