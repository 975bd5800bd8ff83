"""What the licences of a run's data and base model ask of whoever publishes data or model.

No legal advice: the careful reading of what the licences say, in plain sentences.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from tools.examples import Example
from tools.hub.licence_names import OWN, UNKNOWN, clauses, kind_of, written
from tools.hub.licences import Terms, classify, mildest, strictest

Standing = Terms | Literal["own"]
PROVIDER = "follow the terms of {}'s provider for what its model writes"
_KEEP = "keep the licence and copyright notice"
_CREDIT = "credit the source and link its licence"
_CHANGES = "say what was changed"
_SHARE = "share what derives from it under the same licence"
_DUTIES = {
    "public": (),
    "permissive": (_KEEP,),
    "attribution": (_CREDIT, _CHANGES),
    "share-alike": (_CREDIT, _CHANGES, _SHARE),
    "non-commercial": (_CREDIT, _CHANGES, "no commercial use"),
    None: ("read the licence: what it asks is not known here",),
}
_MORE = (
    (("apache", "mpl", "epl"), _CHANGES),
    (("mpl", "epl", "gpl", "agpl", "lgpl", "gfdl", "eupl", "osl"), _KEEP),
    (("cc-by-nc-sa",), _SHARE),
)
_CUSTOM = ("gemma", "llama", "openrail", "bigscience", "bigcode", "creativeml", "rail")
_PASS_ON = "pass its conditions of use on to whoever gets the data or the model"


@dataclass(frozen=True)
class Material:
    """Accepted rows of one source under one licence.

    Attributes:
        licence: As the rows carry it; `user` for the user's own.
        writer: Model behind a provider's terms that wrote them; empty where none did.
    """

    source: str
    licence: str
    rows: int
    writer: str = ""


@dataclass(frozen=True)
class Obligation:
    """What one source asks under one licence.

    Attributes:
        terms: Those of the licence; `own` where the rows are nobody's but the user's.
        duties: Short phrases in the imperative.
    """

    source: str
    licence: str
    terms: Standing
    rows: int
    duties: tuple[str, ...]


@dataclass(frozen=True)
class Licences:
    """What all sources together come to.

    Attributes:
        terms: The strictest of the data; `own` where all of it is the user's.
        data: Expression that the training data may be published under; None where it may not, or
            where nothing but the user decides.
        model: Likewise for the model, on the careful reading.
        clear: Whether all licences that the model falls under are known.
        says: Sentences for people.
    """

    terms: Standing
    data: str | None
    model: str | None
    clear: bool
    says: tuple[str, ...]


def materials_of(examples: Iterable[Example], writer: str) -> list[Material]:
    """Return where examples come from.

    Args:
        examples: Accepted examples.
        writer: Language model that wrote the synthetic ones; empty where none did.
    """
    rows = Counter((e.source, e.licence, e.evidence == "synthetic") for e in examples)
    return [
        Material(source, licence, n, writer if written_ else "")
        for (source, licence, written_), n in rows.items()
    ]


def standing(licence: str) -> Standing:
    """Return the terms of rows that may be the user's own, wholly or in part."""
    others = _foreign(licence)
    return classify(written(others)) if others else "own"


def obligations(
    materials: Iterable[Material], gated: Collection[str] = frozenset()
) -> list[Obligation]:
    """Return what each source asks, largest first; sources in `gated` ask for consent too."""
    rows: Counter[tuple[str, str]] = Counter()
    writers: dict[tuple[str, str], set[str]] = {}
    for material in materials:
        key = (material.source, material.licence)
        rows[key] += material.rows
        writers.setdefault(key, set()).update({material.writer} - {""})
    return [
        Obligation(source, licence, standing(licence), n, _duties(
            licence, sorted(writers[source, licence]), gated=source in gated))
        for (source, licence), n in sorted(rows.items(), key=lambda item: (-item[1], item[0]))
    ]  # fmt: skip


def _duties(licence: str, writers: Sequence[str], *, gated: bool) -> tuple[str, ...]:
    found = [duty for part in sorted(_foreign(licence), key=sorted) for duty in duties_of(part)]
    if gated:
        found.append("accept its owner's terms of access, and do not hand the rows on")
    found += [PROVIDER.format(writer) for writer in writers]
    return tuple(dict.fromkeys(found))


def duties_of(options: Iterable[str]) -> list[str]:
    """Return what a licence asks; of several to choose from, the one that asks least."""
    name = mildest(options)
    found = list(_DUTIES[kind_of(name)])
    if not kind_of(name) and any(word in name for word in _CUSTOM):
        found.append(_PASS_ON)
    return found + [duty for families, duty in _MORE if name.startswith(families)]


