"""Several ways to say what a task is about: for a search by meaning, and for one by names.

By rules and word lists, so that a search needs no language model.
"""

import re
from collections.abc import Sequence

from tools.hub.terms import in_english, known_terms
from tools.hub.words import singular, tells, words_of
from tools.language import base_language, identify
from tools.task import TaskSpec

INSTRUCTION_CHARACTERS = 300
FEWEST_KEYWORDS, MOST_KEYWORDS = 4, 8
_MOST_TASKS, _MOST_PAIRS = 2, 2
_SURELY = 0.6
"""Probability from which a text is taken for another language than English."""

_TASKS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"spam|junk|scam|unsolicited", ("spam", "phishing")),
    (r"hate|offensive|toxic|insult|abus(?:e|ive)\b|profan", ("hate", "toxic", "offensive")),
    (r"emotion|\bmood|\bfeel(?:s|ings?)?\b|anger|sadness", ("emotion", "mood")),
    (r"fake news|misinformation|fact.check", ("fake-news", "misinformation")),
    (r"sarcas|irony|ironic", ("sarcasm", "irony")),
    (r"clickbait", ("clickbait", "headlines")),
    (r"intents?\b|(?:voice|virtual|home|smart) (?:assistant|speaker)|chat ?bots?",
     ("intent", "assistant")),
    (r"sentiment|opinion|positive|favou?rable|thumbs", ("sentiment", "reviews")),
    (r"summar(?:y|ies|i[sz])", ("summarization", "summary")),
    (r"translat", ("translation", "parallel")),
    (r"paraphras|reword|rephras", ("paraphrase", "rewrite")),
    (r"simplif|simpler", ("simplification", "simple")),
    (r"entail|language inference|contradict", ("nli", "entailment")),
    (r"named entit|\bner\b", ("ner", "entities")),
    (r"\bsql\b", ("sql", "text2sql")),
    (r"\b(?:python|code|bash|programs?|programming)\b", ("code", "programming")),
    (r"\bmaths?\b|mathematic|arithmetic|word problem", ("math", "word-problems")),
    (r"\banswer(?:s|ing)?\b.*question|question.*\banswer|\bqa\b", ("qa", "question-answering")),
    (r"\btickets?\b|help.?desk|support requests?", ("support", "tickets")),
    (r"grammar|spelling|\btypos?\b", ("grammar", "correction")),
    (r"\btopics?\b|\bthemes?\b", ("topic", "news")),
)  # fmt: skip
"""What tasks are called in the names of data sets, the most telling first."""
_AS_NAMED = {"film": "movie", "cinema": "movie"}
"""Words that names of data sets say otherwise."""
_FILLERS = {
    "label": ("classification", "categories", "labels", "text"),
    "text": ("instruct", "generation", "pairs", "text"),
}


def phrasings(query: str, spec: TaskSpec) -> list[str]:
    """Return the planner's query, the instruction, and the words of both that are known in English.

    Args:
        query: The planner's words.
        spec: The task.

    Returns:
        Distinct texts, the query first.
    """
    said = [query, spec.instruction[:INSTRUCTION_CHARACTERS]]
    said += [in_english(" ".join(said))]
    return list(dict.fromkeys(text for text in said if text.strip()))


def keywords(query: str, spec: TaskSpec) -> list[str]:
    """Return 4 to 8 short strings to look for in the names of data sets, best first.

    Names are a word or two (`banking77`, `sms_spam`), so these are what the task is called, single
    words and pairs of neighbours; where the texts are not English, their language too.

    Args:
        query: The planner's words.
        spec: The task.
    """
    runs = [run for text in (query, spec.instruction) for run in _runs(text, spec)]
    tasks = _tasks(" ".join([*phrasings(query, spec), *spec.label_names]))
    about = [name for name, *_ in tasks][:_MOST_TASKS]
    pairs = [f"{a} {b}" for run in runs for a, b in zip(run, run[1:], strict=False)]
    found = [*about, *_language(spec), *list(dict.fromkeys(pairs))[:_MOST_PAIRS]]
    found += [word for run in runs for word in run]
    distinct = list(dict.fromkeys(found))[:MOST_KEYWORDS]
    spare = [name for task in tasks for name in task] + [*_FILLERS[spec.output_type]]
    spare = [name for name in dict.fromkeys(spare) if name not in distinct]
    return distinct + spare[: max(0, FEWEST_KEYWORDS - len(distinct))]


def _runs(text: str, spec: TaskSpec) -> list[list[str]]:
    """Return runs of neighbouring words that say what a text is about, in the singular."""
    pieces = known_terms(text) if _foreign(text, spec) else re.split(r"[^\w\s'’-]+", text)
    return [run for piece in pieces for run in _telling(words_of(piece))]


def _telling(words: Sequence[str]) -> list[list[str]]:
    """Cut at the words that tell nothing."""
    runs: list[list[str]] = [[]]
    for word in words:
        if tells(word) and not word.isdigit():
            one = singular(word)
            runs[-1].append(_AS_NAMED.get(one, one))
        else:
            runs.append([])
    return [run for run in runs if run]


def _foreign(text: str, spec: TaskSpec) -> bool:
    language, probability = identify(text)
    return language != "en" and (probability >= _SURELY or base_language(spec.language) != "en")


def _tasks(text: str) -> list[tuple[str, ...]]:
    folded = text.casefold()
    return [names for pattern, names in _TASKS if re.search(pattern, folded)]


def _language(spec: TaskSpec) -> Sequence[str]:
    import langcodes

    base = base_language(spec.language)
    return [] if base in (None, "en") else [langcodes.Language.get(base).language_name().casefold()]
