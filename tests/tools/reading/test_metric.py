import pytest

from tools.reading.metric import metric
from tools.reading.reader import read_task
from tools.scoring.metrics import METRICS

TASK = "Translate product names into Japanese.\n"


@pytest.mark.parametrize(
    ("sentence", "name"),
    [
        ("metric: chrF++", "chrF++"),
        ("Metric: CHRF++.", "chrF++"),
        ("We look at chrf++ here", "chrF++"),
        ("metric: BLEU", "BLEU"),
        ("Metrik: bleu", "BLEU"),
        ("Report the Bleu score.", "BLEU"),
        ("metric: ROUGE-L", "ROUGE-L"),
        ("metric: rougel", "ROUGE-L"),
        ("scored by rouge_l", "ROUGE-L"),
        ("metric: token F1", "token_f1"),
        ("metric: Token-F1", "token_f1"),
        ("metric: token_f1", "token_f1"),
        ("Metric: F1", "token_f1"),
        ("evaluated with the f1 score", "token_f1"),
        ("metric: EM", "squad_em"),
        ("metric: exact match", "exact_match"),
        ("metric: squad_em", "squad_em"),
        ("metric: JSON F1", "json_f1"),
        ("metric: field F1", "json_f1"),
        ("metric: JSON validity", "json_valid"),
        ("metric: micro F1", None),
        ("metric: weighted-F1", None),
        ("metric: rouge-2", None),
        ("The names are of F1 cars in rouge and bleu.", None),
        ("Ask them for more.", None),
    ],
)
def test_metrics_of_texts_are_read_in_any_case(sentence: str, name: str | None) -> None:
    spec = read_task(TASK + sentence, METRICS)
    assert (spec.output_type, spec.metric) == ("text", name)


@pytest.mark.parametrize("name", METRICS)
def test_every_metric_can_be_named_as_it_is_registered(name: str) -> None:
    assert metric(f"metric: {name}", METRICS, "text") == (name, None)
    assert metric(f"Metric: {name.upper()}", METRICS, "text")[0] == name


def test_what_is_measured_instead_is_said() -> None:
    assert metric("metric: chrF", METRICS, "text") == (
        "chrF++", "I measure chrF++ where the task says chrF."
    )  # fmt: skip
    name, said = metric("metric: ROUGE", METRICS, "text")
    assert (name, said) == ("ROUGE-L", "I measure ROUGE-L where the task says ROUGE.")
    assert "not available" in str(metric("metric: METEOR", METRICS, "text")[1])


def test_labels_are_not_scored_as_texts() -> None:
    name, said = metric("Sort cars into rouge and bleu. Metric: F1", METRICS, "label")
    assert name is None
    assert said is not None
