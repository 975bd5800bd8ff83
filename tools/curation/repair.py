"""Training rows whose label is doubtful: a judge's second opinion on them, or the neighbours'."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tools.curation.agreement import ballots, winner
from tools.curation.doubts import wrong_labels
from tools.examples import Example
from tools.scoring.errors import label_doubts
from tools.services import Call
from tools.text import folded


@dataclass(frozen=True)
class Repair:
    """What to do about doubtful rows.

    Attributes:
        dropped: Ids of rows to take out, those that are relabelled among them.
        relabelled: The rows that come in their place.
    """

    dropped: Sequence[int]
    relabelled: Sequence[Example]


def repair(call: Call, training: Sequence[Example], n: int) -> Repair:
    """Look again at up to `n` training rows that the best student, not having seen them, doubts.

    A judge answers them anew: where it agrees with the row, the row stays; where it is of another
    opinion, the row gets that label; where it is of none or finds it unclear, the row goes. Without
    a judge, rows go that both student and nearest neighbours contradict. Rows of the user's own,
    and those that a person has decided about, are never touched.
    """
    services = call.services
    held = services.store.held()
    scored = services.store.predictions(call.best, "oof") if call.best else {}
    if services.judge is None:
        wrong = wrong_labels(training, scored, services.encoder)
        return Repair([id_ for id_ in wrong if id_ not in held][:n], ())
    by_id = {row.id: row for row in training if row.evidence != "gold" and row.id not in held}
    found = [d.example for d in label_doubts(training, scored) if d.example in by_id]
    rows = [by_id[id_] for id_ in found[:n]]
    to_go_by = [row for row in training if row.id not in found]
    pairs = [(row.input, row.output) for row in rows]
    cast = ballots(services.judge, call.spec, to_go_by, pairs, call.id)
    names = {folded(name): name for name in [*call.spec.label_names, *(e.output for e in training)]}
    decided = [
        (row, names.get(winner(ballot) or ""))
        for row, ballot in zip(rows, cast, strict=True)
        if ballot and winner(ballot) != folded(row.output)
    ]
    return Repair(
        dropped=[row.id for row, _ in decided],
        relabelled=[
            replace(
                row,
                output=output,
                parents=(row.id,),
                evidence="synthetic",
                round=call.round,
                cell="",
            )
            for row, output in decided
            if output is not None
        ],
    )
