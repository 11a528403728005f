"""The questions that ``tracelib init`` asks at a terminal, each explained in a line, with an answer to fall back on."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from tracelib.errors import TraceError
from tracelib.text import translator
from tracelib_cli.context import Context
from tracelib_cli.first.plan import COUNTY, PLAIN, TRIAL, Plan
from tracelib_cli.first.trial import SAMPLE
from tracelib_cli.output import echo

FOLDER = "my-coop"
EXAMPLE_HOST = "q.example.com"
"""What ``--host`` is where nothing was said: nobody's host."""
KINDS = {"1": TRIAL, "2": COUNTY, "3": PLAIN}


def ask(context: Context, folder: Path | None, plan: Plan, operator: str) -> tuple[Path, Plan]:
    """Ask for what was not given: the folder, what is wanted, who the party is, its first product, who is working."""
    say = context.say
    _tell("")
    _tell(say("A few questions; Enter takes what stands in brackets, Ctrl-C ends and changes nothing."))
    if folder is None:
        _tell(say("The folder that everything is kept in: settings, database, keys."))
        folder = Path(_text(say("Folder"), FOLDER))
    plan = replace(plan, kind=_kind(context))
    if plan.kind != PLAIN:
        plan = _who(context, plan, operator)
    _sum_up(context, folder, plan)
    click.confirm(say("Make it?"), default=True, abort=True, err=True)
    return folder, plan


def _who(context: Context, plan: Plan, operator: str) -> Plan:
    """Ask for root and host, the party, its first product, and who is working."""
    say = context.say
    if plan.kind == COUNTY:
        _tell(say("Your county's office has a fingerprint: 64 hex digits. Get it by telephone or on paper."))
        plan = _checked(context, plan, "root", say("Fingerprint of the root"), "")
    plan = _party(context, plan)
    if plan.kind == COUNTY:
        _tell(say("The host name that stands in every code; your county's office knows it."))
        plan = _checked(context, plan, "host", say("Host name"), "" if plan.host == EXAMPLE_HOST else plan.host)
    else:
        _tell(say("A first product to issue codes for; more are added later."))
        plan = _checked(context, plan, "product_name", say("Name of the product"), SAMPLE.product_name)
        plan = replace(plan, product=SAMPLE.product, weight_g=SAMPLE.weight_g)
        plan = _checked(context, plan, "product", say("Number of the product: capital letters, digits"), SAMPLE.product)
    _tell(say("Every change is noted with the name of whoever made it."))
    return replace(plan, operator=_text(say("Your name"), operator))


def _sum_up(context: Context, folder: Path, plan: Plan) -> None:
    """What was answered, in one place, before anything is made."""
    say = context.say
    _tell("")
    _tell(say("So this is made:"))
    lines = {
        say("Folder"): str(folder.absolute()),
        say("Fingerprint of the root"): plan.root,
        say("Name of the co-operative or firm"): f"{plan.name} ({plan.party})" if plan.party else "",
        "统一社会信用代码": plan.uscc,
        say("Name of the product"): f"{plan.product_name} ({plan.product})" if plan.product else "",
        say("Host name"): plan.host if plan.kind == COUNTY else "",
        say("Your name"): plan.operator,
    }
    for name, value in lines.items():
        if value:
            _tell(f"  {name}: {value}")


def _kind(context: Context) -> str:
    say = context.say
    _tell(say("What do you want to make?"))
    _tell("  1  " + say("A workspace to try out: test codes can be issued at once"))
    _tell("  2  " + say("A workspace under my county's root: for real labels"))
    _tell("  3  " + say("An empty workspace with a test root; I give the commands myself"))
    return KINDS[click.prompt(say("Number"), type=click.Choice([*KINDS]), default="1", err=True)]


def _party(context: Context, plan: Plan) -> Plan:
    say = context.say
    _tell(say("Who are you? The name stands on labels and on the page that customers see."))
    sample = plan.kind == TRIAL  # for real labels nobody is called as in the sample
    name = plan.name or (SAMPLE.name if sample else "")
    plan = _checked(context, plan, "name", say("Name of the co-operative or firm"), name)
    _tell(say("A short id of your own, as it shall stand in lists and files: capital letters and digits."))
    plan = _checked(context, plan, "party", say("Own id"), plan.party or (SAMPLE.party if sample else ""))
    _tell(say("统一社会信用代码: the 18 characters on your licence; Enter leaves it out."))
    return _checked(context, plan, "uscc", "统一社会信用代码", plan.uscc)


def _checked(context: Context, plan: Plan, field: str, question: str, default: str) -> Plan:
    """Ask until the plan with the answer in it is sound."""
    while True:
        answer = _text(question, default, optional=True)
        if not answer and field != "uscc":
            _tell("  " + context.say("An answer is needed here."))
            continue
        values: dict[str, Any] = {field: answer}
        tried = replace(plan, **values)
        try:
            _filled(tried).check()
        except TraceError as error:
            _tell("  " + error.message(translator(context.language)))
            continue
        return tried


def _filled(plan: Plan) -> Plan:
    """The plan with sample values where nothing was asked yet, so that one answer can be checked alone."""
    return replace(
        plan,
        party=plan.party or (SAMPLE.party if plan.name else ""),
        product=plan.product or (SAMPLE.product if plan.product_name else ""),
        weight_g=plan.weight_g or SAMPLE.weight_g,
    )


def _text(question: str, default: str, *, optional: bool = False) -> str:
    shown: str | None = default if default or optional else None
    answer: str = click.prompt(question, default=shown, show_default=bool(default), err=True)
    return answer.strip()


def _tell(text: str) -> None:
    echo(text, err=True)
