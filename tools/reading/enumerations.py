"""Labels that a sentence enumerates: "into a, b or c", "labels: a, b", "positive or negative"."""

import re

from tools.reading.labelnames import CUE, are_names, is_name, parse_label, without_article
from tools.task import Label

_CONJUNCTION = r"(?:or|and|oder|und|sowie|vs\.?|versus|ou|et|o|y)"
_SPLIT_CONJUNCTION = re.compile(
    rf"\s+{_CONJUNCTION}\s+(?:else\s+)?|\s*または\s*|\s*もしくは\s*|(?<=[」』])\s*か\s*(?=[「『])"
)
_COMMA = re.compile(r"\s*[,、，]\s*(?![^(（]*[)）])")
_LIST = r"(?P<list>[^.;:!?。\n]+?)"
_END = (
    r"(?=\s+(?:depending|based|according|by|when|with|for|ein|je nach|anhand|,? so that|as the)\b|"
    r"\s*[.;:!?。\n–—]|\s+-\s|\s*$)"
)
_BALANCED = r"(?:[^:。()\n]|\([^()\n]*\))+?"
_STOP = r"(?=\.(?:\s|$)|[!?。)\n]|$)"
_WORD = r"[\"'“„‘`]?[\w/-]+[\"'”“’`]?"
_WORDS = (
    rf"(?P<list>(?:(?:not |nicht )?{_WORD}, ?)*(?:not |nicht )?{_WORD},? {_CONJUNCTION} "
    rf"(?:not |nicht )?{_WORD})"
)
_OPEN_ENDED = re.compile(
    r"\b(?:such as|like|e\.g\.|for example|for instance|including|z\. ?b\.|zum beispiel|etwa|"
    r"wie(?: etwa)?|etc\.?|and so on|usw\.?|and more|and others|among others)(?!\w)|…|\.\.\.|など",
    re.IGNORECASE,
)
_EXAMPLES_BEFORE = re.compile(rf"(?:{_OPEN_ENDED.pattern})[\s,:]*$", re.IGNORECASE)
_VERB_IN_GERMAN = r"(?:sortier|einteil|teile?n?|klassifizier|ordne|unterteil|gruppier|einzuteilen)"
# From the most to the least explicit; the first that yields names wins.
_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\b(?P<list>yes\s*/\s*no|true\s*/\s*false|ja\s*/\s*nein)\b",
        rf"{CUE}\b[^.:;\n()]{{0,60}}?(?:[:：=]|\bare\b|\bsind\b)\s*\[?(?P<list>{_BALANCED})\]?{_STOP}",
        r"(?:classif\w+|sort|label|tag|which|welche\w*|choose|pick|wähle|sortier\w*|"
        rf"klassifizier\w*|ordne)\b[^.:;\n]*[:：]\s*(?P<list>{_BALANCED}){_STOP}",
        rf"{CUE}\s*[(（\[](?P<list>[^()（）\[\]]+)[)）\]]",
        r"[:：]\s*(?P<list>[^:。\n]*?\b(?:or|oder|ou)\b[^:。\n]*?)(?=\.(?:\s|$)|[!?。\n]|$)",
        rf"\bone of (?:the |these )?(?P<list>[^.;:!?\n]+?){_END}",
        r"[(（](?P<list>[^()（）/]+(?:/[^()（）/]+)+)[)）]\s*(?:[.!?。\n]|$)",
        rf"\b(?:either|entweder(?: als)?)\s+{_LIST}{_END}",
        rf"\binto\s+{_LIST}{_END}",
        rf"\b(?:as|als|como|comme)\s+(?:being\s+)?{_LIST}{_END}",
        rf"{_VERB_IN_GERMAN}[^.:;\n]*\bin\s+{_LIST}{_END}",
        rf"\b(?:class\w+|tri\w+|clasific\w+)\b[^.:;\n]*\ben\s+{_LIST}{_END}",
        rf"\b(?:whether|if|tell)\b[^.;:\n]{{0,120}}?\b(?:is|are|was|were|expresses|sounds|shows)\s+{_LIST}{_END}",
        rf"^\s*(?:is|are)\b[^.;:\n]{{0,80}}?{_WORDS}\s*\?",
        rf"\bob\b[^.;:\n]{{0,120}}?{_WORDS}(?=\s+(?:ist|sind|war|klingt|wirkt)\b|\s*[.;:!?]|\s*$)",
        rf"\b(?:whether|if)\b[^.;:\n]{{0,80}}?{_WORDS}{_END}",
        rf"\b(?:answer|reply|respond|say|return|output|print|predict|antworte|sage?|gib)"
        rf"(?:\s+(?:with|only|just|mit|nur|either))*\s+{_WORDS}",
        rf"\b(?:label|mark|tag|rate|flag|call)\s+(?:each|every|it|them|this|the|an?|these)\b[^.;:\n]*?"
        rf"(?<!from)(?<!of)(?<!by)(?<!for)(?<!to)(?<!about)\s{_WORDS}{_END}",
        r"(?P<list>[「『][^」』]+[」』](?:\s*(?:[、,・/]|または|もしくは|か|と)?\s*[「『][^」』]+[」』])+)",
        r"(?P<list>[^。、\s「」：:]{1,60}(?:、[^。、「」：:]{1,40})+?)(?:の(?:いずれか|どれか|どちらか|うち|中から|"
        r"[\d一二三四五六七八九十]+(?:つ|種類|クラス|カテゴリ))|に(?:分類|分け|振り分け|仕分け)|(?:か)?を?(?:判定|判別))",
        r"(?P<list>[^。、\s「」：:]{1,60}?か、?(?!どう)[^。、\s「」：:か]{1,40})か(?:を|どうか)?(?:判定|判別|判断|分類|答|見分)",
    )
)
_BINARY = re.compile(r"(?:not|nicht)$", re.IGNORECASE)


