"""Text tasks on bases as the Hub has them, all but their size: from the command line to a folder.

    python -m benchmarks.real_bases [--quick] [--only NAME] [--int8] [--minutes M] [--seed N]

Architectures, tokenizers, templates and files are those of five families; weights are random and
few, so that what is measured is whether everything works, not how good it is. A Hub on loopback
serves them; one of each kind is taken from a folder, too. Each is trained by `tasksmith run
--student`, asked by `tasksmith predict` and exported. Prints a table. `--quick` does one base of
each kind, and only from the Hub.
"""

import argparse
import json
import os
import random
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.measure import TASKSMITH, machine
from tests.hubsite.site import Site, serving
from tests.tools.students.text.real import FAMILIES

TASK = (
    "Write the two words that somebody types in capital letters, the second one first. "
    "Metric: exact match"
)
WORDS = [
    "boat", "lake", "blue", "island", "oar", "rope", "anchor", "north", "paddle", "swim", "fish",
    "wind", "sail", "deck", "harbour", "tide", "wave", "shore", "kayak", "raft",
]  # fmt: skip
ROWS, TEST_ROWS = 150, 30
QUICK = ("Qwen3", "Flan-T5")
CARD = b"---\nlicense: apache-2.0\nlanguage: [en]\nlibrary_name: transformers\n---\nA model.\n"
HEAD = (
    "| architecture | weights | from | method | loss, first → last | exact match | same answers: "
    "{formats} | s |\n|---|---|---|---|---|---|{lines}---|"
)


@dataclass
class Done:
    """What came of one base: `failed` says where it went wrong."""

    report: dict[str, Any] = field(default_factory=dict)
    losses: list[float] = field(default_factory=list)
    same: list[str] = field(default_factory=list)
    failed: str = ""


def main() -> None:
    """Run the task on every base and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", choices=FAMILIES)
    parser.add_argument("--int8", action="store_true")
    parser.add_argument("--minutes", default="3")
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    names = [args.only] if args.only else QUICK if args.quick else FAMILIES
    options = ["--budget-minutes", args.minutes]
    formats = ["safetensors", "onnx", *(["onnx-int8"] if args.int8 else [])]
    print(f"{machine()}; {ROWS} training rows, seed {args.seed}\n")
    print(HEAD.format(formats=", ".join(formats), lines="---|"))
    with tempfile.TemporaryDirectory() as folder, serving() as site:
        place = Path(folder)
        options += written(place, args.seed)
        for name in names:
            base = saved(name, place / "bases" / name.replace(" ", "-"))
            students = {"the Hub": served(site, base)}
            if name in QUICK and not args.quick:
                students["a folder"] = str(base)
            for source, student in students.items():
                done = tried(student, options, place / "runs" / source / base.name, site, formats)
                print(row(name, source, done), flush=True)


def written(folder: Path, seed: int) -> list[str]:
    """Write examples and test rows; return the arguments that name them."""
    drawn = random.Random(seed)
    pairs = [f"{a} {b}" for a in WORDS for b in WORDS if a != b]
    drawn.shuffle(pairs)
    arguments = []
    for flag, some in (("examples", pairs[:ROWS]), ("test", pairs[ROWS : ROWS + TEST_ROWS])):
        path = folder / f"{flag}.jsonl"
        rows = [{"input": text, "output": answer(text)} for text in some]
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        arguments += [f"--{flag}", str(path)]
    return arguments


def answer(text: str) -> str:
    """Do the task."""
    return " ".join(reversed(text.upper().split()))


def saved(name: str, folder: Path) -> Path:
    """Save a base of a family."""
    import torch

    torch.manual_seed(0)
    words = " ".join(WORDS)
    lines = [TASK, "Input: Output:", words, words.upper(), *(f"{w} {w.upper()}" for w in WORDS)]
    FAMILIES[name](folder, lines * 5)
    (folder / "README.md").write_bytes(CARD)
    return folder


def served(site: Site, base: Path) -> str:
    """Put a base on the Hub; return its name there."""
    site.add_repo("model", f"lab/{base.name}", {path.name: path for path in base.iterdir()})
    return f"lab/{base.name}"


def tried(student: str, options: list[str], out: Path, site: Site, formats: list[str]) -> Done:
    """Train, ask and export, until something fails."""
    place = ("--out", str(out))
    done = Done()
    ran = tasksmith("run", TASK, *options, "--student", student, *place, "--json", site=site)
    done.losses = [float(loss) for loss in re.findall(r"trial 1 .*loss (\d+\.\d+)", ran.stderr)]
    if ran.returncode:
        done.failed = f"run: {last_line(ran)}"
        return done
    done.report = json.loads(ran.stdout)
    test = Path(options[-1])
    asked = tasksmith("predict", "last", "--file", str(test), *place, site=site)
    given = outputs(asked.stdout)
    if len(given) != TEST_ROWS:
        done.failed = f"predict: {last_line(asked)}"
        return done
    for format_ in formats:
        folder = out / format_
        shipped = tasksmith(
            "export", "last", "--format", format_, "--folder", str(folder), *place, site=site
        )
        if shipped.returncode:
            done.same.append(last_line(shipped))
            continue
        program = [sys.executable, str(folder / "predict.py"), "--file", str(test)]
        alone = subprocess.run(program, capture_output=True, text=True, cwd=folder)
        same = sum(a == b for a, b in zip(outputs(alone.stdout), given, strict=False))
        done.same.append(f"{same} of {len(given)}" + (last_line(alone) if not same else ""))
    return done


def tasksmith(*arguments: str, site: Site) -> subprocess.CompletedProcess[str]:
    """Run the command line against the Hub on loopback, with caches of its own."""
    home = Path(tempfile.gettempdir()) / f"real-bases-{os.getpid()}"
    own = {"HF_ENDPOINT": site.url, "HF_HOME": str(home), "TASKSMITH_CACHE": str(home / "own")}
    return subprocess.run(
        [TASKSMITH, *arguments], capture_output=True, text=True, env=os.environ | own
    )


def outputs(lines: str) -> list[str]:
    """Return the answers of what prints a JSON line a text."""
    return [json.loads(line)["output"] for line in lines.splitlines()]


def last_line(ran: subprocess.CompletedProcess[str]) -> str:
    """Return what a command said last."""
    said = (ran.stderr.strip() or ran.stdout.strip() or "nothing").splitlines()
    return f"exit code {ran.returncode}, {said[-1]}"


def row(name: str, source: str, done: Done) -> str:
    """Return a line of the table."""
    losses = f"{done.losses[0]:.2f} → {done.losses[-1]:.2f}" if done.losses else "none seen"
    if done.failed:
        return f"| {name} | | {source} | | {losses} | {done.failed} | | |"
    student, test = done.report["student"], done.report["test"]
    return (
        f"| {name} | {student['parameters']:,} | {source} | {student['method']} | {losses} "
        f"| {test['value']:.3f} ({test['metric']}) | {', '.join(done.same)} "
        f"| {done.report['spent']['seconds']:.0f} |"
    )


if __name__ == "__main__":
    os.environ["HF_HUB_DISABLE_PROGRESS_BARS"] = "1"
    main()
