"""What each change to a task keeps of a run, and what is done again.

Rows in the store, data sets found, rounds and their memory stay unless said otherwise.

| change | rows | best student | done next |
|---|---|---|---|
| other words, rules, conventions | stay | stays | rounds as usual |
| meaning or border of a label; two labels confused; how new rows should be | stay | stays | rows for
  these labels are written, with that as guidance |
| new label | stay; people's rows that had it come in | incomparable | found, then written for it |
| label removed | its rows go | incomparable | trained on the rest |
| label renamed | are relabelled | incomparable | trained on them |
| language added | stay | incomparable | found, then written in it |
| language replaced | those surely in another language go | incomparable | likewise |
| smaller model | stay, none is written | steps back | trained on them within the size |
| other metric | stay | is scored anew | |
| data set not wanted | what comes from it goes | incomparable if any did | others are found |
| rows given | join, some held out where people's do not test yet | stays | trained with them |
| more rounds | stay | stays | rounds as usual |

An incomparable student was measured on another task or on other rows: the next one that is
evaluated takes its place, whatever its score. It comes back where none can be trained.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from graph.state import NOTHING_SPENT, Draft, Json, Limits, State, Version, Wish
from tools.curation.language import is_foreign
from tools.examples import ExampleStore, Split
from tools.reasons import Reason
from tools.services import Services
from tools.splits import hold_out_given
from tools.talk.change import amended, known_name
from tools.talk.given import CALL, admit
from tools.talk.versions import compare, language_name
from tools.talking import Change
from tools.task import TaskSpec

SPLITS: tuple[Split, ...] = ("train", "validation", "test")
FEW_ROUNDS = 2
"""Rounds that a change is given which asks for one thing only."""


@dataclass
class Effects:
    """What changes come to, gathered one after the other.

    Attributes:
        by: Names the decision in the store, so that a repeated step decides nothing twice.
        update: What changes in the state.
        wishes: What is to be done next.
        comparable: Whether students before and after are measured alike.
        rounds: Rounds that the person asked for; None where it is for us to say.
    """

    state: State
    services: Services
    by: str
    update: Json = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    comparable: bool = True
    rounds: int | None = None

    @property
    def store(self) -> ExampleStore:
        """The run's examples."""
        return self.services.store

    def wish(self, do: str, why: str, **more: object) -> None:
        """Note what is to be done next."""
        blank: Json = {"labels": [], "language": None, "guidance": "", "hard": False}
        self.wishes.append(cast(Wish, {"do": do, "why": why} | blank | more))

    def search_again(self) -> None:
        """Have data sets looked for anew, those tried before among them."""
        self.update |= {"searched": False, "tried": []}

    def freshen(self, key: str, names: Sequence[str]) -> None:
        """Note what no row that is held out can have."""
        known = self.update.get("fresh", self.state.get("fresh", {}))
        self.update["fresh"] = known | {key: list(dict.fromkeys([*known.get(key, []), *names]))}

    def reject(self, ids: Sequence[int], reason: Reason) -> None:
        """Take rows out of use."""
        self.store.reject(self.by, ids, reason)


def amend(state: State, services: Services, draft: Draft) -> Json:
    """Return the update of the state that makes an agreed draft the task.

    Rows are rejected, relabelled or accepted in the store on the way; to repeat it changes nothing.

    Args:
        state: The state, with the task as it was.
        services: Those of the run.
        draft: What was agreed to.
    """
    old = spec = TaskSpec.model_validate(state["spec"])
    versions = state.get("versions", [])
    effects = Effects(state, services, f"amend-{state.get('heard', 0)}-{len(versions)}")
    for change in map(Change.model_validate, draft["changes"]):
        after = amended(spec, change)
        for effect in _EFFECTS:
            effect(effects, spec, after, change)
        spec = after
    _take_rows(effects, draft)
    final = TaskSpec.model_validate(draft["spec"])
    update = effects.update | _forgotten(state, effects) | _stretch(state, effects, draft)
    update |= {"spec": draft["spec"], "draft": None, "wanted": None, "approved": False}
    if not versions and state.get("rounds"):
        # A run that began without a conversation has a task that nobody was asked about.
        versions = [Version(version=1, spec=state["spec"], why="first")]
    if not versions or compare(old, final):
        new = Version(version=len(versions) + 1, spec=draft["spec"], why=draft["why"])
        versions = [*versions, new]
    update["versions"] = versions
    return update


