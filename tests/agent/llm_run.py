"""A whole run that an LLM plans and teaches, with a light student; a program that a test can kill.

python -m tests.agent.llm_run OUT run|resume     with OPENAI_BASE_URL and OPENAI_API_KEY set
"""

import sys
from pathlib import Path

from agent.app import Report, finish, resume, run
from agent.compose import Parts
from agent.runs import list_runs
from agent.settings import Settings
from tests.fakes import InlineExecutor, KeywordMethod, LetterEncoder
from tests.small_task import rows
from tests.standin.bank import Bank, from_pairs

MODEL = "standin"
TASK = "Sort questions of bank customers into card, rate or transfer."
PARTS = Parts(
    executor=InlineExecutor(),
    encoder=LetterEncoder(),
    methods={"keywords": f"{KeywordMethod.__module__}:{KeywordMethod.__name__}"},
)
PRICES = f'["{MODEL}"]\ninput = 1.0\noutput = 4.0\n'


def bank(n: int = 600) -> Bank:
    """What the stand-in knows to write."""
    return from_pairs((row.input, row.output) for row in rows(n, "train", 7))


def settings(out: Path, **more: object) -> Settings:
    """Settings of a run that an LLM plans and teaches, at known prices."""
    out.mkdir(parents=True, exist_ok=True)
    prices = out / "prices.toml"
    prices.write_text(PRICES, encoding="utf-8")
    usual = {"out": out / "runs", "cache": out / "cache", "prices": prices, "student": "keywords"}
    models = {"planner": MODEL, "teacher": MODEL, "max_rounds": 3}
    return Settings.model_validate(usual | models | more)


def main(out: Path, verb: str) -> Report:
    """Begin a run in `out`, or go on with the one there."""
    if verb == "resume":
        return finish(resume(list_runs(out / "runs")[-1].folder, PARTS))
    return finish(run(TASK, settings(out), services=PARTS))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
