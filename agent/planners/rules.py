"""The rules planner: a chat model without a model, so that a run needs no LLM.

It reads the same messages as an LLM would. All it knows is the latest `standing` message, and its
answer is a tool call, so the graph, the trace and the tests cannot tell the two apart.
"""

import json
from collections.abc import Sequence
from textwrap import shorten
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, ToolCall
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable

from agent.planners.wishes import TRAIN, next_wish
from tools.hub.licences import how_to_allow

Json = dict[str, Any]
Step = tuple[str, Json] | str
"""A tool with its arguments, or the reason why nothing is left to do."""

MOST_IMPORT_TRIES = 3
CLOSE_BEHIND = 0.05
"""How far below the score of an imported data set another one may be that is to add to it."""
ENOUGH_ROWS = 5_000
"""Training rows from which on those of another data set are not worth their time."""
LONGEST_QUERY = 300
MOST_FAILED_BASES = 2
GROWN = 1.5
"""Growth of the training rows from which on hyperparameters are chosen anew."""
FOCI = ("hard", "cover", "repair", "balance")
WRITERS_FOCI = ("cover", "hard", "repair", "balance")
"""With an LLM, new ground comes first: it knows what the examples do not show."""
TEXT_FOCI = ("cover", "hard", "balance")
"""Only labels can be doubted."""
FEWEST_ROWS, FEWEST_EACH_LABEL = 10, 2
"""Rows without which a first student is not worth training, if a teacher can write some."""
EACH_LABEL, FEWEST_WRITTEN = 6, 60
"""Rows asked of a teacher that writes: per label, and at least."""
FIRST_EACH_LABEL, FIRST_WRITTEN = 20, 120
"""The same where people gave next to nothing, so that more than half are held out."""
FEWEST_TEXTS, FIRST_TEXTS = 50, 240
"""The same for a task whose output is text; every row teaches something of its own there."""
MOST = 500
SPARSE, SPARSE_EACH_LABEL = 300, 20


class RulesPlanner(BaseChatModel):
    """Answers with the next tool call by fixed rules."""

    @property
    def _llm_type(self) -> str:
        return "rules"

    def bind_tools(self, tools: Sequence[Any], **_: Any) -> Runnable[Any, AIMessage]:
        """Return itself: it knows the tools by name."""
        del tools
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> ChatResult:
        del stop, run_manager
        standing = next(m for m in reversed(messages) if m.name == "standing")
        step = next_step(json.loads(standing.text))
        if isinstance(step, str):
            answer = AIMessage(step)
        else:
            # Ids count the calls so far, so that a step repeated after a crash is the same step.
            name, args = step
            call_id = f"call_{max(_number(message) for message in messages) + 1}"
            answer = AIMessage("", tool_calls=[ToolCall(name=name, args=args, id=call_id)])
        return ChatResult(generations=[ChatGeneration(message=answer)])


def _number(message: BaseMessage) -> int:
    """Return the number of the call that a message makes; 0 for one that makes none."""
    calls = message.tool_calls if isinstance(message, AIMessage) else []
    ids = [str(call["id"]).removeprefix("call_") for call in calls]
    return max((int(i) for i in ids if i.isdigit()), default=0)


def next_step(s: Json) -> Step:
    """Return the next step of a run that stands at `s`."""
    error = s["last_error"]
    if error and error["tool"] in ("pick_model", "finetune", "evaluate"):
        another = error["tool"] == "finetune" and error.get("of_base") and _another_base(s)
        return _train(s) if another else str(error["message"])
    if s["trained"]:
        return "evaluate", {"student": s["trained"]}
    if wished := next_wish(s):
        return _train(s) if wished == TRAIN else wished
    if not s["rounds"] or s.get("anew"):
        return _first_round(s)
    if s["round"] and (s["round"]["accepted"] or s["round"]["dropped"]):
        return _train(s)
    return _improve(s)


def _first_round(s: Json) -> Step:
    """Find data, import it, train on it."""
    if s["sources"] and not s["searched"]:
        query = shorten(s["instruction"], LONGEST_QUERY, placeholder="")
        return "search_hf_datasets", {"query": query, "language": s["task"]["language"]}
    if not s["imported"] and len(s["tried"]) < MOST_IMPORT_TRIES:
        for found in s["datasets"]:
            if found["plausible"] and found["allowed"] and found["id"] not in s["tried"]:
                return "map_columns", {"dataset": found["id"]}
    text = _text(s)
    fewest = FEWEST_TEXTS if text else max(FEWEST_ROWS, FEWEST_EACH_LABEL * len(s["labels"]))
    too_few = s["rows"]["train"] < fewest
    if too_few and s["teacher"]["writes"] and "cover" not in _foci_now(s):
        first = FIRST_TEXTS if text else max(FIRST_EACH_LABEL * len(s["labels"]), FIRST_WRITTEN)
        n = min(MOST, max(batch_size(s), first))
        return "generate_batch", {"n": n, "focus": "cover"}
    return _train(s) if s["rows"]["train"] else _nothing(s)


def _nothing(s: Json) -> str:
    blocked = [d for d in s["datasets"] if d["plausible"] and not d["allowed"]]
    if blocked:
        first = blocked[0]
        return (
            f"the data that fits best, {first['id']}, has licence {first['licence']!r}; "
            f"{how_to_allow(first['licence'])}"
        )
    if s["last_error"]:
        return str(s["last_error"]["message"])
    where = "--datasets with other folders" if s["searched"] else "--datasets hub or DIR"
    own = "examples of your own (--examples FILE, or said in the conversation)"
    return f"no training data: give {own}, or {where}"


