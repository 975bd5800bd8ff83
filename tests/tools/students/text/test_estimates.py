from dataclasses import replace

from tests.small_task import rows
from tools.students.base import Base
from tools.students.bases import SCRATCH
from tools.students.text.estimates import Material, answering, material, training

LLAMA = Base(
    "own/llama", "own/llama", 130_000_000, ("en",), "mit", frozen=False, kind="causal",
    body=100_000_000,
)  # fmt: skip
T5 = replace(LLAMA, name="own/t5", kind="seq2seq")
ABOUT = Material(instruction=10, output=20, answered=500)
DATES = [
    ("May 3, 2020", "2020-05-03"),
    ("1 June 1999", "1999-06-01"),
    ("7 July 2001", "2001-07-07"),
]


def test_outputs_instructions_and_rows_to_answer_take_time() -> None:
    for changed in (replace(ABOUT, output=90), replace(ABOUT, instruction=300)):
        assert training(LLAMA, 500, 20, changed) > training(LLAMA, 500, 20, ABOUT)
        assert answering(LLAMA, 20, changed) > answering(LLAMA, 20, ABOUT)
    assert training(LLAMA, 500, 20, replace(ABOUT, answered=0)) == training(LLAMA, 500, 20, ABOUT)
    assert answering(LLAMA, 20, replace(ABOUT, answered=0)) == 0


def test_half_of_a_t5_reads_and_the_other_half_writes() -> None:
    assert training(T5, 500, 20, ABOUT) == training(LLAMA, 500, 20, ABOUT) / 2


def test_a_model_from_scratch_is_small_and_reads_no_instruction() -> None:
    assert training(SCRATCH, 500, 20, ABOUT) < training(LLAMA, 500, 20, ABOUT) / 10
    assert answering(SCRATCH, 20, ABOUT) == answering(SCRATCH, 20, replace(ABOUT, instruction=300))


def test_its_training_has_an_end_however_many_rows_there_are() -> None:
    assert training(SCRATCH, 20_000, 20, ABOUT) < 2 * training(SCRATCH, 5_000, 20, ABOUT)


def test_material_measures_rows() -> None:
    some = rows(30, "train", 0)
    about = material("Write the date.", some, answered=7)
    assert about.answered == 7
    assert 0 < about.output < 2 < about.instruction
    assert material("x", [], 0).output > 0


def test_long_outputs_of_words_that_do_not_recur_are_freely_worded() -> None:
    first = rows(1, "train", 0)[0]
    dates = [replace(first, input=text, output=date) for text, date in DATES]
    assert not material("x", dates, 0).free
    sayings = (
        "the early bird catches the worm before anyone else has woken up",
        "a rolling stone gathers no moss yet sees a good deal of country",
        "too many cooks spoil what one of them would have made quite well",
    )
    assert material("x", [replace(first, output=saying) for saying in sayings], 0).free
    commands = [replace(first, output=" ".join(["JUMP", "LEFT"] * n)) for n in (4, 5, 6)]
    assert not material("x", commands, 0).free
