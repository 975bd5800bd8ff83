from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.tools.students.text.small import byte_tokenizer, llama, piece_tokenizer, save, t5, teach
from tools.services import UnfitBaseError
from tools.students.text.form import Form
from tools.students.text.labels import choose, grow
from tools.students.text.writer import load_writer

LABELS = ("card", "card lost", "card lost abroad", "rate")
FORM = Form("causal", "plain", "Sort.", LABELS, None, 200, 32)


def every_label(model: Any, tokenizer: Any, form: Form, text: str) -> dict[str, float]:
    """The probability of each label, one at a time, among the tokens that lead to any."""
    import torch

    completions = {label: form.completion_ids(tokenizer, label) for label in form.labels}
    found = {}
    for label, ids in completions.items():
        score = 0.0
        for place, token in enumerate(ids):
            beginning = ids[:place]
            allowed = sorted({c[place] for c in completions.values() if c[:place] == beginning})
            prompt = form.prompt_ids(tokenizer, text)
            with torch.inference_mode():
                if form.kind == "causal":
                    logits = model(torch.tensor([prompt + beginning])).logits[0, -1]
                else:
                    start = [model.config.decoder_start_token_id, *beginning]
                    logits = model(
                        input_ids=torch.tensor([prompt]), decoder_input_ids=torch.tensor([start])
                    ).logits[0, -1]
            score += logits[allowed].log_softmax(-1)[allowed.index(token)].item()
        found[label] = float(torch.tensor(score).exp())
    return found


@pytest.mark.parametrize("kind", ["causal", "seq2seq"])
def test_the_likeliest_label_with_its_probability_among_the_labels(kind: Any) -> None:
    form = replace(FORM, kind=kind)
    tokenizer = byte_tokenizer() if kind == "causal" else piece_tokenizer()
    model = (llama(tokenizer) if kind == "causal" else t5(tokenizer)).eval()
    texts = ["my card", "hello", "", "wo ist die Karte wo", "x y z"]
    trie = grow({label: form.completion_ids(tokenizer, label) for label in LABELS})
    answers = choose(model, [form.prompt_ids(tokenizer, text) for text in texts], trie)
    for text, answer in zip(texts, answers, strict=True):
        by_hand = every_label(model, tokenizer, form, text)
        assert sum(by_hand.values()) == pytest.approx(1, abs=1e-4)
        first, second = sorted(by_hand.values(), reverse=True)[:2]
        assert by_hand[answer.output] == first
        assert answer.confidence == pytest.approx(first, abs=2e-3)
        assert answer.margin == pytest.approx(first - second, abs=2e-3)


def test_what_has_been_learned_comes_out_whole(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    model = llama(tokenizer)
    pairs = {"my card": "card", "it is gone": "card lost", "in Rome": "card lost abroad"}
    teach(model, tokenizer, FORM, pairs)
    student = load_writer(save(model, tokenizer, FORM, tmp_path))
    answers = student.predict([*pairs])
    assert [answer.output for answer in answers] == [*pairs.values()]
    assert all(answer.confidence > 0.8 for answer in answers)


def test_nothing_but_labels_comes_out_of_150(tmp_path: Path) -> None:
    labels = tuple(f"{word} {n}" for word in ("card", "rate", "Grüße") for n in range(50))
    tokenizer = byte_tokenizer()
    folder = save(llama(tokenizer), tokenizer, replace(FORM, labels=labels), tmp_path)
    texts = [f"text number {n}" for n in range(20)]
    answers = load_writer(folder).predict(texts)
    assert {answer.output for answer in answers} <= set(labels)
    assert all(0 <= answer.margin <= answer.confidence <= 1 for answer in answers)
    assert load_writer(folder).predict(texts[:1])[0].output == answers[0].output


def test_one_label_is_certain(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    folder = save(llama(tokenizer), tokenizer, replace(FORM, labels=("only",)), tmp_path)
    answer = load_writer(folder).predict(["x"])[0]
    assert (answer.output, answer.confidence) == ("only", 1)


def test_labels_that_the_tokenizer_cannot_tell_apart() -> None:
    with pytest.raises(UnfitBaseError, match="cannot tell label 'a' from 'b'"):
        grow({"c": [3, 1], "a": [2, 1], "b": [2, 1]})