def _forgotten(state: State, effects: Effects) -> Json:
    """Return what is no longer known of planning and students once the task has changed."""
    fresh_start: Json = {
        "stop_reason": None,
        "strikes": 0,
        "correction": None,
        "last_error": None,
        "made": [],
        "began": len(state.get("rounds", [])),
        "wishes": effects.wishes,
    }
    if state.get("stop_reason"):
        # What a round that never closed has brought was taken out again.
        fresh_start["round"] = None
    if effects.comparable:
        return fresh_start
    best = effects.update.get("best", state.get("best"))
    gone: Json = {"best": None, "earlier": best or state.get("earlier")}
    return fresh_start | ({} if "trained" in effects.update else {"trained": None}) | gone


def _stretch(state: State, effects: Effects, draft: Draft) -> Json:
    """Return the limits of the work to be approved: what is spent already, and as much again."""
    allotted = state.get("allotted") or state["limits"]
    spent, done = state.get("spent", NOTHING_SPENT), len(state.get("rounds", []))
    rounds = effects.rounds or _usual_rounds(effects, draft, allotted["max_rounds"])
    limits: Limits = {
        **allotted,
        "max_rounds": done + rounds,
        "minutes": round(allotted["minutes"] + spent["seconds"] / 60, 3),
        "usd": round(allotted["usd"] + (spent["usd"] or 0.0), 9),
    }
    return {"limits": limits, "allotted": allotted}


def _usual_rounds(effects: Effects, draft: Draft, most: int) -> int:
    """Return how many rounds a change takes at most: one thing asked for takes few."""
    if not effects.state.get("rounds") or not effects.wishes or draft["given"]:
        return most
    if all(wish["do"] == "train" for wish in effects.wishes):
        return 1
    written = all(wish["do"] == "write" for wish in effects.wishes)
    return min(most, FEW_ROUNDS) if written and effects.comparable else most


Effect = Callable[[Effects, TaskSpec, TaskSpec, Change], None]


def _labels_removed(e: Effects, old: TaskSpec, _new: TaskSpec, change: Change) -> None:
    gone = [name for was in change.remove_labels if (name := known_name(was, old))]
    if not gone:
        return
    rows = [x.id for s in SPLITS for x in e.store.accepted(s) if x.output in gone]
    e.reject(rows, "label not in task")
    _incomparable(e, f"Train again, without {_listed(gone)}.")


def _labels_renamed(e: Effects, old: TaskSpec, _new: TaskSpec, change: Change) -> None:
    names = {known_name(was, old): name for was, name in change.rename_labels.items()}
    known = {was: name for was, name in names.items() if was}
    if known:
        e.store.relabel(known)
        _incomparable(e, f"Train again, with {_listed(list(known))} renamed.")


def _incomparable(e: Effects, why: str) -> None:
    """Have the next student take the best one's place; on the rows there are, unless more comes."""
    e.comparable = False
    if e.state.get("rounds"):
        e.wish("train", why)


def _labels_added(e: Effects, old: TaskSpec, new: TaskSpec, change: Change) -> None:
    renamed = change.rename_labels.values()
    added = [n for n in new.label_names if known_name(n, old) is None and n not in renamed]
    if not added:
        return
    admit(e.store, e.store.calls(CALL), added)
    if not e.state.get("rounds"):
        return
    meanings = {label.name: label.meaning for label in new.labels}
    said = "; ".join(f"{name}: {meanings[name]}" for name in added if meanings[name])
    e.comparable = False
    e.freshen("labels", added)
    e.search_again()
    e.wish("find", f"Look for rows with {_listed(added)} in data sets.", labels=added)
    e.wish("write", f"Have rows written for {_listed(added)}.", labels=added, guidance=said)
    e.wish("train", f"Train again, with {_listed(added)}.")


def _meanings(e: Effects, old: TaskSpec, new: TaskSpec, _change: Change) -> None:
    before = {label.name: label for label in old.labels}
    changed = [x for x in new.labels if x.name in before and x != before[x.name]]
    if not changed or not e.state.get("rounds"):
        return
    said = "; ".join(f"{x.name}: {' '.join(filter(None, [x.meaning, x.borderline]))}"
                     for x in changed)  # fmt: skip
    names = [x.name for x in changed]
    why = f"Have rows written for {_listed(names)}, as they are meant now."
    e.wish("write", why, labels=names, guidance=said, hard=True)