def _train(s: Json) -> Step:
    if not s["bases"]:
        return "pick_model", {}
    choice = _choice(s)
    if choice is None:
        # What is on no list is taken for a base; finetune says what is wrong with it.
        return "finetune", {"model": s["asked_student"]}
    args: Json = {"method": choice["method"], "model": choice["base"]}
    best = s["best"]
    same = best and (best["method"], best["base"]) == (choice["method"], choice["base"])
    # What was chosen on nearly the same rows would be chosen again, at the price of a search.
    if same and s["rows"]["train"] < GROWN * best["train_rows"]:
        args["hyperparameters"] = best["hyperparameters"]
    if fixed := choice.get("hyperparameters"):
        args["hyperparameters"] = fixed
    return "finetune", args


def _another_base(s: Json) -> bool:
    """Say whether another base is worth a try after one that could not be had or trained."""
    failed = len(s["failed_bases"])
    # Only a base that the user named has no other in its place.
    free = s["asked_student"] in (None, *(base["method"] for base in s["bases"]))
    return bool(s["bases"] and 0 < failed <= MOST_FAILED_BASES and free)


def _choice(s: Json) -> Json | None:
    """Return the best candidate for what the user asked for: a method, a base, or nothing.

    After a base that could not be had, one that is on this machine is. None where what was asked
    for is no candidate.
    """
    wanted, bases = s["asked_student"], s["bases"]
    matching = [b for b in bases if wanted in (None, b["method"], b["base"])]
    # The same base may go by several names, such as a path and the end of it.
    matching = matching or [b for b in bases if b.get("asked")]
    if not matching:
        return None
    same = matching[0]["method"]
    here = [b for b in matching if not b["download_mb"] and b["method"] == same]
    return dict((here if here and s["failed_bases"] else matching)[0])


def _improve(s: Json) -> Step:
    """Ask for data where it has earned most; what has not been tried yet comes first."""
    if late := _too_late(s):
        return late
    if another := _another_source(s):
        return "map_columns", {"dataset": another}
    if _text(s) and not s["teacher"]["writes"]:
        return f"{s['teacher']['name']} writes no texts; a chat model (--teacher MODEL) would"
    foci = TEXT_FOCI if _text(s) else WRITERS_FOCI if s["teacher"]["writes"] else FOCI
    open_foci = [focus for focus in foci if focus not in _foci_now(s)]
    if not open_foci:
        return "the teacher has nothing more to add"
    focus = max(open_foci, key=lambda f: _earned(s["earned"], f))
    if s["teacher"]["writes"] and "cover" in open_foci and _sparse(s):
        focus = "cover"
    return "generate_batch", {"n": batch_size(s), "focus": focus}


def _text(s: Json) -> bool:
    return bool(s["task"]["output_type"] == "text")


def _too_late(s: Json) -> str | None:
    """Say why no other student can be trained and tested any more; None where one can."""
    if not s["best"]:
        return None
    needed, left = s["best"]["minutes_for_another"], s["budget_left"]["minutes"]
    if needed <= left:
        return None
    return f"another student would take about {needed:.1f} min, and {left:.1f} are left"


def _another_source(s: Json) -> str | None:
    """Return a data set that fits about as well as the one imported; validation says if it stays.

    Once a round has brought rows of its own, nothing more joins it: its gain is to tell what they
    are worth.
    """
    scores = {d["id"].split("@")[0]: d["score"] for d in s["datasets"]}
    imported = [scores[name] for name in s["imported"] if name in scores]
    if not imported or s["rows"]["train"] >= ENOUGH_ROWS or len(s["tried"]) >= MOST_IMPORT_TRIES:
        return None
    for found in s["datasets"]:
        new = found["id"] not in s["tried"] and found["id"].split("@")[0] not in s["imported"]
        near = found["score"] >= max(imported) - CLOSE_BEHIND
        if new and near and found["plausible"] and found["allowed"]:
            return str(found["id"])
    return None


def _sparse(s: Json) -> bool:
    """Say whether there is little to draw contrasts in.

    Beside few rows, examples that are plain cases taught more than as many, half of them hard:
    by 0.4 to 14 points on training rows of six tasks.
    """
    return bool(s["rows"]["train"] < max(SPARSE, SPARSE_EACH_LABEL * len(s["labels"])))


def _foci_now(s: Json) -> Sequence[str]:
    """Return what has been asked of the teacher in the open round."""
    return s["round"]["foci"] if s["round"] else ()


def _earned(earned: Json, focus: str) -> float:
    """Return the validation gain of a focus per teacher token, or per round of a free teacher.

    Infinite where it is untried.
    """
    if focus not in earned:
        return float("inf")
    total = earned[focus]
    return float(total["gain"] / (total["tokens"] or total["rounds"]))


def batch_size(s: Json) -> int:
    """Return how many examples to ask for: enough to matter, few enough to judge.

    A teacher that writes what it is asked for is asked for several of each label.
    """
    wanted = s["rows"]["train"] // 4
    if s["teacher"]["writes"]:
        wanted = max(wanted, EACH_LABEL * len(s["labels"]), FEWEST_WRITTEN)
    return int(min(MOST, max(20, wanted)))
