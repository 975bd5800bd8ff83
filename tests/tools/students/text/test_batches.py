import hashlib
from pathlib import Path
from typing import Any

import pytest

from tests.tools.students.text import bases
from tools.examples import Example
from tools.services import TrainingSet
from tools.students.folds import families
from tools.students.text import batches, models, rows, trainers
from tools.students.text.batches import Order
from tools.students.text.form import Form
from tools.students.text.plan import Plan
from tools.students.text.rows import HeldOut, Row, Rows, hold_out
from tools.students.text.settings import settle, usual

pytestmark = pytest.mark.usefixtures("libraries")
ROWS = [
    Row(i, [5 + i, 6, 7][: 1 + i % 3], [20 + i, 8, 9, 1][i % 4 :], 0.5 + (i % 2)) for i in range(9)
]


@pytest.fixture(scope="module")
def trainer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("work")
    base = bases.llama(folder / "base")
    settings = settle({"batch_size": 9}, usual("causal", 9, 1_000, "none"))
    return trainers.make(Plan("causal", str(base), "tiny", settings, 0), Rows(ROWS, []), folder, 1)


def test_rows_that_share_a_line_learn_as_if_alone(trainer: Any) -> None:
    import torch

    packed, padded = batches.packed(0)(ROWS), batches.padded(0)(ROWS)
    assert len(packed["input_ids"]) == 1 < len(padded["input_ids"])
    gradients = []
    for batch in (packed, padded):
        trainer.model.zero_grad()
        trainer.compute_loss(trainer.model, batch).backward()
        gradients.append([weights.grad.clone() for weights in trainer.model.parameters()])
    for one, other in zip(*gradients, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-6)


def test_the_loss_is_that_of_the_model_itself(trainer: Any) -> None:
    import torch

    rows = [Row(i, row.prompt, row.completion, 1.0) for i, row in enumerate(ROWS)]
    batch = batches.padded(0)(rows)
    own = [[-100] * len(row.prompt) + row.completion for row in rows]
    width = batch["input_ids"].shape[1]
    labels = torch.tensor([[*line, *[-100] * (width - len(line))] for line in own])
    theirs = trainer.model(
        input_ids=batch["input_ids"], attention_mask=batch["attention_mask"], labels=labels
    ).loss
    torch.testing.assert_close(trainer.compute_loss(trainer.model, batch), theirs)


def test_a_row_without_weight_teaches_nothing(trainer: Any) -> None:
    batch = batches.packed(0)([Row(0, [5, 6], [7, 1], 0.0)])
    assert trainer.compute_loss(trainer.model, batch).item() == 0


