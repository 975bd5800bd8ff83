"""The schemas of real data sets that are hard to read; `benchmarks/map_gold.py` has all of them."""

from pathlib import Path

import pytest

from tests.tools.hub.makers import GramEncoder
from tools.hub.catalogue import LocalCatalogue
from tools.hub.choose_columns import choose_reading
from tools.hub.paths import parse
from tools.hub.values import Evaluator
from tools.sources import DatasetInfo
from tools.task import TaskSpec


@pytest.fixture(scope="module")
def infos(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, DatasetInfo]:
    cache = tmp_path_factory.mktemp("cache")
    catalogue = LocalCatalogue(shared / "catalogue", cache, lambda _: None)
    return {f"{info.repo_id}@{info.config}": info for info in catalogue.infos()}


@pytest.mark.parametrize(
    ("dataset", "task", "expected", "answer"),
    [
        ("google/xquad@xquad.de", "Beantworte Fragen zu einem Text.",
         ("context: {context} question: {question}", "answers.text[0]"), "308"),
        ("leondz/wnut_17@wnut_17", "Name the people, places and products in a post.",
         ("tokens", "entities(tokens, ner_tags)"), "location: Empire State Building; location: E"),
        ("microsoft/presidio_pii@default", "Mask personal data in a text.",
         ("full_text", "masked"), "The address of {{ORGANIZATION}} is {{STREET_ADDRESS}}"),
        ("microsoft/recognizers_text@datetime",
         "Find the time expression and give its TIMEX value, given a reference time.",
         ("text: {text} reference_time: {reference_time}", "{expression} = {timex}"),
         "04th Jan 2019 = 2019-01-04"),
        ("yizhongw/self_instruct@human_eval", "Follow an instruction with its input.",
         ("instruction: {instruction} input: {instances[0].input}", "instances[0].output"),
         "If you have any questions"),
        ("neulab/mconala@ja", "日本語の依頼から Python のコードを書く。",
         ("first(rewritten_intent, intent)", "snippet"), "arr[:, 0]"),
        ("tuetschek/e2e_nlg@default", "Write a sentence about a restaurant from facts.",
         ("meaning_representation", "human_reference"), "There is a place in the city centre"),
    ],
)  # fmt: skip
def test_hard_schemas(
    infos: dict[str, DatasetInfo], dataset: str, task: str, expected: tuple[str, str], answer: str
) -> None:
    info = infos[dataset]
    spec = TaskSpec(instruction=task, output_type="text", language=info.languages[0])
    reading = choose_reading(info, spec, GramEncoder(), (None, None))
    assert (reading.input, reading.output) == expected
    output = Evaluator(parse(reading.output, info.columns), info)
    assert output.text(info.samples[0]).startswith(answer)
