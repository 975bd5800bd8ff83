"""Answers to questions about a run, as templates over its situation."""

import re
from collections.abc import Callable, Sequence

from tools.talk.versions import language_name
from tools.talking import Json
from tools.text import one_line

CAN_ASK = (
    "You can ask what I am doing, how good it is, what it confuses, why which data set, what it"
    " costs, how large the model is, which labels there are."
)
MOST_NAMED = 5


def answer(question: str, situation: Json) -> str:
    """Return what the situation says to a question; what can be asked where it says nothing."""
    said = question.casefold()
    for pattern, tell in _TOPICS:
        if pattern.search(said):
            return tell(situation)
    return f"{doing(situation)} {CAN_ASK}"


def data_sets(s: Json) -> str:
    """Say which data sets were considered, and why."""
    found = s["datasets"]
    if not found:
        rows = s["rows"]["train"]
        return f"No data set is used; there are {rows:,} training rows." if rows else (
            "No data set has been looked for yet."
        )  # fmt: skip
    lines = [_data_set(entry) for entry in found[:MOST_NAMED]]
    return "\n".join(["These data sets were considered:", *lines])


def _data_set(entry: Json) -> str:
    score = f", score {entry['score']:.2f}" if "score" in entry else ""
    if entry["avoided"]:
        state = "not used, as you said"
    elif entry["imported"]:
        state = f"{entry['imported']:,} rows imported"
    else:
        state = "not imported" if entry.get("allowed", True) else "its licence is not allowed"
    why = f"; {one_line(str(entry['why']), 160)}" if entry.get("why") else ""
    licence = one_line(str(entry["licence"]), 40)
    return f"- {one_line(str(entry['id']), 80)} ({licence}{score}): {state}{why}"


def quality(s: Json) -> str:
    """Say how good the model is, on which rows."""
    test, best = s["test"], s["best"]
    if test and test["value"] is not None:
        rests = f", on {test['n']} test rows ({test['evidence']})"
        return f"On test rows: {_score(test)}{rests}."
    if not best:
        return "No model has been measured yet."
    return (
        f"The best so far: {_score(best)} on validation ({best['n']} rows), not yet on test rows."
    )


def _score(scored: Json) -> str:
    ci = scored["ci95"]
    interval = f" (95% interval {ci[0]:.3f} to {ci[1]:.3f})" if ci else ""
    return f"{scored['metric']} {scored['value']:.3f}{interval}"


def mistakes(s: Json) -> str:
    """Say what the best model confuses."""
    best = s["best"]
    if not best:
        return "No model has been measured yet."
    pairs = [f"{right} taken for {wrong}, {n} times" for right, wrong, n in best["confusions"]]
    if not pairs:
        return "It confuses no labels on the rows that it was asked about."
    weakest = ", ".join(f"{name} (F1 {f1:.2f})" for name, f1 in best["weakest"].items())
    told = f" Weakest labels: {weakest}." if weakest else ""
    return f"On training rows that it had not seen: {'; '.join(pairs[:MOST_NAMED])}.{told}"


def costs(s: Json) -> str:
    """Say what has been spent of what may be."""
    spent, limits = s["spent"], s["limits"]
    usd = "price unknown" if spent["usd"] is None else f"{spent['usd']:.2f} USD"
    return (
        f"So far: {usd} of at most {limits['usd']:.2f},"
        f" {spent['seconds'] / 60:.1f} of at most {limits['minutes']:.0f} min,"
        f" {len(s['rounds'])} of at most {limits['max_rounds']} rounds."
    )


def size(s: Json) -> str:
    """Say what the best model is."""
    best = s["best"]
    if not best:
        return "No model has been trained yet."
    return (
        f"{best['method']} on {best['base']}: {best['size_mb']:.1f} MB, {best['latency_ms']:.0f} ms"
        f" an answer, trained on {best['train_rows']:,} rows."
    )


def task(s: Json) -> str:
    """Say how the task is understood."""
    about = s["task"]
    if not about:
        return "There is no task yet."
    spoken = (about["language"], *about.get("other_languages", ()))
    names = ", ".join(label["name"] for label in about["labels"])
    output = f"labels: {names}" if names else about["output_type"]
    return (
        f"Task: {one_line(about['instruction'], 300)} Output: {output}."
        f" Inputs in {' and '.join(map(language_name, spoken))}."
    )


def doing(s: Json) -> str:
    """Say what is going on."""
    now = one_line(str(s["now"]), 300)
    what = {
        "task": "We are settling what the task is.",
        "plan": "I am making a plan.",
        "work": f"I am working; last: {now or 'just begun'}.",
        "done": f"The run has ended ({s['stop_reason']}). {quality(s)}",
    }
    return what[s["stage"]]


_TOPICS: Sequence[tuple[re.Pattern[str], Callable[[Json], str]]] = tuple(
    (re.compile(pattern), tell)
    for pattern, tell in (
        (r"data ?sets?|datens[aä]tz|licen[cs]|lizenz|jeux? de donn|conjuntos? de datos|\bdata\b|"
         r"\bdat(?:en|i|os)\b", data_sets),
        (r"confus|mistake|wrong|errors?\b|weak|fehler|verwechs|erreur", mistakes),
        (r"how (?:good|well|accurate)|scor|accura|wie gut|quality|result|qualit|"
         r"calidad|bueno|buon[oa]\b", quality),
        (r"cost|price|spen[dt]|budget|expens|money|usd|\$|€|kost|teuer|coût|c[ou]e?sta|precio|"
         r"how long|how much|wie lange|minutes|dauer|time\b", costs),
        (r"how (?:big|large|fast|small)|\bsize|latency|which (?:model|base)|what (?:model|base)|"
         r"wie groß|welches modell", size),
        (r"labels?\b|the task|understood|understand|versteh|aufgabe", task),
        (r"doing|going on|happen|status|progress|how far|machst|tust|stand\b|now\b|fais|"
         r"hac(?:es|iendo)|\bfai\b|facendo", doing),
    )
)  # fmt: skip
