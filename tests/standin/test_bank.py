from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.standin.bank import Bank, Flaws, from_pairs, load_bank
from tests.standin.rows import tiny_rows

OUTPUT = {row.input: row.output for row in tiny_rows()}
HARD = {row.input for row in tiny_rows() if row.hard}
LABELS = ["booking", "music", "weather"]


def tiny(seed: int = 0, **flaws: float) -> Bank:
    return load_bank("tiny", seed, Flaws(**flaws))


@given(st.permutations(range(6)), st.integers(0, 3))
def test_without_replacement_in_any_order(order: list[int], seed: int) -> None:
    def drawn(keys: list[int]) -> list[str]:
        bank = tiny(seed)
        return [text for key in keys for text, _ in bank.write({"music": 2}, False, str(key))]

    assert sorted(drawn(order)) == sorted(drawn(sorted(order)))
    assert len(set(drawn(order))) == 12


def test_repeats_when_used_up() -> None:
    texts = [text for text, _ in tiny().write({"music": 24}, False, "key")]
    assert set(Counter(texts).values()) == {2}


def test_hard_rows_where_asked_for() -> None:
    assert {text for text, _ in tiny().write({"music": 2}, True, "key")} <= HARD
    assert not {text for text, _ in tiny().write({"music": 10}, False, "key")} & HARD


def test_labels_are_matched_by_their_words_and_spelled_as_asked() -> None:
    pairs = tiny().write({"Music!": 1, "finance": 3}, False, "key")
    assert [output for _, output in pairs] == ["Music!"]


def test_label_noise_prefers_confusable_labels() -> None:
    pairs = [
        pair
        for key in range(100)
        for pair in tiny(label_noise=0.3).write({"booking": 2}, False, str(key))
    ]
    wrong = Counter(OUTPUT[text] for text, _ in pairs if OUTPUT[text] != "booking")
    assert 30 < wrong.total() < 90
    assert from_pairs([("a", "x")], 0, Flaws(label_noise=1.0)).write({"x": 1}, False, "k")


def test_duplicates() -> None:
    def distinct(rate: float) -> int:
        return len({t for t, _ in tiny(duplicates=rate).write({"music": 12}, False, "key")})

    assert distinct(0.0) == 12 > distinct(0.6)


def test_skew_favours_one_label() -> None:
    pairs = tiny(skew=0.5).write(dict.fromkeys(LABELS, 8), False, "key")
    counts = Counter(output for _, output in pairs)
    assert counts.total() == 24
    assert max(counts.values()) > 11
    assert all(OUTPUT[text] == output for text, output in pairs)


def test_answers_what_it_knows_and_what_is_like_it() -> None:
    bank = tiny()
    assert {bank.answer(text, [], "k") == output for text, output in OUTPUT.items()} == {True}
    assert bank.answer("Will it snow in Lisbon tonight?", LABELS, "k") == "weather"
    assert bank.answer("PLAY SOMETHING BY NINA SIMONE", ["MUSIC", "other"], "k") == "MUSIC"
    assert bank.answer("Play something by Nina Simone", ["weather", "booking"], "k") != "music"


def test_errors_are_as_frequent_as_set_and_depend_on_the_request() -> None:
    bank = tiny(errors=0.3)

    def wrong(key: str) -> set[str]:
        return {text for text, output in OUTPUT.items() if bank.answer(text, LABELS, key) != output}

    sizes = [len(wrong(str(key))) for key in range(30)]
    assert 0.2 < sum(sizes) / (30 * len(OUTPUT)) < 0.4
    assert wrong("1") == wrong("1") != wrong("2")


def test_text_tasks() -> None:
    pairs = [(f"{n} plus one", str(n + 1)) for n in range(10)]
    bank = from_pairs(pairs)
    assert sorted(bank.write(10, False, "key")) == sorted(pairs)
    assert bank.answer("7 plus one", [], "key") == "8"


def test_banks_beside_the_checkout(shared: Path) -> None:
    bank = load_bank("banking")
    assert len(bank.labels) == 77
    counts = dict.fromkeys(bank.labels, 3)
    texts = [text for key in "abc" for text, _ in bank.write(counts, True, key)]
    assert len(set(texts)) == len(texts) == 77 * 9
    assert (shared / "teacher_bank").is_dir()


def test_an_unknown_bank_says_which_there_are() -> None:
    with pytest.raises(FileNotFoundError, match="no teacher bank 'nonsense'"):
        load_bank("nonsense")


DATED = [(f"on day {i}", f"2019-01-{i:02d}") for i in range(1, 21)]
NONE = [(f"never {i}", "N/A") for i in range(20)]


def test_texts_have_the_forms_that_are_asked_for() -> None:
    bank = from_pairs([*DATED, *NONE])
    pairs = bank.write(8, False, "a", [(("N/A",), 6), (("2001-02-03", "P3D"), 2)])
    assert [output[:2] for _, output in pairs] == ["N/"] * 6 + ["20"] * 2
    unknown = bank.write(3, False, "b", [(("P3D",), 3)])
    assert {output for _, output in unknown} <= {output for _, output in (*DATED, *NONE)}


def test_malformed_texts_are_written_as_often_as_wanted() -> None:
    bank = from_pairs(DATED * 10, flaws=Flaws(malformed=0.5))
    given = [output for _, output in bank.write(200, False, "a")]
    assert 70 < sum(output in dict(DATED).values() for output in given) < 130
