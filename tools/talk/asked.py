"""What a sentence asks to be different, in the forms that rules know."""

import re
from collections.abc import Callable, Sequence
from typing import Any

from tools.hub.names import normalise
from tools.reading.enumerations import split_items
from tools.reading.labelnames import clean, is_name, parse_label
from tools.reading.labels import labels_in_prose
from tools.reading.language import languages_named
from tools.reading.metric import BUILT_IN, metric
from tools.talk.amounts import budget_in, rounds_in, size_in
from tools.talking import Change, Json
from tools.task import Label

Wanted = dict[str, Any]
FEWEST_WORDS = 5
"""Words of a message that may describe a task anew."""
_LABEL_WORD = (
    r"(?:labels?|class(?:es)?|categor(?:y|ies)|klassen?|kategorien?|étiquettes?|etiquetas?|"
    r"etichett[ae])"
)
_ADD = re.compile(
    rf"(?:please )?(?:add|include|there (?:is|should be) (?:also|another)|we (?:also )?need|"
    rf"(?:a )?new|füge?|neue[sr]?|ajoute[rz]?|añade|agrega|aggiungi)\s+"
    rf"(?:(?:a|an|another|the|new|das|die|ein|eine|neues?|une?|el|la|un)\s+|l['’])*"
    rf"{_LABEL_WORD}\s*[:,]?\s*"
    r"(?P<rest>\S.*)",
    re.IGNORECASE | re.DOTALL,
)
_REMOVE = re.compile(
    rf"(?:please )?(?:remove|drop|delete|leave out|get rid of|entferne?|lösche?|streiche?|"
    rf"supprime[rz]?|enlève|elimina|quita|rimuovi)\s+(?:the\s+|das\s+|die\s+)?"
    rf"(?:{_LABEL_WORD}\s*:?\s*)?(?P<rest>.+?)(?:\s+{_LABEL_WORD})?",
    re.IGNORECASE,
)
_RENAME = re.compile(
    r"(?:please )?(?:rename|call|benenne|renomme[rz]?|renombra|rinomina)\s+(?:the\s+)?"
    rf"(?:{_LABEL_WORD}\s+)?"
    r"(?P<old>.+?)\s+(?:to|into|as|in|en|a|->|=>|→)\s+(?P<new>.+?)(?:\s+um)?",
    re.IGNORECASE,
)
_MEANS = re.compile(
    r"(?P<name>.+?)\s+(?:means|is for|stands for|is about|covers|bedeutet|heißt|meint)\s*:?\s*"
    r"(?P<meaning>\S.+)",
    re.IGNORECASE,
)
_CONFUSED = re.compile(
    r"(?:.*?\b)?(?:confus(?:es?|ing)|mix(?:es|ing)? up|mistak(?:es?|ing)|takes?|verwechselt|"
    r"confonde?|confunde)\s+(?P<one>.+?)\s+(?:with|for|and|mit|für|und|avec|et|con|y|e)\s+(?P<other>.+)",
    re.IGNORECASE,
)
_AS_WELL = re.compile(
    r"\b(?:add|also|too|as well|additionally|besides|include|support|plus|and|auch|dazu|außerdem|"
    r"zusätzlich|hinzu|ajoute|aussi|añade|también|aggiungi|anche)\b",
    re.IGNORECASE,
)
_ARE_IN = re.compile(
    r"\b(?:inputs?|texts?|messages?|they|it|language|texte|nachrichten|sprache|eingaben|mails?|reviews?)\b"
    r".*\b(?:in|is|are|be|sind|ist)\b|^in\s",
    re.IGNORECASE,
)
_AVOID = re.compile(
    r"\b(?:do not|don'?t|never|stop)\s+(?:us(?:e|ing)|tak(?:e|ing)|want)\b|\bavoid\b|"
    r"\bnot (?:that|this|the) data ?set\b|"
    r"\bwithout (?:that|this|the) data ?set\b|\b(?:without|ohne|sans|sin|senza)\b|"
    r"\b(?:remove|drop)\b.*\bdata ?set\b|\bnicht (?:diesen|den) datensatz\b|\bpas ce jeu\b|"
    r"\bnot\s+\S+/\S+|\b(?:nutze|benutze|verwende|nimm)\b.*\bnicht\b|\bnicht\s+\S+/\S+|"
    r"\bn['’]utilise[rz]? pas\b|\bno us(?:es|ar)\b|\bnon us(?:are|i)\b",
    re.IGNORECASE,
)
_SPOKEN_OF = re.compile(r"\b(?:data ?set|data|datensatz|us(?:e|ing))\b")
_TARGET = re.compile(r"\b(?:answer|repl|respond|output|translat|antwort|ausgab|übersetz)", re.I)
_THAT = re.compile(
    r"\b(?:that|this|the|diesen|den|ce|ese|quel) (?:data ?set|datensatz|jeu|conjunto)",
    re.I,
)
_RULE = re.compile(r"(?:rule|convention|regel|règle|regla|regola)\s*:\s*(?P<rule>\S.+)", re.I)
_GUIDANCE = re.compile(
    r"(?:(?:the |new |more )*(?:examples?|rows|data)\s+(?:should|must|need)\b.*|"
    r"(?:write|make|generate|add|i want|i need)?\s*more (?:examples?|rows|texts?|data)\b.*|"
    r"(?:mehr|weitere) beispiele\b.*|plus d['’]exemples\b.*|más ejemplos\b.*|più esempi\b.*)",
    re.IGNORECASE,
)
_MEASURE = re.compile(r"\b(?:metric|measure\w*|scor(?:e|ed|ing)|judge it|metrik|mess\w+)\b", re.I)
_ALL_LABELS = re.compile(
    r"\b(?:labels|kategorien|klassen|categories|classes)\s*(?:are|sind|:|=)", re.I
)


