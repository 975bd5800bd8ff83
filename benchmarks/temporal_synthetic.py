"""How far what a teacher writes stands for real rows: kinds of output, formats, and scores.

    python -m benchmarks.temporal_synthetic [--quick] [--catalogue DIR]

The task is temporal normalisation, with people's rows and a language model's on one footing
(`benchmarks/temporal_rows.py` says how). First the shares of kinds of output and of malformed ones
that a stand-in teacher with the bank `../shared/teacher_bank/temporal.jsonl` brings when it is
asked with priors. Then students of several bases, amounts of data and lengths of training, each
scored on held-out synthetic rows and on people's test rows; a second synthetic estimate weighs the
rows such that every kind counts as often as in people's training rows. Nothing is chosen on test
rows. `--quick`: one arm and three students.
"""

import argparse
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import atanh, sqrt, tanh
from pathlib import Path
from statistics import mean

from benchmarks import temporal_priors
from benchmarks.measure import machine
from benchmarks.temporal_rows import TASK, Pair, kind, real, shares, written
from tools.examples import Example
from tools.scoring.metrics import METRICS
from tools.services import Services

HELD_OUT = 100
SECONDS, QUICK_SECONDS = 60.0, 20.0
"""Most that a student may train; it takes fewer steps where that is not enough."""
_STORIES = "../shared/models/stories260K"


@dataclass(frozen=True)
class Recipe:
    """A student: how many rows of each origin it learns from, and how."""

    name: str
    written: int
    real: int
    base: str = "scratch"
    epochs: int | None = None


RECIPES = (
    Recipe("scratch, 50 written", 50, 0),
    Recipe("scratch, 50 written, 10 epochs", 50, 0, epochs=10),
    Recipe("scratch, 150 written", 150, 0),
    Recipe("scratch, 260 written, 5 epochs", 260, 0, epochs=5),
    Recipe("scratch, 260 written", 260, 0),
    Recipe("scratch, 50 real", 0, 50),
    Recipe("scratch, 150 written and 50 real", 150, 50),
    Recipe("scratch, 260 written and all real", 260, 10_000),
    Recipe("scratch, all real", 0, 10_000),
    Recipe("stories260K, 50 written and 50 real", 50, 50, _STORIES),
)
QUICK = (RECIPES[0], RECIPES[1], RECIPES[5])


@dataclass(frozen=True)
class Scores:
    """What a student gets: on synthetic rows, on these weighed by kind, and on people's.

    Attributes:
        cut: Whether it was trained in full, or for how many steps.
    """

    synthetic: float
    weighed: float
    real: float
    synthetic_chrf: float
    real_chrf: float
    cut: str

    @property
    def cells(self) -> str:
        """The cells of its line in the table."""
        numbers = (self.synthetic, self.weighed, self.real, self.synthetic_chrf, self.real_chrf)
        return " | ".join([*(f"{number:.3f}" for number in numbers), self.cut])