def common(licences: Iterable[str]) -> tuple[str, ...]:
    """Return the ids that data under all these licences may be published under together.

    Where terms differ, only the strictest count: credit is due either way, and every row keeps its
    own licence. Several ids mean that no single one covers everything. Own rows do not count.
    """
    names = {mildest(part) for licence in licences for part in _foreign(licence)}
    worst = strictest(map(classify, names))
    if worst == "non-commercial":  # share-alike licences forbid to add a condition like this one
        kept = {n for n in names if classify(n) in ("non-commercial", "share-alike")}
    else:
        kept = {name for name in names if classify(name) == worst}
    demanding = {name for name in kept if kind_of(name) != "public"}
    return tuple(sorted(_latest(demanding or kept)))


def _latest(names: set[str]) -> set[str]:
    """Leave out CC share-alike versions that may be passed on under a later one that is there."""
    families: dict[str, list[str]] = {}
    for name in sorted(names):
        family = next((f for f in ("cc-by-sa-", "cc-by-nc-sa-") if name.startswith(f)), name)
        families.setdefault(family, []).append(name)
    return {members[-1] for members in families.values()}


def summarise(
    asked: Sequence[Obligation],
    base: tuple[str, str] | None,
    teachers: Collection[str] = frozenset(),
) -> Licences:
    """Say who must be credited, and what data and model may be released under.

    Args:
        asked: What the sources of all rows ask.
        base: Name and licence of the model that the student is built on; None where on none.
        teachers: Sources that only wrote from what others had written, who are credited instead.
    """
    known: list[Terms] = [o.terms for o in asked if o.terms != "own"]
    data = common(o.licence for o in asked if o.terms not in ("own", "unknown"))
    model = _of_model(asked, base)
    clear = all(classify(name) != "unknown" for name in model)
    says = (
        *_credits(asked, teachers),
        *_of_data(asked, data),
        *_of_base(base),
        *_model(asked, model),
    )
    return Licences(
        terms=strictest(known) if known else "own",
        data=_expression(data),
        model=_expression(model) if clear else None,
        clear=clear,
        says=says,
    )


def _of_model(asked: Sequence[Obligation], base: tuple[str, str] | None) -> tuple[str, ...]:
    """Return what a model falls under on the careful reading: data that is free asks for credit."""
    data = common(o.licence for o in asked)
    binding = [] if all(classify(name) == "permissive" for name in data) else list(data)
    return common([*binding, *([base[1]] if base else [])])


def _credits(asked: Sequence[Obligation], teachers: Collection[str]) -> Iterator[str]:
    credited = [
        f"{o.source} ({o.licence})"
        for o in asked
        if {_CREDIT, _KEEP} & {*o.duties} and o.source not in teachers
    ]
    if credited:
        yield f"Whoever publishes the data, or a model made with it, credits {_listed(credited)}."


def _of_data(asked: Sequence[Obligation], data: Sequence[str]) -> Iterator[str]:
    if data:
        yield f"The data of others may be published under {_listed(data)}{_rows_keep(data)}."
    own = sum(o.rows for o in asked if o.terms == "own")
    if own:
        yield (
            f"{own:,} rows are the user's own, or were written from the user's task and rows;"
            " whether and how they are published is up to the user."
        )
    for phrase in dict.fromkeys(d for o in asked for d in o.duties if d.endswith("writes")):
        yield f"Some rows were written by a language model: {phrase}."
    yield from _unclear(asked)


def _rows_keep(data: Sequence[str]) -> str:
    if len(data) < 2:
        return ""
    return "; no single licence covers all of it, so every row names and keeps its own"


def _unclear(asked: Sequence[Obligation]) -> Iterator[str]:
    for o in asked:
        if o.terms == "unknown":
            yield (
                f"What {o.source} asks ({o.licence}) is unclear: read it before you pass anything"
                f" on. Its {o.rows:,} rows are never published."
            )


def _of_base(base: tuple[str, str] | None) -> Iterator[str]:
    if base:
        duties = [duty for part in clauses(base[1]) for duty in duties_of(part)]
        yield f"The model is built on {base[0]} ({base[1]}): {_listed(duties or ['asks nothing'])}."


def _model(asked: Sequence[Obligation], model: Sequence[str]) -> Iterator[str]:
    """Say what the model may be released under, and how sure that is."""
    if any(classify(name) == "unknown" for name in model):
        yield "What the model may be released under is unclear, since not all licences are known."
    elif len(model) > 1:
        yield (
            f"On a careful reading the model falls under {_listed(model)} at once; where they"
            " contradict each other it cannot be released at all."
        )
    elif model:
        yield f"On a careful reading the model may be released under {model[0]}."
    if {"share-alike", "non-commercial"} & {o.terms for o in asked}:
        yield (
            "Whether the licence of data reaches a model trained on it is disputed and differs from"
            " country to country; the careful reading says that it does."
        )


def _listed(items: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(items[:-1]), items[-1])))


def _expression(names: Iterable[str]) -> str | None:
    return written([name] for name in names) or None


def _foreign(licence: str) -> list[frozenset[str]]:
    """Return what applies together, but for the user's own say over the user's own rows."""
    return [part for part in clauses(licence or UNKNOWN) if part != {OWN}]
