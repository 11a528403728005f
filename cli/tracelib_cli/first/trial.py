"""The trial: everything between a test root and the first code, made by the program's own commands."""

from tracelib_cli.demo import stage
from tracelib_cli.demo.program import Program
from tracelib_cli.demo.sample import Coop
from tracelib_cli.first.plan import TRIAL, Plan

BRAND, OWNER = "TRIAL", "TRIAL-OFFICE"
MAX_UNITS, MAX_KG = 100_000, 1_000_000
SAMPLE = Plan(
    kind=TRIAL,
    host="q.example.com",
    party="COOP1",
    name="示例合作社",
    product="BOX-5KG",
    product_name="示例脐橙 5 kg 箱装",
    weight_g=5000,
)
"""What is taken where nothing was said; the grower is invented and looks it."""


def make_trial(program: Program, plan: Plan) -> None:
    """Catalogue, keys, delegations and bundle of a trial. What an earlier run made is left as it is."""
    coop = Coop(
        party=plan.party,
        name_zh=plan.name,
        name_en="",
        uscc=plan.uscc,
        division="",
        brand=BRAND,
        brand_zh="试用品牌",
        brand_en="Trial brand",
        owner=OWNER,
        owner_zh="试用品牌办公室",
        owner_en="Trial brand office",
        product=plan.product,
        product_zh=plan.product_name,
        product_en="",
        weight_g=plan.weight_g,
        grades=(("一级", "First"), ("二级", "Second")),
        lots=(),
        per_pallet=48,
    )
    stage.catalogue(program, coop, plan.host)
    stage.delegate(program, (coop,), max_units=MAX_UNITS, max_kg=MAX_KG)
    program.run("bundle", "export")
