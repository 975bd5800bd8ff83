import re
from xml.etree import ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from agent.ui.plots import HEIGHT, WIDTH, Scale, rounds_plot, scores_plot, scores_scale
from tests.agent.ui.pages import round_


def test_there_is_no_chart_of_nothing() -> None:
    assert rounds_plot([], "accuracy") == ""
    assert rounds_plot([{"round": 1, "validation": None}], "accuracy") == ""
    assert scores_plot([]) == ""


def test_a_round_is_a_point_with_its_interval() -> None:
    rounds = [round_(1, 0.7), round_(2, 0.8), round_(3, 0.75, kept=False)]
    figure = ET.fromstring(rounds_plot(rounds, "accuracy"))
    assert len([*figure.iter("circle")]) == 3
    (line,) = figure.iter("polyline")
    assert len(line.attrib["points"].split()) == 2  # the round that was undone is off the line
    (svg,) = figure.iter("svg")
    assert "round 2: 0.800, 95% interval 0.720 to 0.850" in svg.attrib["aria-label"]
    heights = [float(circle.attrib["cy"]) for circle in figure.iter("circle")]
    assert heights[1] < heights[2] < heights[0]


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)), min_size=1))
def test_all_of_a_chart_is_inside_it(scores: list[tuple[float, float, float]]) -> None:
    rounds = [
        {"round": number, "kept": True, "validation": {"value": v, "ci95": sorted((a, b))}}
        for number, (v, a, b) in enumerate(scores, 1)
    ]
    figure = ET.fromstring(rounds_plot(rounds, "accuracy"))
    for mark in figure.iter():
        for name, value in mark.attrib.items():
            if name in ("cx", "x1", "x2", "x"):
                assert 0 <= float(value) <= WIDTH
            if name in ("cy", "y1", "y2", "y"):
                assert 0 <= float(value) <= HEIGHT


def test_names_are_text_and_stay_apart() -> None:
    names = ["sort-messages-to-a-1125-215327-057f", "sort-messages-to-a-1125-215327-970a", "<b>"]
    models = [{"name": name, "value": 0.5, "ci95": [0.4, 0.6]} for name in names]
    figure = ET.fromstring(scores_plot(models))
    assert "<b>" in {text.text for text in figure.iter("text")}
    shown = [text.text for text in figure.iter("text") if re.match("sort", text.text or "")]
    assert len({*shown}) == 2


def test_a_scale_has_a_few_round_ticks() -> None:
    assert Scale(0, 1, 0, 100).ticks() == [0, 0.2, 0.4, 0.6, 0.8, 1]
    assert scores_scale([0.81, 0.83], 0, 100).ticks() == [0.8, 0.82, 0.84]
