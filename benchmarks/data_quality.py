"""What gets past curation: near-duplicates, contamination, label priors.

    python -m benchmarks.data_quality [--quick] [--catalogue DIR]

For each bank of `../shared/teacher_bank` with human test rows: three human rows a label to begin
with, the test rows in place, and half the bank's size asked for in one batch, from a teacher that
repeats itself, at times slightly edited, in 30% of its drafts and prefers one label in 30%.
Near-duplicates are accepted rows that have another accepted row at a similarity of .8 or more: by
Jaccard over character 3-grams, by cosine over TF-IDF of character 3- to 5-grams, and by cosine of
the bundled encoder's vectors. The same for accepted rows against test rows. `--quick`: one bank.
"""

import argparse
import random
import tempfile
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from benchmarks.loop_pays import MODEL, PER_LABEL, SETS, TEST_ROWS, Set, endpoint, rows
from benchmarks.measure import machine
from tests.standin.process import own_process
from tools.curation.duplicates import shingles, similarity
from tools.examples import Example
from tools.services import Encoder
from tools.text import folded

SIMILAR = 0.8
FLAWS = ("--duplicates", "0.3", "--skew", "0.3")


def main() -> None:
    """Measure all banks and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--catalogue", type=Path, default=Path("../shared/catalogue"))
    args = parser.parse_args()
    print(f"{machine()}; seed 0; teacher's flaws {' '.join(FLAWS)}\n")
    print(
        "| data | accepted of asked | rejected | near-duplicates: Jaccard, TF-IDF, encoder | "
        "equal or Jaccard-near to a test row | label prior off by at most |"
    )
    print("|---|---|---|---|---|---|")
    for name in ["snips"] if args.quick else SETS:
        with (
            tempfile.TemporaryDirectory() as folder,
            own_process("--bank", SETS[name].bank, *FLAWS) as url,
            endpoint(url),
        ):
            print(f"| {name} | {one(SETS[name], args.catalogue, Path(folder))} |", flush=True)


def one(data: Set, catalogue: Path, folder: Path) -> str:
    """Return one line of the table."""
    from agent.compose import Parts, services_for
    from agent.settings import Settings
    from tools.generate_batch import generate_batch
    from tools.services import Call
    from tools.task import Label, TaskSpec

    rng = random.Random(0)
    train, test = rows(data, catalogue)
    by_label: dict[str, list[str]] = defaultdict(list)
    for text, label in train:
        by_label[label].append(text)
    labels = tuple(Label(name=label) for label in sorted(by_label))
    seeds = [(t, k) for k in sorted(by_label) for t in rng.sample(by_label[k], PER_LABEL)]
    tested = rng.sample(test, min(TEST_ROWS, len(test)))
    settings = Settings(planner="rules", teacher=MODEL, cache=folder / "cache")
    with services_for(folder, settings, Parts(), offline=True) as (services, _):
        store = services.store
        store.write("mine", [Example(t, k, "train", "user", "user", "gold") for t, k in seeds])
        store.write("test", [Example(t, k, "test", "user", "user", "gold") for t, k in tested])
        spec = TaskSpec(instruction=data.task, labels=labels, language=language(data))
        asked = bank_size(data) // 2 // len(labels) * len(labels)
        artifact = generate_batch(Call("g", spec, services), asked, "cover")[1]
        written = [e for e in store.written_by("g") if e.reason is None]
        texts = [e.input for e in written]
        shares = Counter(e.output for e in written)
        off = max(abs(shares[k.name] / len(written) - 1 / len(labels)) for k in labels)
        near = f"{jaccard(texts):.1%}, {tfidf(texts):.1%}, {encoded(texts, services.encoder):.1%}"
        leaked = overlap(texts, [t for t, _ in tested])
    rejected = ", ".join(f"{reason} {n}" for reason, n in artifact["rejected"].items())
    return (
        f"{artifact['accepted']} of {asked} | {rejected} | {near} | {leaked} | "
        f"{off * 100:.1f} points"
    )


def language(data: Set) -> str:
    """Return the language of a set's inputs."""
    return "de" if data.bank == "german_topics" else "en"


def bank_size(data: Set) -> int:
    """Return how many examples a bank holds."""
    from tests.standin.rows import load_rows

    return len(load_rows(data.bank))


def jaccard(texts: Sequence[str]) -> float:
    """Return the share of texts with a near-duplicate by character 3-grams."""
    grams = [shingles(folded(text)) for text in texts]
    near = [
        any(similarity(a, b) >= SIMILAR for j, b in enumerate(grams) if i != j)
        for i, a in enumerate(grams)
    ]
    return float(np.mean(near))


def tfidf(texts: Sequence[str]) -> float:
    """Return the share of texts with a near-duplicate by TF-IDF of character 3- to 5-grams."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    x = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5)).fit_transform(texts)
    return _share((x @ x.T).toarray())


def encoded(texts: Sequence[str], encoder: Encoder) -> float:
    """Return the share of texts with a near-duplicate by the encoder's vectors."""
    vectors = encoder.encode(texts)
    return _share(vectors @ vectors.T)


def _share(similarities: NDArray[np.floating[Any]]) -> float:
    np.fill_diagonal(similarities, 0)
    return float((similarities.max(axis=1) >= SIMILAR).mean())


def overlap(texts: Sequence[str], others: Sequence[str]) -> int:
    """Return how many texts equal or nearly equal one of `others`, compared pair by pair."""
    grams = [shingles(folded(text)) for text in others]
    return sum(
        any(similarity(shingles(folded(text)), other) >= SIMILAR for other in grams)
        for text in texts
    )


if __name__ == "__main__":
    main()
