"""Putting together what a teacher is asked for."""

import zlib
from collections import Counter
from collections.abc import Sequence
from itertools import chain, islice, zip_longest

from tools.curation.kinds import Kinds
from tools.curation.pipeline import Batch
from tools.examples import Example
from tools.scoring.errors import confusions, text_regions
from tools.services import Call, ToolError
from tools.teachers.quotas import quotas
from tools.teachers.related import related_texts
from tools.teaching import Case, Confusion, Focus, RelatedText, Rewriter, TeachingRequest

LONGEST_WISH = 1_000
_FOR_A_CASE = 4
"""Examples written for a case: two variations of it, and a contrast to each."""


def training_rows(call: Call) -> list[Example]:
    """Return the accepted training rows, without those that an earlier try of this call stored."""
    store = call.services.store
    own = {example.id for example in store.written_by(call.id)}
    return [example for example in store.accepted("train") if example.id not in own]


def known_labels(call: Call) -> tuple[str, ...]:
    """Return the labels to write for; none for text tasks.

    Raises:
        ToolError: A label task has none yet.
    """
    if call.spec.output_type == "text":
        return ()
    known = call.spec.label_names or tuple(sorted(call.services.store.label_counts("train")))
    if not known:
        raise ToolError("no labels are known yet; import a data set or name the labels first")
    return known


def one_line(words: str) -> str:
    """Return a planner's words in a form that cannot pass for another part of a prompt."""
    return " ".join(words.split())[:LONGEST_WISH]


def call_seed(call: Call) -> int:
    """Return a seed that is the call's own, and the same when the call is repeated."""
    return zlib.crc32(f"{call.services.seed} {call.id}".encode())


def teaching_request(
    call: Call, n: int, focus: Focus, guidance: str, labels: Sequence[str], batch: Batch
) -> TeachingRequest:
    """Return a request for `n` examples that holds nothing of the validation or test split.

    Args:
        call: The tool call.
        n: Accepted examples wanted.
        focus: Anything but repair.
        guidance: The planner's wishes.
        labels: Labels to write for; empty for text tasks.
        batch: Knows what is held out, and how outputs of a text task divide into kinds.

    Raises:
        ToolError: The focus is hard, and there are no mistakes to go by.
    """
    training = training_rows(call)
    visible = shown(call, training)
    kinds = batch.outputs.kinds if batch.outputs else None
    confused = _confused(call, training, labels)
    cases = _cases(call, visible, n) if focus == "hard" else []
    if focus == "hard" and not confused and not cases:
        what = "labels that the best student confuses" if labels else "mistakes of the best student"
        raise ToolError(
            f"focus 'hard' needs {what}, and none are known: "
            "evaluate a student first, or use focus 'cover'"
        )
    return TeachingRequest(
        # Demonstrations count as examples, and may be held out by now.
        spec=call.spec.model_copy(update={"demonstrations": ()}),
        focus=focus,
        quotas=_quotas(n, focus, training, labels, confused)
        if labels
        else _kind_quotas(n, focus, training, kinds),
        examples=visible,
        seed=call_seed(call),
        n=n,
        call=call.id,
        asked=n,
        guidance=one_line(guidance),
        confusions=confused,
        related=_related(call, batch),
        cells=Counter(example.cell for example in training if example.cell),
        kinds=None if focus == "hard" else kinds,
        cases=cases,
    )


def _related(call: Call, batch: Batch) -> list[RelatedText]:
    """Return sentences to adopt; an LLM rewrites rows instead, with transform_rows."""
    if isinstance(call.services.teacher, Rewriter):
        return []
    return related_texts(call, batch.holds_out)


def _quotas(
    n: int,
    focus: Focus,
    training: Sequence[Example],
    labels: Sequence[str],
    confused: Sequence[Confusion],
) -> dict[str, int]:
    rows = Counter(example.output for example in training)
    shares = quotas(focus, n, {label: rows[label] for label in labels}, confused)
    return {label: share for label, share in shares.items() if share}


def _kind_quotas(
    n: int, focus: Focus, training: Sequence[Example], kinds: Kinds | None
) -> dict[str, int]:
    """Return kind → number of new examples; none where outputs have no kinds.

    With focus cover all that was ever written comes nearest to the shares that kinds should have,
    with focus balance all training rows do.
    """
    if kinds is None or focus == "hard":
        return {}
    counted = [e for e in training if focus == "balance" or e.evidence == "synthetic"]
    return kinds.due(n, Counter(kinds.of(e.output) for e in counted))


def _cases(call: Call, visible: Sequence[Example], n: int) -> list[Case]:
    """Return rows that the best student of a text task answers wrongly, enough for `n` examples.

    Regions of failure take turns, the largest first.
    """
    if call.best is None or call.spec.output_type == "label":
        return []
    scored = call.services.store.predictions(call.best, "oof")
    by_id = {example.id: example for example in visible}
    regions = [region.examples for region in text_regions(visible, scored)]
    in_turn = (id_ for id_ in chain.from_iterable(zip_longest(*regions)) if id_ is not None)
    return [Case(by_id[id_], scored[id_].output) for id_ in islice(in_turn, -(-n // _FOR_A_CASE))]


def _confused(call: Call, training: Sequence[Example], labels: Sequence[str]) -> list[Confusion]:
    """Return the best student's confusions that have a wanted label on either side."""
    scored = call.services.store.predictions(call.best, "oof") if call.best else {}
    return [
        (right, taken_for, times)
        for right, taken_for, times in confusions(training, scored)
        if right in labels or taken_for in labels
    ]


def shown(call: Call, training: Sequence[Example]) -> list[Example]:
    """Return the rows that a teacher may see: imported data can hold a text in two splits."""
    store = call.services.store
    hidden = {e.key for e in store.accepted("validation")} | {e.key for e in store.accepted("test")}
    return [example for example in training if example.key not in hidden]
