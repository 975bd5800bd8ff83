"""The field of candidates: what a method can train here, and how much is left out and why."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tools.hub import access
from tools.hub.licence_names import normalise
from tools.hub.licences import is_allowed
from tools.services import Call, ToolError
from tools.students import bases
from tools.students.base import Base
from tools.students.listing import listed
from tools.students.ranking import (
    FOR_TEXT,
    KINDS,
    Candidate,
    Situation,
    in_time,
    matches,
    rank,
    seconds,
)
from tools.students.table import pickled

LARGER = "larger"
"""Begins the objection to a base that is too large, without which a probe can do."""


@dataclass(frozen=True)
class Limits:
    """What the planner and the user allow.

    Attributes:
        asked: Methods and bases that the user asked for.
        most_mb: Megabytes that a base may have; None where any number is well.
        silent: Whether the Hub does not answer, so that nothing can be downloaded.
    """

    max_parameters: int | None
    licence: str | None
    allowed: frozenset[str]
    asked: frozenset[str]
    most_mb: float | None = None
    silent: bool = False

    def objection(self, base: Base) -> str | None:
        """Return in a few words why a base is not allowed, or None."""
        if self.max_parameters is not None and (base.parameters or 0) > self.max_parameters:
            return f"with more than {self.max_parameters:,} weights"
        if self.most_mb is not None and base.megabytes > self.most_mb:
            return f"{LARGER} than {self.most_mb:g} MB"
        # What is in a folder of one's own is one's own affair.
        own = base.untrained or (base.name in self.asked and not base.on_hub)
        if self.licence and not base.untrained:
            licensed = normalise(base.licence) == normalise(self.licence)
        else:
            licensed = own or is_allowed(base.licence, self.allowed)
        if not licensed:
            return f"with licence {base.licence}"
        if self.silent and base.on_hub and not bases.downloaded(base):
            return "out of reach while the Hub is silent"
        return "gated, and HF_TOKEN is not set" if base.gated and not access.token() else None


@dataclass
class Field:
    """The candidates so far, and what was left out, why, and how often."""

    candidates: list[Candidate] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


def gather(call: Call, methods: Sequence[str], at: Situation, limits: Limits) -> Field:
    """Collect what can be trained, and count what cannot."""
    found = Field()
    own = _asked_bases(call, limits.asked, found.notes)
    limits = replace(limits, asked=limits.asked | {base.name for base in own})
    methods = _worth_ranking(methods, own, at, limits)
    found.notes.extend(_misfits(methods, own, at))
    here = bases.available()
    known = {base.name: base for base in [*here, *own]}
    kinds = {KINDS[method] for method in methods if method in KINDS}
    hub = listed(kinds, at.language, call.services.shared_cache)
    if hub.note:
        found.notes.append(hub.note)
    limits = replace(limits, silent=hub.silent and not access.offline())
    found.left_out.update(hub.objections)
    if not access.offline():
        found.left_out["without safetensors"] += sum(base.kind in kinds for base in pickled())
    everything = [*known.values(), *(base for base in hub.bases if base.name not in known)]
    for place, base in enumerate(everything):
        _admit(base, place, methods, at, limits, found)
    pretrained = any(not candidate.base.untrained for candidate in found.candidates)
    _drop_slow(found, at, limits.asked)
    if found.candidates and all(candidate.base.untrained for candidate in found.candidates):
        late = "can be had and trained in the time left" if pretrained else "is at hand"
        found.notes.append(f"nothing pretrained that writes {late}")
    found.left_out = +found.left_out
    return found


def _asked_bases(call: Call, asked: frozenset[str], notes: list[str]) -> list[Base]:
    found = []
    for name in sorted(asked - call.services.methods.keys()):
        try:
            found.append(bases.find(name))
        except ToolError as error:
            notes.append(str(error))
    return found


def _worth_ranking(
    methods: Sequence[str], own: Sequence[Base], at: Situation, limits: Limits
) -> list[str]:
    """Leave out what writes where labels are wanted, unless it or its base was asked for."""
    if at.output_type == "text":
        return list(methods)
    asked = limits.asked | {m for m in FOR_TEXT for base in own if matches(m, base)}
    return [method for method in methods if method not in FOR_TEXT or method in asked]


def _misfits(methods: Sequence[str], own: Sequence[Base], at: Situation) -> list[str]:
    return [
        f"{base.name} is of kind {base.kind}, which no method here can train to answer with"
        f" {at.output_type}s"
        for base in own
        if not any(matches(method, base) for method in methods)
    ]


def _admit(
    base: Base,
    place: int,
    methods: Sequence[str],
    at: Situation,
    limits: Limits,
    found: Field,
) -> None:
    able = [method for method in methods if matches(method, base)]
    if not able:
        return
    if reason := limits.objection(base):
        found.left_out[reason] += 1
        if reason.startswith(LARGER) and "probe" in able and base.name == bases.default().name:
            # It may go by n-grams alone, which take no encoder along.
            found.candidates.append(Candidate("probe", base, place, False, True, "ngrams"))
        return
    fitting = [method for method in able if at.machine.holds(method, base)]
    if not fitting:
        found.left_out[f"too large for {at.machine.memory_gb:.0f} GB of memory"] += 1
        return
    here = not base.on_hub or bases.downloaded(base)
    if not here and base.megabytes > at.machine.disk_gb * 1e3:
        found.left_out[f"too large for {at.machine.disk_gb:.0f} GB of disk"] += 1
        return
    found.candidates += [
        Candidate(method, base, place, bool({method, base.name} & limits.asked), here)
        for method in fitting
    ]


def _drop_slow(found: Field, at: Situation, asked: frozenset[str]) -> None:
    """Leave out what would not end in time; the quickest stays where nothing would.

    A base that the user named stays, too: training ends when it has to.
    """
    in_good_time = [c for c in found.candidates if c.base.name in asked or in_time(c, at)]
    if not in_good_time and found.candidates:
        in_good_time = [min(found.candidates, key=lambda c: (seconds(c, at), rank(c, at)))]
    kept = {candidate.base.name for candidate in in_good_time}
    slow = {candidate.base.name for candidate in found.candidates} - kept
    if slow and at.seconds_left is not None:
        found.left_out[f"too slow for the {at.seconds_left / 60:.0f} min left"] += len(slow)
    found.candidates = in_good_time