def change_in(prose: str, situation: Json) -> Change | None:
    """Return what a message asks to be different; None where no rule finds anything.

    Args:
        prose: The message without the examples in it.
        situation: See `graph.situation`.
    """
    wanted: Wanted = {}
    if labels := _all_labels(prose, situation):
        return Change(**labels)
    for sentence in _sentences(prose):
        for rule in _RULES:
            if found := rule(sentence, situation):
                _merge(wanted, found)
                break
    wanted = wanted or _restated(prose, situation)
    return Change.model_validate(wanted) if wanted else None


def _restated(prose: str, situation: Json) -> Wanted:
    """Return the change to a task that is described anew while it is being settled."""
    task = situation.get("task") or {}
    labels = labels_in_prose(prose) if len(prose.split()) >= FEWEST_WORDS else ()
    if situation["stage"] != "task" or task.get("output_type") != "label" or not labels:
        return {}
    return {"instruction": prose, **_instead(labels, task)}


def _sentences(prose: str) -> list[str]:
    parts = re.split(r"\n+|(?<=[.!;])\s+", prose)
    stripped = (re.sub(r"^(?:no|nein|yes|ja|ok|but|and|also)[,:]\s+", "", p.strip(), flags=re.I)
                for p in parts)  # fmt: skip
    return [part.rstrip(" .!;") for part in stripped if part.strip(" .!;")]


def _merge(wanted: Wanted, found: Wanted) -> None:
    for key, value in found.items():
        if isinstance(value, tuple):
            wanted[key] = (*wanted.get(key, ()), *value)
        elif isinstance(value, dict):
            wanted[key] = {**wanted.get(key, {}), **value}
        else:
            wanted[key] = value


def label_meant(said: str, situation: Json) -> str | None:
    """Return the label that a person means, who may use the plural or a part of its name."""
    names = [label["name"] for label in (situation.get("task") or {}).get("labels", ())]
    said = clean(re.sub(r"^(?:the|a|an|das|die|der|le|la|les|el)\s+", "", said.strip(), flags=re.I))
    wanted = normalise(said)
    exact = [name for name in names if normalise(name) == wanted]
    if exact:
        return str(exact[0])
    stem = re.sub(r"(?:es|s|en|n)$", "", wanted)
    near = [name for name in names if len(stem) > 2 and stem in normalise(name)]  # noqa: PLR2004
    return str(near[0]) if len(near) == 1 else None


def _items(rest: str) -> list[str]:
    return [clean(item) for item in split_items(rest) if clean(item)]


