import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tests.tools.students.text.small import byte_tokenizer, llama, piece_tokenizer, save, t5, teach
from tools.services import Json
from tools.students.text.form import Form
from tools.students.text.schema import JsonGuide, mended
from tools.students.text.writer import load_writer

SCHEMA: Json = {
    "type": "object",
    "properties": {
        "kind": {"enum": ["lost", "stolen", "nothing"]},
        "count": {"type": "integer", "minimum": 0, "maximum": 99},
        "cards": {"type": "array", "items": {"type": "string", "maxLength": 4}, "maxItems": 2},
    },
    "required": ["kind", "count", "cards"],
    "additionalProperties": False,
}
FORM = Form("causal", "plain", "As JSON.", (), SCHEMA, 200, 300)
TEXTS = ["a card", "wo ist sie", "", "hello " * 20, "3 cards"]


def unlearned(folder: Path, kind: str) -> Path:
    """A student of random weights."""
    if kind == "byt5":
        from transformers import ByT5Tokenizer

        tokenizer: Any = ByT5Tokenizer()
        return save(t5(tokenizer), tokenizer, replace(FORM, kind="seq2seq"), folder)
    if kind == "t5":
        tokenizer = piece_tokenizer()
        return save(t5(tokenizer), tokenizer, replace(FORM, kind="seq2seq"), folder)
    tokenizer = byte_tokenizer()
    model = llama(tokenizer)
    model.resize_token_embeddings(
        320, mean_resizing=False
    )  # more scores than tokens, as many models have
    return save(model, tokenizer, FORM, folder)


@pytest.mark.parametrize("kind", ["llama", "t5", "byt5"])
def test_whatever_the_model_wants_the_answer_follows_the_schema(tmp_path: Path, kind: str) -> None:
    answers = load_writer(unlearned(tmp_path, kind)).predict(TEXTS)
    for answer in answers:
        jsonschema.validate(json.loads(answer.output), SCHEMA)
        assert 0 < answer.confidence <= 1


def test_what_has_been_learned_comes_out(tmp_path: Path) -> None:
    tokenizer = byte_tokenizer()
    model = llama(tokenizer)
    pairs = {
        "a card": json.dumps({"kind": "lost", "count": 1, "cards": ["a"]}),
        "hello": json.dumps({"kind": "nothing", "count": 0, "cards": []}),
    }
    teach(model, tokenizer, FORM, pairs)
    student = load_writer(save(model, tokenizer, FORM, tmp_path))
    answers = student.predict([*pairs])
    assert [answer.output for answer in answers] == [*pairs.values()]
    assert all(answer.confidence > 0.8 for answer in answers)


def test_a_llama_of_pieces_may_begin_with_a_space(shared: Path) -> None:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(shared / "models" / "stories260K")
    stop = tokenizer.eos_token_id
    guide = JsonGuide.make(tokenizer, SCHEMA, {stop}, 512)
    assert guide
    guide.start(1)
    import torch

    ids = tokenizer('{"kind": "lost", "count": 12, "cards": ["é"]}', add_special_tokens=False)
    for token in [*ids["input_ids"], stop]:
        logits = torch.zeros(1, 512)
        guide.restrict(logits, [0])
        assert logits[0, token] == 0
        guide.take(0, token)


def test_an_answer_cut_off_is_mended(tmp_path: Path) -> None:
    folder = unlearned(tmp_path, "llama")
    replace(FORM, longest_completion=14).save(folder)
    for answer in load_writer(folder).predict(TEXTS):
        json.loads(answer.output)


def test_a_tokenizer_without_braces_writes_what_it_can(tmp_path: Path) -> None:
    from tokenizers import Tokenizer
    from tokenizers.models import WordLevel
    from tokenizers.pre_tokenizers import Whitespace
    from transformers import PreTrainedTokenizerFast

    words = Tokenizer(WordLevel({"card": 0, "<unk>": 1, "</s>": 2, "word": 3}, unk_token="<unk>"))
    words.pre_tokenizer = Whitespace()
    tokenizer = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=words, unk_token="<unk>", eos_token="</s>", pad_token="</s>"
    )
    assert JsonGuide.make(tokenizer, SCHEMA, {2}, 4) is None
    answers = load_writer(save(llama(tokenizer), tokenizer, FORM, tmp_path)).predict(["a card"])
    assert 0 < answers[0].confidence <= 1


def test_a_schema_beyond_the_guide_leaves_the_rest_enforced() -> None:
    assert JsonGuide.make(byte_tokenizer(), SCHEMA | {"not": {"required": ["x"]}}, {1}, 300)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('{"a": 1}', '{"a": 1}'),
        ('{"a": "b', '{"a": "b"}'),
        ('{"ä": [1, 2', '{"ä": [1, 2]}'),
        ("", ""),
    ],
)
def test_mended(text: str, value: str) -> None:
    assert mended(text) == value


def test_mending_survives_endless_nesting() -> None:
    assert mended("[" * 20_000)
