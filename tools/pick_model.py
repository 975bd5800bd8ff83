"""The tool `pick_model`: ranks the students that could be trained here."""

from collections import Counter
from collections.abc import Iterable, Sequence

from tools.services import Call, Json, ToolError, ToolResult
from tools.students.field import Field, Limits, gather
from tools.students.race import FOLDS, MOST_ROWS, Race, run_race
from tools.students.ranking import (
    DOWNLOAD_MB_PER_S,
    Candidate,
    Situation,
    able_methods,
    described,
    rank,
    seconds,
    spread,
)
from tools.students.situation import look_around

_SHOWN = 5
_KEPT = 20
_ENTRANTS = 3
_RACE_SHARE = 0.2
_LONGEST_RACE_S = 900.0


def pick_model(
    call: Call,
    max_parameters: int | None = None,
    language: str | None = None,
    licence: str | None = None,
    race: bool = False,
    *,
    asked: Iterable[str] = (),
    seconds_left: float | None = None,
    most_mb: float | None = None,
) -> ToolResult:
    """Rank the methods and bases that fit the task and can be had on this machine.

    Nothing is downloaded, except for a race.

    Args:
        call: The tool call.
        max_parameters: Leave out larger bases.
        language: BCP 47 tag of the inputs; the task's where not given.
        licence: Leave out bases with any other licence; permissive ones where not given.
        race: Whether to train the best candidates briefly, and put the one that does best first.
        asked: Methods, and names or paths of bases, that the user asked for.
        seconds_left: What is left of the run's time; None where it has no end.
        most_mb: Leave out what would give a larger student; the user wants none.

    Raises:
        ToolError: No method or no base fits.
    """
    methods = able_methods(call)
    at = look_around(call, language or call.spec.language, seconds_left)
    wanted = frozenset(asked)
    limits = Limits(max_parameters, licence, call.services.allowed_licences, wanted, most_mb)
    found = gather(call, methods, at, limits)
    if not found.candidates:
        raise ToolError(
            f"none of the {sum(found.left_out.values())} bases available fits "
            f"({_summary(found.left_out)}); allow more parameters or another licence, or give "
            "finetune the path of a local model"
        )
    ranked = spread(sorted(found.candidates, key=lambda c: rank(c, at)), _SHOWN)
    run = _race(call, ranked, at, found.notes) if race else None
    rows = [described(candidate, at) for candidate in ranked]
    if run:
        rows = _reordered(rows, run)
    artifact: Json = {
        "tool": "pick_model",
        "candidates": rows[:_KEPT],
        "left_out": dict(sorted(found.left_out.items())),
        "notes": found.notes,
        "race": run and run.as_json(),
    }
    return _text(rows, found, run), artifact


def _race(call: Call, ranked: Sequence[Candidate], at: Situation, notes: list[str]) -> Race | None:
    """Race the candidates that there is time for; None, with a note, where that makes no sense."""
    total = _LONGEST_RACE_S
    if at.seconds_left is not None:
        total = min(total, _RACE_SHARE * at.seconds_left)
    each = total / _ENTRANTS
    rows = FOLDS * min(at.rows, MOST_ROWS)
    # A few hundred rows say nothing about a model that has to learn everything from all of them.
    able = [c for c in ranked[:_SHOWN] if not c.base.untrained]
    entrants = [c for c in able if seconds(c, at, rows) <= each][:_ENTRANTS]
    if len(entrants) < 2:
        notes.append(f"no race: fewer than two candidates can be tried in {each:.0f} s each")
        return None
    try:
        return run_race(call, entrants, each)
    except ToolError as error:
        notes.append(f"no race: {error}")
        return None


def _reordered(rows: Sequence[Json], run: Race) -> list[Json]:
    """Put the scored first, the best at the top, and what failed last."""
    place = {(r.candidate.method, r.candidate.base.name): r for r in run.results}
    scored, others, failed = [], [], []
    for row in rows:
        result = place.get((row["method"], row["base"]))
        if result is None:
            others.append(row)
        elif result.score is None:
            failed.append(row | {"why": f"{row['why']}; lost the race: {result.reason}"})
        else:
            why = (
                f"{run.metric} {result.score:.3f} in a race on {run.rows:,} training rows; "
                f"{row['why']}"
            )
            scored.append(row | {"why": why, "race_score": result.score})
    order = [(r.candidate.method, r.candidate.base.name) for r in run.results]
    scored.sort(key=lambda row: order.index((row["method"], row["base"])))
    return [*scored, *others, *failed]


def _text(rows: Sequence[Json], found: Field, run: Race | None) -> str:
    lines = [
        f"{i}. {row['method']} on {row['base']}, about {row['estimated_seconds']:,} s: {row['why']}"
        for i, row in enumerate(rows[:_SHOWN], 1)
    ]
    if run:
        lines.append(f"Raced {len(run.results)}: {'; '.join(map(str, run.results))}.")
    if found.left_out:
        lines.append(f"Left out: {_summary(found.left_out)}.")
    if any(row["download_mb"] for row in rows[:_SHOWN]):
        lines.append(f"Times count downloads at {DOWNLOAD_MB_PER_S} MB/s.")
    return "\n".join([*lines, *(f"Note: {note}." for note in found.notes)])


def _summary(left_out: Counter[str]) -> str:
    return ", ".join(f"{n} {reason}" for reason, n in sorted(left_out.items()))
