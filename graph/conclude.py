"""The last node: score the best student once on the test split and write down what came of it."""

import time
from dataclasses import asdict, replace
from functools import reduce
from typing import cast

from langgraph.config import get_stream_writer
from langgraph.runtime import Runtime

from graph.budget import Deadline, booked, fund, seconds_left, uncharged, with_talk
from graph.folds import undo
from graph.report import write_report
from graph.state import NOTHING_SPENT, Json, Round, State
from tools.by_hand import summary as by_hand
from tools.examples import ExampleStore, Split
from tools.hub.licence_names import UNKNOWN
from tools.hub.obligations import materials_of, obligations, summarise
from tools.scoring import baselines
from tools.scoring.final import score_test
from tools.scoring.judge import JUDGING, judged
from tools.scoring.teacher import BASELINE, against_teacher
from tools.services import Call, Metric, Services
from tools.students.bases import SCRATCH
from tools.task import TaskSpec
from tools.teachers.offline import OfflineTeacher
from tools.teaching import Usage

ROUND_KEYS = ("round", "focus", "requested", "accepted")
REPORT_FORMAT = 1
MOST_WEAK = 8
"""Regions and slices that a report names."""
SPLITS: tuple[Split, ...] = ("train", "validation", "test")
WRITING = ("generate_batch", "transform_rows")
"""Tools that have a teacher write."""


def conclude(state: State, runtime: Runtime[Services]) -> Json:
    """Measure the best student and the baselines on the test rows, then write the report."""
    start = time.monotonic()
    services = runtime.context
    fund(services, state)
    if state.get("best") and (unfinished := state.get("round")):
        undo(services.store, unfinished)  # the best student has not been trained on it
    if not state.get("best") and state.get("earlier"):
        # Nothing could be trained as the person wants it now, so what there was remains.
        state = {**state, "best": state["earlier"]}
    measured = _measure(state, services)
    tested = state.get("tested", 0) + (measured["test"]["value"] is not None)
    measured["test"]["times"] = tested
    report = _report(state, services, measured)
    used = [uncharged(state, services, who, who) for who in (BASELINE, JUDGING)]
    update = booked(state, BASELINE, time.monotonic() - start, used[0])
    update = booked(cast(State, state | update), JUDGING, 0.0, used[1])
    update = with_talk(cast(State, state | update), services)
    report["spent"] = update["spent"] | {"by": update["used"]} | _price_of_data(state, update)
    write_report(services.workspace, report)
    return update | {
        "report": report,
        "decision": f"stopped: {state['stop_reason']}",
        "best": state.get("best"),
        "tested": tested,
        "wishes": [],
    }


def _price_of_data(state: State, update: Json) -> Json:
    """Return what an accepted example has cost that a teacher wrote; None where none was paid."""
    used = [Usage(**update["used"][tool]) for tool in WRITING if tool in update["used"]]
    written = state.get("written", 0)
    if not used or not written:
        return {"usd_per_example": None, "tokens_per_example": None}
    total = reduce(Usage.plus, used)
    tokens = total.prompt_tokens + total.completion_tokens
    usd = None if total.usd is None else round(total.usd / written, 6)
    return {"usd_per_example": usd, "tokens_per_example": round(tokens / written, 1)}


def _measure(state: State, services: Services) -> Json:
    """Return the test score and the baselines; null for what cannot be known."""
    best = state.get("best")
    measured: Json = {
        "test": {"metric": None, "value": None, "ci95": None, "n": 0, "also": {}, "judge": None},
        "baselines": {"majority": None, "copy": None, "seed_only": None, "teacher": None},
        "teacher": None,
    }
    if not best:
        return measured
    ends = time.monotonic() + seconds_left(state["limits"], state.get("spent", NOTHING_SPENT))
    get_stream_writer()({"progress": "scoring the best student on the test rows"})
    call = Call("conclude", TaskSpec.model_validate(state["spec"]), services, best=best["student"])
    test = score_test(call, best["student"])
    if test:
        metric = services.metrics[test["metric"]]
        compared = against_teacher(call, best["student"])
        measured["test"] = test | {"judge": judged(call, best["student"])}
        measured["baselines"] = {
            "majority": baselines.majority(call, metric),
            "copy": baselines.copy(call, metric),
            "seed_only": _seed_only(call, metric, ends),
            "teacher": compared and compared["value"],
        }
        measured["teacher"] = compared
    return measured


