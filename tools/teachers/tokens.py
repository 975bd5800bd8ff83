"""Taking texts apart so that they can be put together again.

Words in spaced scripts, characters in Chinese and Japanese: tokenisers that know these languages
need a dictionary each.
"""

import re

_CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"\s*(?:[{_CJK}]|[^\W{_CJK}]+(?:['’-][^\W{_CJK}]+)*|[^\w\s])")
_CLAUSE = re.compile(
    r".+?(?:[.!?;,:](?=\s)|[。、！？；，：\n]+|(?=\s(?:and|but|because|und|aber|weil|mais|pero)\s)|$)",
    re.DOTALL | re.IGNORECASE,
)


def tokens(text: str) -> list[str]:
    """Return the tokens of `text`, each with the white space before it, so that none is lost."""
    return _TOKEN.findall(text.strip())


def clauses(text: str) -> list[str]:
    """Return the clauses of `text`, split after punctuation marks and before conjunctions."""
    parts = (part.strip() for part in _CLAUSE.findall(text.strip()))
    return [part for part in parts if is_word(part)]


def is_word(token: str) -> bool:
    """Say whether a token is more than punctuation."""
    return any(c.isalnum() for c in token)


def is_spaced(text: str) -> bool:
    """Say whether `text` is of a script that puts spaces between words."""
    return re.search(f"[{_CJK}]", text) is None
