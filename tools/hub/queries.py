"""What a search asks the Hub for.

The Hub matches words in names only and filters by the tags of cards, so that one question is asked
in many ways; which of the answers fit is for the ranking to tell.
"""

from tools.language import base_language
from tools.services import Json
from tools.sources import Wanted

BY_NAME, BY_TAG = 30, 100
"""Most repositories asked for by a word in their names, and by their tags."""
KEYWORDS = 6
CATEGORIES = {
    "label": ("text-classification",),
    "text": (
        "text-generation", "question-answering", "translation", "summarization",
        "token-classification",
    ),
}  # fmt: skip
USUAL_LICENCES = ("apache-2.0", "mit", "cc-by-4.0", "cc-by-sa-4.0")
"""Among the most downloaded, many have a licence that a run may not use."""


def hub_queries(wanted: Wanted) -> list[tuple[Json, int]]:
    """Return parameters of the Hub's list of data sets, each with the most answers to take."""
    language = base_language(wanted.language) or wanted.language
    spoken = f"language:{language}"
    words = wanted.keywords[:KEYWORDS]
    queries: list[tuple[Json, int]] = [({"search": word}, BY_NAME) for word in words]
    if language != "en":
        # Names in English lists are many; those in the task's language would be lost among them.
        queries += [({"search": word, "filter": [spoken]}, BY_NAME) for word in words[:2]]
    for category in CATEGORIES[wanted.output_type]:
        tags = [f"task_categories:{category}", spoken]
        queries.append(({"filter": tags}, BY_TAG))
        if wanted.output_type == "label":
            queries += [
                ({"filter": [*tags, f"license:{licence}"]}, BY_NAME) for licence in USUAL_LICENCES
            ]
    return queries
