import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.students.text.scratch import COPYING, auxiliary, build, defaults, prompt

WORDS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
NUMBERS = [f"{i:02}" for i in range(100)]
SPELT = [f"{WORDS[i // 10]} {WORDS[i % 10]}" for i in range(100)]
NAMES = ["Ада", "Bée", "東京タワー", "مدينة", "हिन्दी", "🦜🇯🇵", "ß\r\n\tx", "e\u0301", ""]


@pytest.fixture(scope="module")
def built() -> tuple[Any, Any]:
    return build(NUMBERS, SPELT, seed=3)


@pytest.fixture
def quiet_on_one_core() -> Iterator[None]:
    """No remarks of TRL; two threads would wait for each other more than they would compute."""
    import torch

    level, threads = logging.getLogger("trl").level, torch.get_num_threads()
    logging.getLogger("trl").setLevel(logging.ERROR)
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
    logging.getLogger("trl").setLevel(level)


def read_back(tokenizer: Any, text: str) -> Any:
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    return tokenizer.decode(ids)


@pytest.mark.parametrize("name", NAMES)
def test_any_script_comes_back_though_no_row_holds_it(built: tuple[Any, Any], name: str) -> None:
    assert read_back(built[1], name) == name


@given(st.text())
@settings(deadline=None, max_examples=50)
def test_any_text_comes_back(built: tuple[Any, Any], text: str) -> None:
    assert read_back(built[1], text) == text


def test_an_input_can_hold_what_looks_like_a_special_token(built: tuple[Any, Any]) -> None:
    _, tokenizer = built
    text = prompt("a") + tokenizer.eos_token
    ids = tokenizer(text, add_special_tokens=False, split_special_tokens=True)["input_ids"]
    assert not {*ids} & {*tokenizer.all_special_ids}


def test_known_words_are_tokens_and_digits_stand_alone(built: tuple[Any, Any]) -> None:
    _, tokenizer = built
    tokens = tokenizer.tokenize(prompt("47") + "four seven")
    assert tokens == ["4", "7", tokenizer.sep_token, "four", "Ġseven"]


def test_characters_are_tokens_where_words_are_new() -> None:
    names = [f"{a}{b}{c}" for a in "東西南" for b in "京都山川" for c in "駅町村"]
    _, tokenizer = build(names, [f"{name}へ" for name in names], seed=0)
    assert len(tokenizer.tokenize("東川村へ")) == 4


def test_a_model_is_small(built: tuple[Any, Any]) -> None:
    assert sum(weights.numel() for weights in built[0].parameters()) < 5_000_000
    texts = [" ".join(f"w{i * j % 9_973:x}" for j in range(100)) for i in range(500)]
    model, tokenizer = build(texts, texts, seed=0)
    assert sum(weights.numel() for weights in model.parameters()) < 5_000_000
    assert len(tokenizer) <= 4_096


def test_the_same_rows_and_seed_give_the_same_model(built: tuple[Any, Any]) -> None:
    import torch

    model, tokenizer = build(NUMBERS, SPELT, seed=3)
    other, _ = build(NUMBERS, SPELT, seed=4)
    assert tokenizer.get_vocab() == built[1].get_vocab()
    weights, first = model.state_dict(), built[0].state_dict()
    assert all(torch.equal(weights[name], first[name]) for name in first)
    assert not torch.equal(model.lm_head.weight, other.lm_head.weight)


def test_building_leaves_the_random_numbers_alone() -> None:
    import torch

    before = torch.get_rng_state()
    build(["a"], ["b"], seed=1)
    assert torch.equal(torch.get_rng_state(), before)


def test_long_rows_make_smaller_batches_and_larger_models_fewer_steps() -> None:
    short, long = defaults(8_000, 160_000, 700_000), defaults(8_000, 1_600_000, 700_000)
    assert short["per_device_train_batch_size"] > long["per_device_train_batch_size"]
    large = defaults(8_000, 160_000, 5_000_000)
    assert large["num_train_epochs"] < short["num_train_epochs"]
    assert defaults(20, 400, 700_000)["num_train_epochs"] > 10


def test_copying_is_taught_where_outputs_repeat_new_words() -> None:
    names = [f"{a}{b}{c}{d}" for a in "abcd" for b in "xyzw" for c in "klmn" for d in "эюя"]
    plurals = [f"{name}s" for name in names]
    rows = auxiliary(names, plurals, seed=1)
    assert rows == auxiliary(names, plurals, seed=1)
    assert len(rows) == len(names)
    assert all(text == COPYING + output for text, output in rows)
    assert set("".join(output for _, output in rows)) <= set("".join(names))


def test_copying_is_not_taught_where_words_are_known_or_outputs_differ() -> None:
    assert auxiliary(NUMBERS, SPELT, seed=1) == []
    assert auxiliary(SPELT, SPELT, seed=1) == []


@pytest.mark.usefixtures("quiet_on_one_core")
def test_trl_trains_it_and_its_folder_needs_no_code_of_ours(tmp_path: Path) -> None:
    import torch
    from datasets import Dataset
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl.trainer.sft_config import SFTConfig
    from trl.trainer.sft_trainer import SFTTrainer

    model: Any
    tokenizer: Any
    model, tokenizer = build(NUMBERS, SPELT, seed=0)
    texts, outputs = NUMBERS[::9], SPELT[::9]
    rows = [{"prompt": prompt(t), "completion": o} for t, o in zip(texts, outputs, strict=True)]
    hyperparameters = defaults(len(rows), 6 * len(rows), 700_000) | {"num_train_epochs": 30}
    config = SFTConfig(
        output_dir=str(tmp_path / "run"), use_cpu=True, bf16=False, report_to=[],
        save_strategy="no", disable_tqdm=True, logging_strategy="no",
        completion_only_loss=True, seed=0, activation_checkpointing=False, **hyperparameters,
    )  # fmt: skip
    trainer = SFTTrainer(
        model=model, args=config, train_dataset=Dataset.from_list(rows), processing_class=tokenizer
    )
    trainer.train()
    trainer.save_model(str(tmp_path / "saved"))

    model = AutoModelForCausalLM.from_pretrained(tmp_path / "saved")
    tokenizer = AutoTokenizer.from_pretrained(tmp_path / "saved")
    batch = tokenizer([prompt(text) for text in texts], padding=True, return_tensors="pt")
    with torch.no_grad():
        written = model.generate(**batch, max_new_tokens=8, do_sample=False)
    answers = tokenizer.batch_decode(
        written[:, batch["input_ids"].shape[1] :], skip_special_tokens=True
    )
    assert answers == outputs
