"""What answering a file takes: rows a second and peak memory, for one size and for ten times it.

    python benchmarks/predict_file.py [--quick] [--rows N]

A student that writes (a Llama with random weights, 0.3 million of them, in the form that a base
made from zero has) answers N rows of made-up messages with `tasksmith predict --file F --output O`,
then 10 N, for each format that is read as it comes. Seconds include the start. The target: ten
times the rows take no more than a tenth more memory.
"""

import argparse
import csv
import json
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil

from benchmarks.measure import TASKSMITH
from tests.agent.finished import finished
from tests.tools.students.text.small import byte_tokenizer, save
from tools.students import METHODS
from tools.students.text.form import Form

LABELS = ("praise", "complaint", "question")
FORMATS = ("txt", "jsonl", "csv", "parquet")
TARGET = 1.1
POLL_S = 0.1


def messages(rows: int) -> Iterator[str]:
    """Yield messages of 4 to 24 words from a vocabulary of 2,000."""
    rng = random.Random(0)
    words = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 9))) for _ in range(2_000)]
    for _ in range(rows):
        yield " ".join(rng.choices(words, k=rng.randint(4, 24)))


def student(folder: Path) -> Path:
    """Write a student that answers with one of three labels, as quick as a writing one can be."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    tokenizer = byte_tokenizer()
    torch.manual_seed(0)
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer), hidden_size=64, intermediate_size=172, num_hidden_layers=5,
            num_attention_heads=8, num_key_value_heads=4, eos_token_id=tokenizer.eos_token_id,
        )
    )  # fmt: skip
    return save(model, tokenizer, Form("causal", "bare", "", LABELS, None, 128, 16), folder)


def write(texts: Sequence[str], path: Path) -> None:
    """Write texts in the format of the name."""
    if path.suffix == ".parquet":
        import pandas as pd

        return pd.DataFrame({"text": texts}).to_parquet(path, row_group_size=10_000)
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            csv.writer(file).writerows([["text"], *([text] for text in texts)])
        elif path.suffix == ".jsonl":
            file.writelines(json.dumps({"text": text}) + "\n" for text in texts)
        else:
            file.writelines(text + "\n" for text in texts)
    return None


def answer(run: Path, file: Path) -> tuple[float, float]:
    """Return the seconds that a file takes, and the peak memory in megabytes."""
    output = file.with_suffix(".answers")
    command = [TASKSMITH, "predict", str(run), "--file", str(file), "--output", str(output)]
    start, peak = time.monotonic(), 0
    with subprocess.Popen(command, env=os.environ, stderr=subprocess.DEVNULL) as process:
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().rss)
            except psutil.NoSuchProcess:
                break
            time.sleep(POLL_S)
    if process.returncode:
        raise SystemExit(f"predict ended with {process.returncode}")
    output.unlink()
    return time.monotonic() - start, peak / 1e6


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer rows, two formats")
    parser.add_argument("--rows", type=int, help="rows of the smaller size")
    asked = parser.parse_args()
    rows = asked.rows or (500 if asked.quick else 10_000)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = finished(folder / "run", student(folder / "student"), entry=METHODS["sft"]).folder
        texts = [*messages(10 * rows)]
        print(
            "| format | rows | seconds | rows/s | peak MB | memory, 10× to 1× |\n"
            "|---|---|---|---|---|---|"
        )
        for suffix in FORMATS[1:3] if asked.quick else FORMATS:
            peaks = []
            for size in (rows, 10 * rows):
                write(texts[:size], file := folder / f"texts.{suffix}")
                seconds, peak = answer(run, file)
                peaks.append(peak)
                ratio = f"{peaks[-1] / peaks[0]:.2f} (≤ {TARGET})" if len(peaks) == 2 else ""
                print(
                    f"| {suffix} | {size:,} | {seconds:.0f} | {size / seconds:,.0f} | {peak:,.0f} |"
                    f" {ratio} |",
                    flush=True,
                )


if __name__ == "__main__":
    main()