def main() -> None:
    """Print the tables and what follows from them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--catalogue", type=Path, default=Path("../shared/catalogue"))
    args = parser.parse_args()
    train, test = real(args.catalogue, "train"), real(args.catalogue, "test")
    print(f"{machine()}; seed 0\n")
    with tempfile.TemporaryDirectory() as folder:
        temporal_priors.report(train, test, Path(folder), quick=args.quick)
        students(train, test, Path(folder) / "students", quick=args.quick)


def students(train: Sequence[Pair], test: Sequence[Pair], folder: Path, *, quick: bool) -> None:
    """Train all students, and print what either estimate says of them."""
    from agent.compose import Parts, services_for
    from agent.settings import Settings

    recipes, seconds = (QUICK, QUICK_SECONDS) if quick else (RECIPES, SECONDS)
    rows = random.Random(0).sample(written(), len(written()))
    held, rest = rows[:HELD_OUT], rows[HELD_OUT:]
    print(
        f"\nStudents scored on {len(held)} held-out synthetic rows and {len(test)} of people's; at "
        f"most {seconds:.0f} s of training each.\n\n"
        "| student | synthetic, EM | weighed by kind | real, EM | synthetic, chrF++ "
        "| real, chrF++ | trained |\n|---|---|---|---|---|---|---|"
    )
    folder.mkdir()
    settings = Settings(planner="rules", teacher="offline", cache=folder / "cache")
    found = []
    with services_for(folder, settings, Parts(), offline=True) as (services, _):
        for recipe in recipes:
            learned = _examples(rest[: recipe.written], train[: recipe.real])
            scores = one(services, recipe, learned, (held, test), train, seconds)
            found.append(scores)
            print(f"| {recipe.name} | {scores.cells} |", flush=True)
    conclude(found)


def _examples(by_teacher: Sequence[Pair], by_people: Sequence[Pair]) -> list[Example]:
    rows = [Example(*pair, "train", "bank", "user", "synthetic") for pair in by_teacher]
    rows += [Example(*pair, "train", "user", "user", "gold") for pair in by_people]
    return [replace(row, id=number) for number, row in enumerate(rows, start=1)]


def one(
    services: Services,
    recipe: Recipe,
    learned: Sequence[Example],
    scored: tuple[Sequence[Pair], Sequence[Pair]],
    train: Sequence[Pair],
    seconds: float,
) -> Scores:
    """Train a student and score it on both sets of rows."""
    from tools.students import client
    from tools.task import TaskSpec

    spec = TaskSpec(instruction=TASK, output_type="text")
    fixed = {"epochs": recipe.epochs} if recipe.epochs else {}
    made = client.train(services, spec, learned, "sft", recipe.base, fixed, seconds)
    (held, held_gold), (test, gold) = (
        ([t for t, _ in rows], [o for _, o in rows]) for rows in scored
    )
    said = [p.output for p in client.predict(services, made.student, [*held, *test])]
    on_held, on_test = said[: len(held)], said[len(held) :]
    exact, chrf = METRICS["exact_match"], METRICS["chrF++"]
    return Scores(
        synthetic=exact.score(held_gold, on_held),
        weighed=weighed(held_gold, on_held, [o for _, o in train]),
        real=exact.score(gold, on_test),
        synthetic_chrf=chrf.score(held_gold, on_held),
        real_chrf=chrf.score(gold, on_test),
        cut=next((note for note in made.notes if " steps" in note), "in full"),
    )


def weighed(gold: Sequence[str], said: Sequence[str], like: Sequence[str]) -> float:
    """Return exact match with every kind of output weighing as much as it does in `like`.

    Kinds that do not occur in `gold` cannot be weighed; the others share what is theirs.
    """
    wanted, have = shares(like), shares(gold)
    weights = [wanted[kind(g)] / have[kind(g)] for g in gold]
    exact = METRICS["exact_match"]
    right = [exact.score([g], [s]) for g, s in zip(gold, said, strict=True)]
    return sum(w * r for w, r in zip(weights, right, strict=True)) / sum(weights)


def conclude(found: Sequence[Scores]) -> None:
    """Print how well each estimate ranks the students, and how far off it is."""
    pairs = {
        "exact match": [(s.synthetic, s.real) for s in found],
        "exact match, weighed by kind": [(s.weighed, s.real) for s in found],
        "chrF++": [(s.synthetic_chrf, s.real_chrf) for s in found],
    }
    print("\n| estimate | rank correlation with the real score | mean gap | widest |")
    print("|---|---|---|---|")
    for name, values in pairs.items():
        gaps = [synthetic - truth for synthetic, truth in values]
        print(f"| {name} | {correlation(values)} | {mean(gaps):+.3f} | {max(gaps, key=abs):+.3f} |")
    nothing = sum(s.synthetic == s.real == 0 for s in found)
    print(
        f"\nn = {len(found)} students of one task and one bank: the correlation says whether this "
        "estimate ranks students that differ as much as these, and no more. "
        f"{nothing} of them get no row exactly right on either side, so they tie."
    )


def correlation(values: Sequence[tuple[float, float]]) -> str:
    """Return Spearman's rho with its 95% interval by Fisher's z (Fieller et al. 1957)."""
    from scipy.stats import spearmanr

    estimated, true = zip(*values, strict=True)
    if len(set(estimated)) == 1 or len(set(true)) == 1:
        return "none, all alike"
    rho = float(spearmanr(estimated, true).statistic)
    if len(values) <= 3 or abs(rho) == 1:
        return f"{rho:+.2f}"
    half = 1.96 * sqrt(1.06 / (len(values) - 3))
    return f"{rho:+.2f} [{tanh(atanh(rho) - half):+.2f}, {tanh(atanh(rho) + half):+.2f}]"


if __name__ == "__main__":
    main()