def _seed_only(call: Call, metric: Metric, ends: float) -> float | None:
    """Measure the seed-only student; one that writes text is given up when the run's time is up."""
    left = ends - time.monotonic()
    if call.spec.output_type == "text":
        last = time.monotonic() + max(left, baselines.ALWAYS_S)
        deadline = Deadline(call.services.executor, last)
        call = replace(call, services=replace(call.services, executor=deadline))
    return baselines.seed_only(call, metric, left)


def _report(state: State, services: Services, measured: Json) -> Json:
    best = state.get("best")
    store = services.store
    return {
        "format": REPORT_FORMAT,
        "run": services.workspace.name,
        "run_dir": str(services.workspace),
        "task": state["spec"],
        "status": "done" if best else "failed",
        "stop_reason": state["stop_reason"],
        "stop_detail": state.get("decision"),
        "evidence": _evidence(store),
        **measured,
        "weak": _weak(best),
        "rounds": [_round(store, round_) for round_ in state.get("rounds", [])],
        "student": _student(best),
        "data": {
            **{split: store.count(split) for split in SPLITS},
            "origins": [asdict(origin) for origin in store.origins()],
            "imports": state.get("imports", []),
            "closed": _closed(services),
            "by_hand": by_hand(store.path),
            **_licences(state, services),
        },
        "model_dir": str(services.workspace / "models" / best["student"]) if best else None,
    }


def _closed(services: Services) -> list[str]:
    """Return the data sets at hand that only those may have whom their owners let in."""
    infos = [info for source in services.sources for info in source.infos()]
    return sorted({info.repo_id for info in infos if info.gated or info.private})


def _licences(state: State, services: Services) -> Json:
    """Return what the licences of the data and of the base model ask."""
    writer = "" if services.teacher.name == OfflineTeacher.name else services.teacher.name
    rows = [e for split in SPLITS for e in services.store.accepted(split)]
    asked = obligations(materials_of(rows, writer), _closed(services))
    base = _base(state.get("best"))
    summary = asdict(summarise(asked, base, {services.teacher.name}))
    named = {
        "base": {"name": base[0], "licence": base[1]} if base else None,
        "teacher": services.teacher.name,
        "writer": writer,
    }
    return {
        "obligations": [asdict(one) | {"duties": list(one.duties)} for one in asked],
        "licence": summary | {"says": list(summary["says"])} | named,
    }


def _base(best: Json | None) -> tuple[str, str] | None:
    """Return name and licence of the model that the student is built on, if it is on one."""
    if not best or best["hyperparameters"].get("features") == "ngrams":
        return None
    if best["base"] == SCRATCH.name:
        return None
    # A run that an earlier version began has not noted it.
    return best["base"], best.get("licence", UNKNOWN)


def _round(store: ExampleStore, round_: Round) -> Json:
    validation = cast(Json, round_["validation"])
    kept = {key: cast(Json, round_)[key] for key in ROUND_KEYS}
    return kept | {
        "rejected": store.rejections(round_["round"]),
        "validation": validation,
        "p_better": round_["p_better"],
        "kept": round_["kept"],
        "seconds": round_["seconds"],
        "usd": round_["usd"],
        "tokens": round_["tokens"],
    }


def _student(best: Json | None) -> Json | None:
    if not best:
        return None
    keys = ("method", "base", "parameters", "size_mb", "latency_ms", "hyperparameters", "notes")
    return {"id": best["student"]} | {key: best[key] for key in keys}


def _weak(best: Json | None) -> Json:
    """Return where a student of text failed before the test, in numbers; empty for labels."""
    if not best:
        return {"regions": [], "slices": []}
    evaluation = best["evaluation"]
    regions = [] if evaluation["per_label"] else evaluation["hard"]
    told = [{key: region[key] for key in ("label", "taken_for", "n")} for region in regions]
    # A run that an earlier version began has no slices.
    slices = [s for s in evaluation.get("slices", []) if s["value"] < evaluation["value"]]
    return {"regions": told[:MOST_WEAK], "slices": slices[:MOST_WEAK]}


def _evidence(store: ExampleStore) -> str | None:
    """Return what the test rows rest on; the weakest kind where they are mixed."""
    kinds = {example.evidence for example in store.accepted("test")}
    for kind in ("synthetic", "retrieved", "gold"):
        if kind in kinds:
            return kind
    return None