def enumerated(prose: str) -> tuple[Label, ...]:
    """Return the labels of the first closed enumeration, or none.

    "Such as", "e.g." or "etc." open a list of examples, which is not the set of labels.
    """
    text = _unwrap(prose)
    for pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if not _EXAMPLES_BEFORE.search(text[: match.start("list")]):
                labels = _labels(match["list"])
                if labels:
                    return labels
    return ()


def _unwrap(prose: str) -> str:
    """Join lines that were wrapped in the middle of a sentence."""
    return re.sub(
        rf"(?<=[,、])[ \t]*\n[ \t]*(?=\S)|(?<=\b(?:or|to|in|as))\n(?=\S)"
        rf"|(?<=[^.:;!?\n])\n(?={_CONJUNCTION}\b|[a-zäöü])",
        " ",
        prose,
    )


def _labels(enumeration: str) -> tuple[Label, ...]:
    if _OPEN_ENDED.search(enumeration):
        return ()
    labels = [parse_label(without_article(item.strip())) for item in split_items(enumeration)]
    if len(labels) == 2 and _BINARY.fullmatch(labels[1].name):
        labels[1] = Label(name=f"{labels[1].name.lower()} {labels[0].name}")
    return tuple(labels) if are_names([label.name for label in labels]) else ()


def split_items(enumeration: str) -> list[str]:
    """Split at semicolons, else commas, else conjunctions, else slashes."""
    text = re.sub(r"^[\[({]([^\[\](){}]*)[\])}]$", r"\1", enumeration.strip())
    if brackets := re.findall(r"[「『]([^」』]+)[」』]", text):
        return brackets
    if ";" in text and is_name(text.split(";")[-1].strip()):
        return [item for item in re.split(r"\s*;\s*", text) if item]
    items = [item for item in _COMMA.split(text) if item]
    if len(items) > 1:
        last = re.sub(rf"^{_CONJUNCTION}\s+", "", items[-1])
        return [*_clean_japanese(items[:-1]), *_SPLIT_CONJUNCTION.split(last)]
    for separator in (_SPLIT_CONJUNCTION, re.compile(r"(?<=[^\x00-\x7f])か(?=[^\x00-\x7f])")):
        if len(parts := separator.split(text)) > 1:
            return _clean_japanese(parts)
    return re.split(r"\s*[/|]\s*", text)


def _clean_japanese(items: list[str]) -> list[str]:
    """Take the start of the sentence off the first item: 「文を肯定、否定に」."""
    return [re.split(r"[をはが](?=[^\x00-\x7f])", items[0])[-1], *items[1:]]
