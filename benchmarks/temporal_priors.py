"""What a teacher writes of each kind of output: freely, and when it is asked with priors.

Part of `benchmarks.temporal_synthetic`.
"""

import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from benchmarks.loop_pays import MODEL, endpoint
from benchmarks.temporal_rows import NONE, TASK, Pair, distance, is_timex, shares, written
from tests.standin.process import own_process
from tools.examples import Example

ASKED = 100
_FEW = 40
_FLAWED = ("--malformed", "0.5", "--skew", "0.3")
_SAID = "About 40% of the sentences have no date: N/A."


def report(train: Sequence[Pair], test: Sequence[Pair], folder: Path, *, quick: bool) -> None:
    """Print the shares of kinds and of malformed outputs."""
    real = shares(output for _, output in train)
    print(f"Shares of kinds of output; {ASKED} examples asked for with focus cover.\n")
    print("| who wrote | rows | " + " | ".join(map(_code, _named(real))) + " | other | off by |")
    print("|---" * (len(_named(real)) + 4) + "|")
    _line("people, training rows", [o for _, o in train], real)
    _line("people, test rows", [o for _, o in test], real)
    _line("teacher, freely (the bank)", [o for _, o in written()], real)
    few = random.Random(0).sample(train, _FEW)
    arms: list[tuple[str, Sequence[Pair], str, Sequence[str]]] = [
        (f"asked, {_FEW} real rows known", few, TASK, ())
    ]
    if not quick:
        arms += [
            (f"asked, {len(train)} real rows known", train, TASK, ()),
            (f"the same, teacher flawed ({' '.join(_FLAWED)})", train, TASK, _FLAWED),
            ("no real rows, the task says 40% N/A; same flaws", (), f"{TASK} {_SAID}", _FLAWED),
        ]
    malformed = []
    for number, (name, known, task, flaws) in enumerate(arms):
        drafts = ask(known, test, task, flaws, folder / str(number))
        accepted = [draft.output for draft in drafts if draft.reason is None]
        _line(name, accepted, real)
        malformed.append((name, [draft.output for draft in drafts], accepted))
    print(
        "\nOutputs that are no TIMEX value and not N/A, by a grammar that curation does not know.\n"
    )
    print("| teacher | drafts | malformed | accepted | malformed |\n|---|---|---|---|---|")
    for name, every, accepted in malformed:
        bad, passed = (sum(not is_timex(o) for o in some) for some in (every, accepted))
        print(
            f"| {name} | {len(every)} | {bad / len(every):.1%} | {len(accepted)} | "
            f"{passed / max(1, len(accepted)):.1%} |",
            flush=True,
        )


def ask(
    known: Sequence[Pair], test: Sequence[Pair], task: str, flaws: Sequence[str], folder: Path
) -> list[Example]:
    """Have a batch written and return all drafts; people's rows are known, test rows in place."""
    from agent.compose import Parts, services_for
    from agent.settings import Settings
    from tools.generate_batch import generate_batch
    from tools.services import Call
    from tools.task import TaskSpec

    folder.mkdir()
    settings = Settings(planner="rules", teacher=MODEL, judge=None, cache=folder / "cache")
    with (
        own_process("--bank", "temporal", *flaws) as url,
        endpoint(url),
        services_for(folder, settings, Parts(), offline=True) as (services, _),
    ):
        store = services.store
        store.write("mine", [Example(t, o, "train", "user", "user", "gold") for t, o in known])
        store.write("test", [Example(t, o, "test", "user", "user", "gold") for t, o in test])
        spec = TaskSpec(instruction=task, output_type="text")
        generate_batch(Call("g", spec, services), ASKED, "cover")
        return store.written_by("g")


def _named(real: Counter[str]) -> list[str]:
    return [name for name, _ in real.most_common(8)]


def _code(name: str) -> str:
    return f"`{name}`" if name != NONE else name


def _line(name: str, outputs: Sequence[str], real: Counter[str]) -> None:
    found = shares(outputs)
    named = _named(real)
    rest = sum(share for one, share in found.items() if one not in named)
    cells = [f"{found[one]:.0%}" for one in named]
    print(
        f"| {name} | {len(outputs)} | {' | '.join(cells)} | {rest:.0%} | "
        f"{distance(found, real):.0%} |",
        flush=True,
    )
