"""A whole run with a light student and encoder, as a program of its own that a test can kill.

python -m tests.agent.light_run OUT run|resume
"""

import sys
from pathlib import Path

from agent.app import finish, resume, run
from agent.compose import Parts
from agent.runs import list_runs
from agent.settings import Settings
from tests.fakes import InlineExecutor, KeywordMethod, LetterEncoder

ROOT = Path(__file__).parents[2]
PARTS = Parts(
    executor=InlineExecutor(),
    encoder=LetterEncoder(),
    methods={"keywords": f"{KeywordMethod.__module__}:{KeywordMethod.__name__}"},
)


def main(out: Path, verb: str) -> None:
    """Begin a run in `out`, or go on with the one there."""
    if verb == "resume":
        finish(resume(list_runs(out / "runs")[-1].folder, PARTS))
        return
    settings = Settings(
        out=out / "runs",
        cache=out / "cache",
        datasets=(str(ROOT / "examples" / "catalogue"),),
        student="keywords",
        max_rounds=4,
    )
    parcels = ROOT / "examples" / "parcels"
    task = (parcels / "task.md").read_text(encoding="utf-8")
    events = run(
        task,
        settings,
        examples=parcels / "examples.jsonl",
        test=parcels / "test.jsonl",
        services=PARTS,
    )
    finish(events)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
