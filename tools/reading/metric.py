"""Which metric a task names."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from tools.task import OutputType

_NEVER = r"(?!)"


@dataclass(frozen=True)
class _Name:
    """How a metric may be written, as patterns.

    Attributes:
        anywhere: In any case.
        spelled: In this case only.
        measured: In any case, but on a line that speaks of measuring: "rouge" and "bleu" are
            colours, F1 is a sport.
        of_texts: It compares texts, so that a label task cannot mean it.
    """

    anywhere: str = _NEVER
    spelled: str = _NEVER
    measured: str = _NEVER
    of_texts: bool = True


_F1 = r"(?<!micro[- _])(?<!weighted[- _])(?<!averaged[- _])(?<!macro[- _])f[- ]?1"
_METRICS = {
    "accuracy": _Name(r"accuracy|genauigkeit|trefferquote|正解率", of_texts=False),
    "macro_f1": _Name(
        r"macro[- _]?(?:averaged?[- _]?)?f[- _]?1|f1[- _]macro|makro[- ]?f1|マクロ\s?f1",
        of_texts=False,
    ),
    "squad_em": _Name(r"squad[- _](?:em|exact[- _]match)", spelled="EM"),
    "exact_match": _Name(r"exact[- _]match|完全一致", of_texts=False),
    "chrF++": _Name(r"chr-?f2?\+{0,2}"),
    "BLEU": _Name(r"sacrebleu|bleu[- ]scores?", "BLEU(?:-4)?", "bleu(?:-4)?"),
    "ROUGE-L": _Name(r"rouge[-_ ]?l", r"ROUGE(?![-_ ]?\d)", r"rouge(?![-_ ]?\d)"),
    "json_f1": _Name(r"(?:json|fields?)(?:[- _]level)?[- _]f[- ]?1"),
    "json_valid": _Name(r"json[- ]validity|json_valid|share of valid json"),
    "token_f1": _Name(
        rf"(?:token|word|squad)(?:[- _]level)?[- _]f[- ]?1|{_F1}[- ]score", measured=_F1
    ),
}
BUILT_IN = tuple(_METRICS)
_METRIC = r"(?:\bmetri[ck]|指標)"
_MEASURED = re.compile(
    rf"{_METRIC}|\bscor(?:e|ed|ing)\b|\bmeasur|\bevaluat|\boptimi[sz]|\bjudged? by\b"
    r"|\bgemessen|\bbewert|評価",
    re.IGNORECASE,
)
_OTHER_METRICS = re.compile(
    r"\b(?:bleu|rouge(?:-?[12l])?|chrf\+*|meteor|bertscore|auc|auroc|mcc|micro[- ]?f1|"
    r"weighted[- ]f1|f1|precision|recall)\b",
    re.IGNORECASE,
)
_FULL = {"chrF++": "++", "ROUGE-L": "l"}
"""What names end in that leave no doubt which metric of a family is meant."""


def metric(
    prose: str, metrics: Collection[str] = BUILT_IN, kind: OutputType = "label"
) -> tuple[str | None, str | None]:
    """Return the metric that the prose names, and a sentence on one that is not available.

    Args:
        prose: The task in words.
        metrics: The names that there are. Those of the built-in ones may be written in several
            ways; others count as they are spelled, on one line with the word metric.
        kind: What outputs are.
    """
    for name in sorted(set(metrics) - set(BUILT_IN)):
        word = rf"(?<!\w){re.escape(name)}(?!\w)"
        if re.search(rf"{_METRIC}.*{word}|{word}.*{_METRIC}", prose, re.IGNORECASE):
            return name, None
    for name, how in _METRICS.items():
        if name not in metrics or (how.of_texts and kind == "label"):
            continue
        if found := next(_found(how, prose), None):
            full = found.casefold().endswith(_FULL.get(name, ""))
            return name, None if full else f"I measure {name} where the task says {found}."
    if other := _OTHER_METRICS.search(prose):
        return None, f"The metric {other[0]!r} is not available, so one that is will be chosen."
    return None, None


def _found(how: _Name, prose: str) -> Iterator[str]:
    measuring = "\n".join(line for line in prose.splitlines() if _MEASURED.search(line))
    for pattern, text, flags in (
        (how.anywhere, prose, re.IGNORECASE),
        (how.spelled, prose, 0),
        (how.measured, measuring, re.IGNORECASE),
    ):
        word = rf"(?<![A-Za-z])(?:{pattern})(?![A-Za-z])"
        if found := re.search(word, text, flags):
            yield found[0]