def test_a_model_whose_rows_would_see_each_other_is_found_out(trainer: Any) -> None:
    assert trainers.keeps_apart(trainer.model)
    trainer.model.config._attn_implementation = "eager"
    assert trainers.keeps_apart(trainer.model)
    trainer.model.config._attn_implementation = "sdpa"
    first = trainer.model.model.layers[0]

    def leak(_module: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return (args[0].cumsum(1), *args[1:])

    with_state = first.register_forward_pre_hook(leak)
    assert not trainers.keeps_apart(trainer.model)
    with_state.remove()


def test_rows_share_lines_beside_adapters_too(trainer: Any) -> None:
    source = trainer.model.config.name_or_path
    asked = {"adapter": "lora"}
    settings = settle(asked, usual("causal", 9, 1_000, "lora"))
    with models.quiet():
        model = models.trainable(Plan("causal", source, "tiny", settings, 0))
    assert trainers.keeps_apart(model)


def test_the_order_is_random_and_rows_of_a_batch_alike() -> None:
    lengths = [i % 40 for i in range(1_000)]
    order = Order(lengths, 20, seed=1)
    first = list(order)
    assert sorted(first) == list(range(1_000))
    assert list(order) == first
    spread = [max(part) - min(part) for part in _lengths(first, lengths)]
    assert sum(spread) / len(spread) < 3
    order.set_epoch(1)
    assert list(order) != first


def _lengths(order: list[int], lengths: list[int]) -> list[list[int]]:
    return [[lengths[i] for i in order[start : start + 20]] for start in range(0, len(order), 20)]


def test_near_duplicates_are_held_out_together() -> None:
    texts = [f"{word} number {i} of a long line of words about {word}" for i in range(60)
             for word in ("apples", "pears", "stones", "rivers")]  # fmt: skip
    texts = [f"{text} {'again' * (i % 2)}" for i, text in enumerate(texts)]
    held_out = hold_out(TrainingSet(texts, texts)).dev
    assert 12 <= len(held_out) <= 24
    assert hold_out(TrainingSet(texts[:79], texts[:79])) == HeldOut()
    same = ["one and the same text here"] * 60 + [f"{i} other texts {i}" for i in range(60)]
    chosen = hold_out(TrainingSet(same, same)).dev
    assert not any(i < 60 for i in chosen)


def _example(number: int, group: str = "", parents: tuple[int, ...] = ()) -> Example:
    word = hashlib.md5(f"{number}".encode(), usedforsecurity=False).hexdigest()
    return Example(word, word, "train", "user", "mit", "gold", group=group, parents=parents,
                   id=number)  # fmt: skip


def test_no_relative_of_a_row_held_out_is_learned_from() -> None:
    mine = [_example(i, group=f"source {i // 2}") for i in range(1, 121)]
    written = [_example(200 + i, parents=(1 + i % 120, 1 + i * 7 % 120)) for i in range(240)]
    for examples in (mine, mine + written[:120], mine + written):
        texts = [e.input for e in examples]
        held = hold_out(TrainingSet(texts, texts, families=families(examples)))
        assert 0.05 * len(texts) < len(held.dev) <= 0.1 * len(texts)
        out = {examples[row].id for row in held.dev}
        groups = {examples[row].group for row in held.dev} - {""}
        assert groups
        for row, example in enumerate(examples):
            if row not in held.dev | held.related:
                assert example.group not in groups
                assert out.isdisjoint(example.parents)
        assert bool(held.related) == (len(examples) > 120)


def test_a_long_task_leaves_room_for_inputs() -> None:
    tokenizer, (texts, outputs) = bases.word_tokenizer(), bases.task(20)
    form = Form("causal", "plain", "cat " * 3_000, (), None, 0, 0)
    read, form, said = rows.read(TrainingSet(texts, outputs), form, tokenizer, 32_768, HeldOut())
    assert said == []
    for row in read.train:
        assert f"Input: {texts[row.number]}\n" in tokenizer.decode(row.prompt)


@pytest.mark.parametrize(("missing", "cut"), [(0, 0), (1, 3)])
def test_inputs_that_just_fit_are_whole(missing: int, cut: int) -> None:
    tokenizer, texts = bases.word_tokenizer(), ["cat dog " * 20] * 3
    form = Form("causal", "plain", "Repeat.", (), None, 1_000, 0)
    context = len(form.prompt_ids(tokenizer, texts[0])) + 16 - missing
    data = TrainingSet(texts, ["cat"] * 3)
    read, form, said = rows.read(data, form, tokenizer, context, HeldOut())
    assert len(read.train[0].prompt) <= form.longest_prompt == context - 16
    assert [note[:16] for note in said] == (["3 of 3 inputs lo"] if cut else [])


@pytest.mark.parametrize("at_once", [None, 1, 4, 16])
@pytest.mark.parametrize("processes", [1, 2, 8])
@pytest.mark.parametrize("batch", [8, 16, 32, 64])
def test_a_step_has_the_rows_it_should(at_once: int | None, processes: int, batch: int) -> None:
    settings = settle({"batch_size": batch}, usual("causal", 500, 10**8, "none"))
    plan = Plan("causal", "/base", "a/b", settings, 3, at_once=at_once)
    sizes = []
    while plan and not plan.checkpointed:
        sizes.append(plan.micro(processes))
        assert sizes[-1] * plan.passes(processes) * processes == batch
        plan = plan.smaller(processes)  # type: ignore[assignment]
    assert sizes[0] <= (at_once or batch)
    assert sizes == sorted({*sizes}, reverse=True)
    assert sizes[-1] == 1


def test_files_of_a_plan_come_back(tmp_path: Path) -> None:
    settings = settle({"adapter": "lora"}, usual("causal", 500, 10**8, "lora"))
    plan = Plan("causal", "/base", "a/b", settings, 3, at_once=2, said=("a note",))
    plan.save(tmp_path)
    assert Plan.load(tmp_path) == plan
    assert Plan.load(tmp_path / "none") is None
