"""The route of goods as boxes and arrows, and its picture."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree as ET

import pytest

from tracelib.publish.route_picture import MOST_ROWS, DrawnArrow, DrawnBox, Sheet, draw
from tracelib.trace.route.history import History, Kind, Link, Passing, Stop, Thing
from tracelib.trace.route.picture import Route, route_of

AT = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)
SHOP, TRADER = "https://q.example.com/L/SHOP1", "https://q.example.com/L/TRADE1"
SVG = "{http://www.w3.org/2000/svg}"


def hour(number: int) -> datetime:
    return AT + timedelta(hours=number)


def packed(unit: str, parent: str, since: int, until: int | None = None) -> Link:
    end = None if until is None else hour(until)
    return Link(unit, parent, Passing.PACKED, hour(since), end, event_id=f"p{since}{unit}", ended_by=f"u{until}{unit}")


def filled(lot: str, unit: str, at: int) -> Link:
    return Link(lot, unit, Passing.FILLED, hour(at), weight_g=5000, event_id=f"a{unit}")


def stop(thing: str, at: int, step: str, place: str = "", to: str = "") -> Stop:
    return Stop(
        thing, hour(at), hour(at), f"{step}{at}{thing}", "COOP1", "ObjectEvent", step, "", None, place, ("", to)
    )


def history(start: str, links: Iterable[Link], stops: Iterable[Stop] = ()) -> History:
    held, told = tuple(links), tuple(stops)
    names = {start, *(end for link in held for end in (link.source, link.target))}
    kinds = {"L": Kind.LOT, "P": Kind.LOGISTIC_UNIT}
    things = {n: Thing(n, kinds.get(n[0], Kind.UNIT), weight_g=None if n[0] == "P" else 5000) for n in sorted(names)}
    return History(start, None, things, frozenset(names), frozenset(names), held, told, ())


def arrows(route: Route) -> dict[tuple[str, str], tuple[int, int | None]]:
    return {(a.source, a.target): (a.amount.count, a.amount.weight_g) for a in route.arrows}


def test_units_that_went_the_same_way_are_one_box() -> None:
    links = [link for n in "abc" for link in (filled("L1", n, 1), packed(n, "P1", 2))]
    links += [filled("L1", "d", 1), packed("d", "P2", 2)]
    route = route_of(history("L1", links))
    assert route.boxes["a"].things == ("a", "b", "c")
    assert arrows(route) == {
        ("L1", "a"): (3, 15_000),
        ("L1", "d"): (1, 5_000),
        ("a", "P1"): (3, 15_000),
        ("d", "P2"): (1, 5_000),
    }
    assert [[box.id for box in column] for column in route.columns()] == [["L1"], ["a", "d"], ["P1", "P2"]]


def test_goods_go_with_their_pallet_to_a_place_and_on_from_there() -> None:
    links = [
        filled("L1", "a", 1),
        filled("L1", "b", 1),
        packed("a", "P1", 2, 6),
        packed("b", "P1", 2),
        packed("a", "P2", 7),
    ]
    stops = [
        stop("P1", 5, "receiving", TRADER),
        stop("P2", 9, "receiving", SHOP),
        stop("a", 10, "retail_selling", SHOP),
    ]
    route = route_of(history("L1", links, stops))
    trader, shop = f"place {TRADER}", f"place {SHOP}"
    assert arrows(route)["P1", trader] == (2, 10_000)
    assert arrows(route)[trader, "P2"] == (1, 5_000), "repacked where it had arrived"
    assert ("a", "P2") not in arrows(route)
    assert [route.boxes[name].here.count for name in (trader, shop)] == [1, 0]
    assert route.boxes[shop].sold.count == 1
    assert [route.boxes[name].column for name in ("L1", "a", "P1", trader, "P2", shop)] == [0, 1, 2, 3, 4, 5]


def test_what_was_taken_off_before_the_lorry_left_stays_where_it_was() -> None:
    links = [filled("L1", "a", 1), filled("L1", "b", 1), packed("a", "P1", 2, 3), packed("b", "P1", 2)]
    route = route_of(history("L1", links, [stop("P1", 5, "receiving", TRADER)]))
    assert arrows(route)["P1", f"place {TRADER}"] == (1, 5_000)
    assert route.boxes["a"].here.count == 1


def test_what_has_not_arrived_is_on_the_way() -> None:
    route = route_of(history("P1", [packed("a", "P1", 2)], [stop("P1", 3, "shipping", to=SHOP)]))
    (arrow,) = [one for one in route.arrows if one.source == "P1"]
    assert (arrow.target, arrow.on_the_way) == (f"place {SHOP}", True)
    assert route.boxes[f"place {SHOP}"].expected
    assert route.boxes["P1"].here.count == 1


def test_goods_that_come_back_do_not_make_the_picture_endless() -> None:
    stops = [stop("a", n, "receiving", place) for n, place in enumerate((TRADER, SHOP, TRADER, SHOP), 2)]
    route = route_of(history("a", [], stops))
    assert {box.column for box in route.boxes.values()} == {0, 1, 2}


def sheet(columns: list[list[DrawnBox]], arrows: list[DrawnArrow]) -> Sheet:
    return Sheet(
        "题目 <&>", "子", columns, [("列", "11-20")] * len(columns), arrows, [("lot", "批次")], "还有 {count} 项"
    )


def test_the_picture_is_well_formed_whatever_the_names_are() -> None:
    nasty = 'a"<b>&\x1b[31m\x00'
    boxes = [[DrawnBox("1", "lot", nasty, [nasty], [nasty], nasty)], [DrawnBox("2", "place", "长" * 90)]]
    text = draw(sheet(boxes, [DrawnArrow("1", "2", nasty, "11-20", 5000), DrawnArrow("1", "gone", "")]))
    root = ET.fromstring(text)
    shown = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    assert any(one.startswith("长长长") and one.endswith("…") for one in shown), "cut where the box ends"
    assert any('a"<b>&' in one for one in shown)


@pytest.mark.parametrize("count", [MOST_ROWS, MOST_ROWS + 30])
def test_a_column_of_many_boxes_says_how_many_are_left_out(count: int) -> None:
    text = draw(sheet([[DrawnBox(str(n), "units", f"U{n}") for n in range(count)]], []))
    assert ("还有 30 项" in text) is (count > MOST_ROWS)


def test_arrows_over_several_columns_do_not_run_through_boxes() -> None:
    columns = [[DrawnBox("a", "lot", "A")], [DrawnBox("b", "units", "B")], [DrawnBox("c", "place", "C")]]
    root = ET.fromstring(draw(sheet(columns, [DrawnArrow("a", "c", "")])))
    (box,) = [g.find(f"{SVG}rect") for g in root.iter(f"{SVG}g") if "B" in "".join(g.itertext())]
    assert box is not None
    (path,) = [one.get("d", "") for one in root.iter(f"{SVG}path") if one.get("fill") == "none"]
    middle = float(path.split("L")[1].split("C")[0].split()[1])
    top = float(box.get("y", "0"))
    assert not top <= middle <= top + float(box.get("height", "0"))


@pytest.mark.parametrize(("letters", "width", "whole"), [(10, 760, True), (40, 1088, True), (200, 1680, False)])
def test_a_long_title_has_room_in_a_narrow_picture(letters: int, width: int, whole: bool) -> None:
    """24 px letters of Chinese, bold: 25.2 px each, 40 px of margin on both sides; at most 1,600 px, then «…»."""
    title = "橙" * letters
    root = ET.fromstring(draw(Sheet(title, "", [[DrawnBox("1", "units", "U1")]], [], [], [])))
    shown = next(one.text for one in root.iter("{http://www.w3.org/2000/svg}text"))
    assert (int(root.get("width", "0")), shown == title) == (width, whole)
