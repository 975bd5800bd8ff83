"""When two texts count as the same."""

import unicodedata


def folded(text: str) -> str:
    """Return `text` without differences in case, character width or white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
