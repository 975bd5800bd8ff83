"""When two texts count as the same, and what may be shown of one."""

import re
import unicodedata


def folded(text: str) -> str:
    """Return `text` without differences in case, character width or white space."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def printable(text: str) -> str:
    """Return a text without control characters but line breaks, for terminals to show only."""
    return re.sub(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]", " ", text)


def one_line(text: str, most: int = 300) -> str:
    """Return a text from elsewhere on one line, without control characters, cut to `most`.

    So that it cannot pass for a line of ours, nor say anything to a terminal.
    """
    plain = " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+", " ", text).split())
    return plain if len(plain) <= most else plain[: most - 1] + "…"
