from dataclasses import replace

import pytest

from tools.students.base import Base
from tools.students.bases import SCRATCH
from tools.students.machine import Machine
from tools.students.ranking import (
    Candidate,
    Situation,
    described,
    in_time,
    matches,
    rank,
    seconds,
    spread,
)
from tools.students.text.estimates import Material

CPU = Machine("cpu", 4, ram_gb=16, gpu_gb=0, disk_gb=100)
GPU = Machine("cuda", 16, ram_gb=64, gpu_gb=24, disk_gb=100)
AT = Situation(
    rows=500, tokens=16, longest=30, language="en", output_type="label", machine=CPU,
    seconds_left=3_600,
)  # fmt: skip
SMALL = Base("own/small", "own/small", 20_000_000, ("en",), "mit", body=10_000_000, context=256)
LARGE = replace(SMALL, name="own/large", parameters=150_000_000, body=110_000_000)
MANY = replace(SMALL, name="own/many", parameters=118_000_000, body=21_000_000, languages=("mul",))


def candidate(base: Base, method: str = "probe", place: int = 0, **more: bool) -> Candidate:
    flags = {"asked": False, "downloaded": False} | more
    return Candidate(method, base, place, flags["asked"], flags["downloaded"])


def best(candidates: list[Candidate], at: Situation) -> Candidate:
    return min(candidates, key=lambda c: rank(c, at))


def test_on_a_cpu_the_quickest_that_speaks_the_language_comes_first() -> None:
    field = [candidate(base) for base in (LARGE, MANY, SMALL)]
    assert best(field, AT).base is SMALL
    assert best(field, replace(AT, language="de")).base is MANY
    here = candidate(LARGE, downloaded=True)
    assert best([candidate(MANY), here], AT) == here


def test_on_a_gpu_the_largest_that_leaves_time_for_rounds_comes_first() -> None:
    at = replace(AT, machine=GPU, rows=5_000, seconds_left=20_000)
    field = [
        candidate(base, method) for base in (SMALL, LARGE) for method in ("probe", "classifier")
    ]
    assert (best(field, at).base, best(field, at).method) == (LARGE, "classifier")
    hurried = replace(at, seconds_left=1_500)
    assert best(field, hurried).base is SMALL


def test_what_the_user_asked_for_comes_before_all() -> None:
    asked = candidate(LARGE, "classifier", asked=True)
    assert best([candidate(SMALL), asked], replace(AT, language="de")) == asked


def test_what_reads_too_little_or_only_the_list_knows_comes_later() -> None:
    long = replace(AT, longest=1_000)
    reader = replace(LARGE, context=8_192)
    assert best([candidate(SMALL), candidate(reader)], long).base is reader
    assert (
        "reads 256 tokens, and long inputs have 1,000" in described(candidate(SMALL), long)["why"]
    )
    listed = replace(SMALL, name="own/listed", body=1_000, unproven=True)
    assert best([candidate(listed), candidate(LARGE)], AT).base is LARGE


def test_time_grows_with_rows_length_and_download() -> None:
    base = candidate(SMALL, downloaded=True)
    assert seconds(base, AT) < seconds(base, replace(AT, rows=50_000))
    assert seconds(base, replace(AT, rows=50_000)) < seconds(
        base, replace(AT, rows=50_000, tokens=200)
    )
    assert seconds(candidate(SMALL), AT) == seconds(base, AT) + 8
    assert described(candidate(SMALL), AT)["download_mb"] == 80
    assert in_time(base, AT)
    assert not in_time(base, replace(AT, seconds_left=5))


def test_every_method_is_among_those_shown_and_the_best_of_the_list() -> None:
    probes = [candidate(replace(SMALL, name=f"own/{i}"), place=i) for i in range(8)]
    listed = candidate(replace(SMALL, name="own/listed", unproven=True))
    other = candidate(SMALL, "classifier")
    shown = spread([*probes, listed, other], 5)
    assert shown[:5] == [*probes[:3], listed, other]
    assert sorted(map(id, shown)) == sorted(map(id, [*probes, listed, other]))


@pytest.mark.parametrize(
    ("method", "fits"),
    [
        ("probe", {"encoder"}),
        ("classifier", {"encoder", "unfrozen"}),
        ("sft", {"causal"}),
        ("seq2seq", {"seq2seq"}),
        ("rhymes", {"encoder", "unfrozen", "causal", "seq2seq"}),
    ],
)
def test_methods_train_their_kind_of_base(method: str, fits: set[str]) -> None:
    known = {
        "encoder": SMALL,
        "unfrozen": replace(SMALL, frozen=False),
        "causal": replace(SMALL, kind="causal", frozen=False),
        "seq2seq": replace(SMALL, kind="seq2seq", frozen=False),
    }
    assert {name for name, base in known.items() if matches(method, base)} == fits


LLAMA = replace(
    SMALL, name="own/llama", kind="causal", frozen=False, parameters=135_000_000, body=106_000_000,
    context=8_192,
)  # fmt: skip
T5 = replace(LLAMA, name="own/t5", kind="seq2seq", parameters=77_000_000, body=44_000_000)
TEXT = replace(
    AT, output_type="text", seconds_left=3_600, machine=replace(CPU, cores=2),
    about=Material(instruction=20, output=10, answered=100),
)  # fmt: skip
WRITERS = [
    candidate(LLAMA, "sft"), candidate(T5, "seq2seq"), candidate(SCRATCH, "sft", downloaded=True)
]  # fmt: skip


def test_what_was_pretrained_comes_before_what_begins_with_nothing() -> None:
    assert [c.base for c in sorted(WRITERS, key=lambda c: rank(c, TEXT))][-1] is SCRATCH
    # No other base knows the language.
    assert best(WRITERS, replace(TEXT, language="yo")).base is SCRATCH


def test_the_largest_that_leaves_time_for_rounds_writes_on_a_cpu_too() -> None:
    assert best(WRITERS, replace(TEXT, seconds_left=36_000)).base is LLAMA
    assert best(WRITERS, TEXT).base is T5


def test_training_may_take_its_share_and_answers_must_fit_too() -> None:
    llama = WRITERS[0]
    needed = seconds(llama, replace(TEXT, about=replace(TEXT.about, answered=0)))
    assert not in_time(llama, replace(TEXT, seconds_left=1.2 * needed))
    assert in_time(llama, replace(TEXT, seconds_left=2 * needed))
    many = replace(TEXT.about, answered=20_000)
    assert not in_time(llama, replace(TEXT, seconds_left=2 * needed, about=many))


def test_scratch_says_what_it_is_and_when_it_will_be_poor() -> None:
    why = described(WRITERS[-1], replace(TEXT, rows=20_000))["why"]
    assert "random weights" in why
    assert "rows are few" not in why
    assert "500 rows are few for it" in described(WRITERS[-1], TEXT)["why"]
    free = replace(TEXT, about=replace(TEXT.about, free=True))
    assert "freely worded" in described(WRITERS[-1], free)["why"]


def test_scratch_is_among_those_shown() -> None:
    many = [candidate(replace(LLAMA, name=f"own/{i}"), "sft", place=i) for i in range(8)]
    assert WRITERS[-1] in spread([*many, *WRITERS[1:]], 5)[:5]
