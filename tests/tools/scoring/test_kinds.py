import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tools.scoring.kinds import Kind, described

LETTERS = "abcdefghijklmnopqrst"


@pytest.mark.parametrize(
    ("rows", "kind", "why"),
    [
        ([("x", json.dumps({"a": n})) for n in range(9)], "json", "JSON"),
        ([(f"x{n}", ("yes", "no")[n % 2]) for n in range(9)], "closed", "100% of them repeat"),
        ([(f"x{n}", f"2020-01-{n}") for n in range(10, 30)], "closed", "such as '9-9-9'"),
        ([(f"who is {a} Abel", f"{a} Abel") for a in LETTERS], "short", "100% of them are part"),
        ([(f"x{a}", f"{a}.get(key)") for a in LETTERS], "long", "look like code"),
        ([(f"x{a}", f"{a} of many words that say a lot") for a in LETTERS], "long", "8 words"),
        ([(f"今日{a}", f"{a}東京都です") for a in LETTERS], "short", "0% of them"),
        ([], "short", ""),
    ],
)
def test_outputs_are_told_apart(rows: list[tuple[str, str]], kind: Kind, why: str) -> None:
    found, said = described(rows)
    assert found == kind
    assert why in said


@pytest.mark.parametrize(
    ("path", "kind", "pair"),
    [
        ("rajpurkar/squad", "short", lambda r: (r["context"], r["answers"]["text"][0])),
        ("SkelterLabsInc/JaQuAD", "short", lambda r: (r["context"], r["answers"]["text"][0])),
        ("neulab/mconala", "long", lambda r: (r["intent"], r["snippet"])),
        ("jiacheng-ye/nl2bash", "long", lambda r: (r["nl"], r["bash"])),
        ("openai/gsm8k", "long", lambda r: (r["question"], r["answer"])),
        ("microsoft/recognizers_text/data/datetime", "closed", lambda r: (r["text"], r["timex"])),
    ],
)
def test_real_outputs_are_told_apart(
    shared: Path, path: str, kind: Kind, pair: Callable[[dict[str, Any]], tuple[str, str]]
) -> None:
    from pyarrow import parquet

    file = sorted((shared / "catalogue" / path).rglob("train-*.parquet"))[0]
    rows = parquet.read_table(file).slice(0, 500).to_pylist()
    assert described([pair(row) for row in rows])[0] == kind