def _all_labels(prose: str, situation: Json) -> Wanted | None:
    """Return the change to labels that are all listed anew."""
    task = situation.get("task") or {}
    if task.get("output_type") != "label" or not _ALL_LABELS.search(prose):
        return None
    labels = labels_in_prose(prose)
    return _instead(labels, task) if labels else None


def _instead(labels: Sequence[Label], task: Json) -> Wanted:
    """Return the change that has these labels in place of those there are."""
    names = {normalise(label.name) for label in labels}
    gone = [x["name"] for x in task.get("labels", ()) if normalise(x["name"]) not in names]
    return {"add_labels": tuple(labels), "remove_labels": tuple(gone)}


def _rename(said: str, situation: Json) -> Wanted | None:
    match = _RENAME.fullmatch(said)
    old = match and label_meant(match["old"], situation)
    return {"rename_labels": {old: clean(match["new"])}} if match and old else None


def _add(said: str, _situation: Json) -> Wanted | None:
    match = _ADD.fullmatch(re.sub(r"\s+hinzu\b", "", said))
    if not match:
        return None
    label = parse_label(match["rest"])
    if label.meaning and is_name(label.name):
        return {"add_labels": (label,)}
    names = [name for name in _items(match["rest"]) if is_name(name)]
    return {"add_labels": tuple(Label(name=name) for name in names)} if names else None


def _remove(said: str, situation: Json) -> Wanted | None:
    match = _REMOVE.fullmatch(said)
    found = [label_meant(name, situation) for name in _items(match["rest"])] if match else []
    names = tuple(name for name in found if name)
    return {"remove_labels": names} if names and len(names) == len(found) else None


def _means(said: str, situation: Json) -> Wanted | None:
    match = _MEANS.fullmatch(said)
    name = match and label_meant(match["name"], situation)
    return {"add_labels": (Label(name=name, meaning=match["meaning"]),)} if match and name else None


def _confused(said: str, situation: Json) -> Wanted | None:
    match = _CONFUSED.fullmatch(said)
    if not match:
        return None
    pair = label_meant(match["one"], situation), label_meant(match["other"], situation)
    return {"confused": ((pair[0], pair[1]),)} if pair[0] and pair[1] else None


def _avoid(said: str, situation: Json) -> Wanted | None:
    if not _AVOID.search(said):
        return None
    known = [str(entry["id"]).partition("@")[0] for entry in situation.get("datasets", ())]
    folded = said.casefold()
    short = _SPOKEN_OF.search(folded)
    named = [n for n in known if n.casefold() in folded or (short and _tail(n) in folded)]
    if not named and _THAT.search(said):
        named = known[:1]
    return {"avoid_datasets": tuple(dict.fromkeys(named))} if named else None


def _tail(name: str) -> str:
    return name.rpartition("/")[2].casefold()


def _convention(said: str, _situation: Json) -> Wanted | None:
    match = _RULE.fullmatch(said)
    return {"conventions": (match["rule"],)} if match else None


def _measure(said: str, situation: Json) -> Wanted | None:
    if not _MEASURE.search(said):
        return None
    kind = (situation.get("task") or {}).get("output_type", "label")
    name, _ = metric(said, BUILT_IN, kind)
    return {"metric": name} if name else None


def _language(said: str, situation: Json) -> Wanted | None:
    tags = languages_named(said)
    if not tags or _TARGET.search(said):
        return None
    task = situation.get("task") or {}
    only = not re.sub(r"[\W\d_]+", " ", said).split()[1:]  # the name of a language, and no more
    if _AS_WELL.search(said) or only:
        known = (task.get("language"), *task.get("other_languages", ()))
        new = tuple(tag for tag in tags if tag not in known)
        return {"add_languages": new} if new else None
    return {"language": tags[0]} if _ARE_IN.search(said) and len(tags) == 1 else None


def _guidance(said: str, _situation: Json) -> Wanted | None:
    return {"guidance": said} if _GUIDANCE.fullmatch(said) else None


_RULES: Sequence[Callable[[str, Json], Wanted | None]] = (
    _convention,
    _rename,
    _add,
    _confused,
    _avoid,
    _remove,
    lambda said, _: rounds_in(said),
    lambda said, _: size_in(said),
    _means,
    lambda said, _: budget_in(said),
    _measure,
    _guidance,
    _language,
)
