"""What changes to a task do to rows, students and plans, one kind of change after the other.

The table of them is in `graph.amend`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import cast

from graph.state import Draft, Json, State, Wish
from tools.curation.language import is_foreign
from tools.examples import Example, ExampleStore, Split
from tools.reasons import Reason
from tools.services import Services
from tools.splits import hold_out_given
from tools.talk.change import known_name
from tools.talk.regained import give_up, regain
from tools.talk.versions import language_name
from tools.talking import Change
from tools.task import TaskSpec

SPLITS: tuple[Split, ...] = ("train", "validation", "test")


@dataclass
class Effects:
    """What changes come to, gathered one after the other.

    Attributes:
        by: Names the decision in the store, so that a repeated step decides nothing twice.
        update: What changes in the state.
        wishes: What is to be done next.
        comparable: Whether students before and after do the same task on the same rows.
        first: Whether no earlier try of this step has carried the change out; later changes may
            have given the rows' labels another meaning since.
        rescored: Whether the best one is to be measured by another metric.
        rounds: Rounds that the person asked for; None where it is for us to say.
        allowed: What the person allows to be spent: `usd`, `minutes`.
    """

    state: State
    services: Services
    by: str
    update: Json = field(default_factory=dict)
    wishes: list[Wish] = field(default_factory=list)
    comparable: bool = True
    first: bool = True
    rescored: bool = False
    rounds: int | None = None
    allowed: dict[str, float] = field(default_factory=dict)

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


Effect = Callable[[Effects, TaskSpec, TaskSpec, Change], None]


def _labels_removed(e: Effects, old: TaskSpec, _new: TaskSpec, change: Change) -> None:
    gone = [name for was in change.remove_labels if (name := known_name(was, old))]
    if not gone:
        return
    if e.first:
        give_up(e.store, gone)
    _incomparable(e, f"Train again, without {_listed(gone)}.")


def _labels_renamed(e: Effects, old: TaskSpec, _new: TaskSpec, change: Change) -> None:
    names = {known_name(was, old): name for was, name in change.rename_labels.items()}
    known = {was: name for was, name in names.items() if was}
    if known:
        if e.first:
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
    regain(e.store, added, e.by, lambda row: _unfit(e, new, row))
    if not e.state.get("rounds"):
        return
    e.comparable = False
    # What had been held out of a label that is back is held out again, beside its other rows.
    tested = e.store.label_counts("test")
    if unknown := [name for name in added if name not in tested]:
        meanings = {label.name: label.meaning for label in new.labels}
        said = "; ".join(f"{name}: {meanings[name]}" for name in unknown if meanings[name])
        names = _listed(unknown)
        e.freshen("labels", unknown)
        e.search_again()
        e.wish("find", f"Look for rows with {names} in data sets.", labels=unknown)
        e.wish("write", f"Have rows written for {names}.", labels=unknown, guidance=said)
    e.wish("train", f"Train again, with {_listed(added)}.")


def _unfit(e: Effects, spec: TaskSpec, row: Example) -> Reason | None:
    """Say what has come to speak against a row while its label was no label of the task."""
    if row.source in e.update.get("avoid", e.state.get("avoid", [])):
        return "unwanted data set"
    left = {version["spec"]["language"] for version in e.state.get("versions", [])}
    if left <= set(spec.languages) or not is_foreign(row.input, spec.languages):
        return None
    return "wrong language"


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


def _metric(e: Effects, _old: TaskSpec, new: TaskSpec, _change: Change) -> None:
    e.rescored = bool(e.state.get("best")) and new.metric != e.state["spec"]["metric"]


def _size(e: Effects, _old: TaskSpec, _new: TaskSpec, change: Change) -> None:
    best = e.state.get("best") or e.state.get("earlier")
    factor = change.size_factor * best["size_mb"] if change.size_factor and best else None
    sizes = [size for size in (change.most_mb, factor) if size is not None]
    if not sizes:
        return
    most = float(f"{min(sizes):.3g}")
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


def _budget(e: Effects, _old: TaskSpec, _new: TaskSpec, change: Change) -> None:
    said = {"usd": change.usd, "minutes": change.minutes}
    e.allowed |= {name: amount for name, amount in said.items() if amount is not None}


def take_rows(e: Effects, draft: Draft) -> None:
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


EFFECTS: tuple[Effect, ...] = (
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
    _budget,
)