def _confused(e: Effects, _old: TaskSpec, _new: TaskSpec, change: Change) -> None:
    if not e.state.get("rounds"):
        return
    for one, other in change.confused:
        said = change.guidance or f"Tell {one} and {other} apart."
        why = f"Have rows written that tell {one} and {other} apart."
        e.wish("write", why, labels=[one, other], guidance=said, hard=True)
    if change.guidance and not change.confused and not change.add_labels:
        e.wish("write", f"Have rows written: {change.guidance}", guidance=change.guidance)


def _language(e: Effects, old: TaskSpec, new: TaskSpec, change: Change) -> None:
    if not e.state.get("rounds"):
        return
    if change.language and new.language != old.language:
        foreign = [
            x.id for s in SPLITS for x in e.store.accepted(s) if is_foreign(x.input, new.languages)
        ]
        e.reject(foreign, "wrong language")
    for tag in new.languages:
        if tag in old.languages:
            continue
        name = language_name(tag)
        e.comparable = False
        e.freshen("languages", [tag])
        e.search_again()
        e.update |= {"bases": [], "failed_bases": []}
        e.wish("find", f"Look for rows in {name} in data sets.", language=tag)
        said = f"Every input is in {name}, as its speakers write."
        e.wish("write", f"Have rows written in {name}.", language=tag, guidance=said)
        e.wish("train", f"Train again, with {name}.")


def _metric(e: Effects, old: TaskSpec, new: TaskSpec, _change: Change) -> None:
    best = e.state.get("best")
    if best and new.metric != old.metric:
        e.comparable = False
        # Scored under the new metric, it closes a round of its own.
        e.update["trained"] = {key: value for key, value in best.items() if key != "evaluation"}


def _size(e: Effects, _old: TaskSpec, _new: TaskSpec, change: Change) -> None:
    best = e.state.get("best") or e.state.get("earlier")
    factor = change.size_factor * best["size_mb"] if change.size_factor and best else None
    sizes = [size for size in (change.most_mb, factor) if size]
    if not sizes:
        return
    most = round(min(sizes), 1)
    e.update |= {"most_mb": most, "bases": [], "failed_bases": []}
    _incomparable(e, f"Train a model of at most {most:g} MB.")


def _avoided(e: Effects, _old: TaskSpec, _new: TaskSpec, change: Change) -> None:
    if not change.avoid_datasets:
        return
    names = {name.partition("@")[0] for name in change.avoid_datasets}
    mine = [x.id for s in SPLITS for x in e.store.accepted(s) if x.source in names]
    e.reject(mine, "unwanted data set")
    found = e.state.get("datasets", [])
    e.update |= {
        "avoid": sorted({*e.state.get("avoid", []), *names}),
        "datasets": [d for d in found if d["repo_id"] not in names],
        "imports": [i for i in e.state.get("imports", []) if i["dataset"] not in names],
    }
    e.search_again()
    if mine and e.state.get("rounds"):
        e.comparable = False
        e.wish("find", f"Look for other data sets than {_listed(sorted(names))}.")
        e.wish("train", f"Train again, without {_listed(sorted(names))}.")


def _more_rounds(e: Effects, _old: TaskSpec, _new: TaskSpec, change: Change) -> None:
    e.rounds = change.more_rounds or e.rounds


def _take_rows(e: Effects, draft: Draft) -> None:
    """Have rows that the person gave join; they stay whatever a round with them is worth."""
    rows = [x for call in draft["given"] for x in e.store.written_by(call) if x.reason is None]
    if not rows or not e.state.get("rounds"):
        return
    text = draft["spec"]["output_type"] == "text"
    hold_out_given(e.store, rows, e.services.seed, written=text)
    if e.comparable:
        e.wish("train", f"Train again, with your {len(rows):,} examples.")


def _listed(names: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))


_EFFECTS: tuple[Effect, ...] = (
    _labels_renamed,
    _labels_removed,
    _labels_added,
    _meanings,
    _confused,
    _language,
    _metric,
    _size,
    _avoided,
    _more_rounds,
)
