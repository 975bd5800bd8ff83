"""The command line of predict.py: texts in, JSON lines out."""

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

Answer = dict[str, str | float]
Likely = list[tuple[str, float]]
"""Answers with their probabilities, the likeliest first."""


class Answering(Protocol):
    """A model in a folder."""

    def predict(self, texts: Sequence[str]) -> Iterator[Answer]:
        """Yield `input`, `output` and `confidence` for each text."""
        ...


def run(model: type, folder: Path) -> None:
    """Answer what the command line gives, a JSON line a text."""
    parser = argparse.ArgumentParser(description="Answer texts; prints a JSON line for each.")
    parser.add_argument("text", nargs="?", help="a text to answer")
    parser.add_argument("--file", type=Path, help='JSON lines with an "input", or else text lines')
    given = parser.parse_args()
    if (given.text is None) == (given.file is None):
        parser.error("give a text or --file, one of the two")
    try:
        texts = [given.text] if given.file is None else read(given.file)
    except (OSError, ValueError, KeyError, TypeError) as error:
        parser.error(f"{given.file} cannot be read ({type(error).__name__}: {error})")
    answering: Answering = model(folder)
    for answer in answering.predict(texts):
        sys.stdout.write(json.dumps(answer, ensure_ascii=False) + "\n")


def ranked(labels: Sequence[str], probabilities: Any) -> Likely:
    """Return all labels with their probabilities, the likeliest first."""
    pairs = zip(labels, map(float, probabilities), strict=True)
    return sorted(pairs, key=lambda pair: -pair[1])


def answered(text: str, likely: Likely) -> Answer:
    """Return the likeliest answer to a text, and how sure it is."""
    output, confidence = likely[0]
    return {"input": text, "output": output, "confidence": round(confidence, 4)}


def read(file: Path) -> list[str]:
    """Return the texts in a file."""
    lines = file.read_text(encoding="utf-8").split("\n")
    if file.suffix != ".jsonl":
        return [line for line in lines if line.strip()]
    return [str(json.loads(line)["input"]) for line in lines if line.strip()]
