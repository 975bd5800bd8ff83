"""What kind of output a task asks for."""

import re
from collections.abc import Sequence

from tools.reading.columns import is_closed_set
from tools.task import OutputType

_LABEL_VERBS = re.compile(
    r"\b(?:classif|categori[sz]e|sort(?:s|ed|ing|iere?n?)?\b|label(?:s|led|ling)?\b|tag(?:ged|ging)?\b|"
    r"detect|(?:decide|tell|determine|judge|predict|check|say|recogni[sz]e|identify|assign|know)\s+"
    r"(?:\S+\s+){0,3}?(?:whether|if|which|what|the|its?|their|of|to|one|an?)\b|route\b|triage|"
    r"flag\b|(?:rate|grade|score)\s|sort(?:ier)|klassifizier|einsortier|kategorisier|einordn|einteil|zuordn|ordnen?\b|"
    r"entscheid|erkenn|bestimm|beurteil|stufe\b.*\bein\b|teile\b.*\bein\b|"
    r"class(?:er|ez|e)\b|clasifi)|分類|判定|判別|識別|認識|振り分け|仕分け|見分け|分け",
    re.IGNORECASE,
)
_LABEL_NOUNS = re.compile(
    r"\b(?:intents?|sentiments?|topics?|categor(?:y|ies)|class(?:es)?|labels?|spam|ham|emotions?|"
    r"stimmung|them(?:a|en)|kategorien?|absicht(?:en)?|klassen?|"
    r"positive? (?:or|oder) negative?|(?:which|what) (?:kind|type|team|language)|either .+ or)\b"
    r"|感情|カテゴリ|ラベル|トピック|意図",
    re.IGNORECASE,
)
_TEXT_VERBS = re.compile(
    r"\b(?:translat|summari[sz]|rewrit|paraphrase\b|paraphrasing|rephras|simplif|übersetz|zusammenfass|"
    r"fass(?:e|en|t)?\b.*\bzusammen|umschreib|umformulier|vereinfach|tradui|résum|traduc|resum)"
    r"|翻訳|要約|言い換え|訳して|訳す|書き換え",
    re.IGNORECASE,
)
_WEAK_TEXT_VERBS = re.compile(
    r"\b(?:writ(?:e|es|ing)|convert|turn\s.+?\sinto|extract|answer|generat|complet|correct|fix|"
    r"normali[sz]e|explain|solve|calculat|comput|shorten|proofread|compos|creat|describe\b|draft|"
    r"polish (?:the|my|our|these)|schreib|beantwort|extrahier|generier|erzeug|wandle|umwandl|"
    r"konvertier|korrigier|formulier|antworte|erstell)"
    r"|生成|変換|抽出|答え|回答|作成|書い|書く|直して|修正",
    re.IGNORECASE,
)
_TAKES_FROM_INPUT = re.compile(r"extra|answer|beantwort|antwort|抽出|答え|回答", re.IGNORECASE)


def output_type(
    prose: str, outputs: Sequence[str], labels_named: bool
) -> tuple[OutputType, str | None]:
    """Decide between a label and free text.

    Args:
        outputs: Those of the demonstrations, which decide where they can.
        labels_named: Whether the prose names labels, which outweighs verbs such as "answer with".

    Returns:
        The type, and a sentence for the user where the guess is weak.
    """
    if is_closed_set(outputs):
        return "label", None
    if len(outputs) >= 4 and len(set(outputs)) == len(outputs) and _words(outputs) >= 4:
        return "text", None
    label, text = _LABEL_VERBS.search(prose), _TEXT_VERBS.search(prose)
    if label and text:
        first: OutputType = "label" if labels_named or label.start() < text.start() else "text"
        return first, _weak(first, f'"{label[0]}" and "{text[0]}" both occur in it')
    if text:
        return "text", None
    if labels_named:
        return "label", None
    return _without_labels(prose, outputs, label)


def _without_labels(
    prose: str, outputs: Sequence[str], label: re.Match[str] | None
) -> tuple[OutputType, str | None]:
    text = _WEAK_TEXT_VERBS.search(prose)
    if label and (text is None or label.start() < text.start()):
        return "label", None
    if text:
        noun = _LABEL_NOUNS.search(prose)
        if noun and _TAKES_FROM_INPUT.match(text[0]):
            return "label", _weak("label", f'it speaks of "{noun[0]}"')
        return "text", None
    if noun := _LABEL_NOUNS.search(prose):
        return "label", _weak("label", f'it speaks of "{noun[0]}"')
    if outputs:
        short = _words(outputs) <= 3
        kind: OutputType = "label" if short else "text"
        return kind, _weak(kind, f"the outputs shown are {'short' if short else 'long'}")
    return "label", _weak("label", "nothing in it asks for free text")


def _words(outputs: Sequence[str]) -> float:
    return sum(len(output.split()) for output in outputs) / len(outputs)


def _weak(kind: OutputType, why: str) -> str:
    name = "classification" if kind == "label" else "writing text"
    return f"I took the task to be {name} because {why}."
