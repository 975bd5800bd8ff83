"""Licences as cards and people spell them, read into one normal form.

The form is an expression over the ids of the Hugging Face Hub, which follow SPDX in lower case:
what applies together is joined by AND, what one may choose from stands in brackets, joined by OR,
such as `(apache-2.0 OR mit) AND cc-by-4.0`. Two such expressions joined by AND are one again.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache, reduce
from itertools import product
from typing import Any

UNKNOWN = "unknown"
OWN = "user"
"""What the user's own rows carry in place of a licence; no card can claim it."""
CUSTOM = "licenseref-"
"""Begins the names of licences that their authors call `other`, as SPDX has it."""
Clauses = frozenset[frozenset[str]]
_LONGEST = 300
_MOST_CLAUSES = 16
_LONGEST_NAME = 80
_CUT = "..."
_SYMBOLS = "\u2100-\u2bff\U0001f000-\U0001faff"

_V = r"(?:-\d+(?:\.\d+)*)?"
# Jurisdictions that Creative Commons was ported to, up to version 3.0. Any two letters would take
# in what restricts: `nc`, `nd`.
_PORT = (
    "(?:am|ar|at|au|az|be|bg|br|ca|ch|cl|cn|co|cr|cz|de|dk|ec|ee|eg|es|fi|fr|ge|gr|gt|hk|hr|hu|ie"
    "|igo|il|in|it|jo|jp|kr|lu|mk|mt|mx|my|nl|no|nz|pe|ph|pl|pr|pt|ro|rs|scotland|se|sg|si|th|tw"
    "|ua|ug|uk|us|ve|vn|za)"
)
_CC_V = rf"(?:{_V}|-[123]\.\d-{_PORT})"
_KNOWN = {
    "public": (
        rf"cc0{_V}|cc-pddc|pddl{_V}|public-domain|unlicense|wtfpl|0bsd|mit-0|dl-de-zero{_V}"
    ),
    "permissive": (
        rf"mit|apache{_V}|bsd(?:-[1-4](?:-clause)?)?(?:-clear|-patent)?|isc|zlib|ncsa|postgresql"
        rf"|afl{_V}|artistic{_V}|bsl-1\.0|ecl{_V}|ms-pl|openmdw{_V}"
    ),
    "attribution": (
        rf"cc-by{_CC_V}|odc-by{_V}|cdla-permissive{_V}|etalab{_V}|dl-de-by{_V}|ogl-uk{_V}"
    ),
    "share-alike": (
        rf"cc-by-sa{_CC_V}|odbl{_V}|cdla-sharing{_V}|gfdl{_V}|[al]?gpl{_V}|mpl{_V}|epl{_V}"
        rf"|eupl{_V}|osl{_V}|ofl{_V}"
    ),
    "non-commercial": (
        rf"cc-by-nc(?:-sa)?{_CC_V}|fair-noncommercial-research-license"
        rf"|polyform-noncommercial{_V}"
    ),
}
_PATTERNS = {kind: re.compile(pattern) for kind, pattern in _KNOWN.items()}
_CC = r"^https?://(?:www\.)?creativecommons\.org"
_PAGE = r"(?:/(?:deed|legalcode)(?:\.[\w-]+)?)?/?(?:\?ref=[\w-]+)?$"
_URLS = (
    (rf"{_CC}/publicdomain/zero/([\d.]+){_PAGE}", r"cc0-\1"),
    (rf"{_CC}/licenses/([a-z-]+)/([\d.]+)(?:/({_PORT}))?{_PAGE}", r"cc-\1-\2-\3"),
    (r"^https?://(?:www\.)?opensource\.org/licen[cs]es?/([\w.-]+)/?$", r"\1"),
)
_WORDS = (
    (r"\b(a|l)(?:ffero|esser)-general-public-licen[cs]e\b", r"\1gpl"),
    (r"\bgeneral-public-licen[cs]e\b", "gpl"),
    (r"\bcreative-?commons\b", "cc"),
    (r"\bcc-zero\b", "cc0"),
    (r"\bnon-?commercial\b", "nc"),
    (r"\bshare-?alike\b", "sa"),
    (r"\bno-?deriv(?:ative|ativework)?s\b", "nd"),
    (r"\battribution\b", "by"),
    (r"^(?:the|gnu)-|-(?:license|licence|international|unported|generic|public)\b", ""),
    (r"(?<=[a-z])-?v(?:er(?:sion)?)?[-.]?(?=\d)", "-"),
    (r"\+$|-only$|-or-(?:later|newer)$", ""),
    (r"^(apache|afl|mpl|epl)-(\d)$", r"\1-\2.0"),
    (r"^([al]?gpl)-?(\d)$", r"\1-\2.0"),
    (r"^cc0$", "cc0-1.0"),
)
# Exceptions grant more than their licence, but only these are known to.
_EXCEPTION = re.compile(
    r"(?:autoconf|bison|bootloader|classpath|ecos|fltk|font|gcc|llvm|openvpn-openssl|swift"
    r"|universal-foss|u-boot|wxwindows)-exception(?:-\d+(?:\.\d+)*)?",
    re.IGNORECASE,
)
_OPERATOR = re.compile(r"(\(|\)|\s+(?:and|or(?!\s+later)|with)\s+)", re.IGNORECASE)


def kind_of(name: str) -> str | None:
    """Return what sort of licence a single id stands for; None where it is not known.

    That is `public`, `permissive`, `attribution`, `share-alike` or `non-commercial`.
    """
    return next((kind for kind, pattern in _PATTERNS.items() if pattern.fullmatch(name)), None)


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """Return a licence, or an SPDX expression of several, in the normal form.

    What an exception (`WITH …`) grants beyond its licence is not counted on.
    """
    return written(clauses(text))


def clauses(text: str) -> Clauses:
    """Return what applies together, each as the set of licences that one may choose from."""
    if len(text) <= _LONGEST:
        found = _Parser([t.strip() for t in _OPERATOR.split(text) if t.strip()]).read()
        if found is not None and len(found) <= _MOST_CLAUSES:
            return found
        return frozenset({frozenset({_name(text)})})
    return frozenset({frozenset({_slug(text)})})


def written(parts: Iterable[Iterable[str]]) -> str:
    """Return clauses as an expression, in alphabetical order."""
    groups = (sorted(set(part)) for part in parts)
    texts = {f"({' OR '.join(group)})" if len(group) > 1 else group[0] for group in groups}
    return " AND ".join(sorted(texts))


def card_licence(card: Mapping[str, Any], tags: Sequence[str] = ()) -> str:
    """Return what a card says about its licence, in the normal form.

    A list counts as AND: on cards it may mean a choice or parts under different licences, and to
    take a choice for a duty only makes us too careful.

    Args:
        card: The card's metadata.
        tags: Tags of the repository, asked where the card itself says nothing.
    """
    names = _texts(card.get("license"))
    if not names:
        names = [tag.removeprefix("license:") for tag in tags if tag.startswith("license:")]
    own_name = next(iter(_texts(card.get("license_name"))), "")
    read: set[frozenset[str]] = set()
    for name in names:
        if _slug(name) == "other" and own_name:
            read.add(frozenset({_custom(own_name)}))
        else:
            read |= {frozenset(_claimed(n) for n in part) for part in clauses(name)}
    return written(read) if read else UNKNOWN


def _claimed(name: str) -> str:
    return _custom(name) if name == OWN else name


def _custom(name: str) -> str:
    return CUSTOM + _slug(name).removeprefix(CUSTOM)


def _texts(value: object) -> list[str]:
    """A card field that may hold nothing, one string, or several; what is no text is unknown."""
    items = value if isinstance(value, list) else [value]
    return [
        str(item).strip() if isinstance(item, str | int | float) else UNKNOWN
        for item in items
        if item
    ]


def _name(text: str) -> str:
    """Return the id of one licence however it is spelled; else its spelling as an id."""
    linked = text.strip().casefold()
    for pattern, replacement in _URLS:
        linked = re.sub(pattern, replacement, linked)
    name = plain = _slug(linked)
    for pattern, replacement in _WORDS:
        name = re.sub(pattern, replacement, name).strip("-")
    return name if kind_of(name) else plain


def _slug(text: str) -> str:
    # Letters of all alphabets and symbols stay: what they add to a known name may restrict it.
    slug = re.sub(rf"[^\w.+{_SYMBOLS}]+|_+", "-", text.casefold()).strip("-")
    if len(slug) > _LONGEST_NAME:
        # No known name ends in dots, so what was cut off cannot be missing unnoticed.
        slug = slug[: _LONGEST_NAME - len(_CUT)].rstrip("-") + _CUT
    return UNKNOWN if slug in ("", "and", "or", "with") else slug


class _Parser:
    """Reads `OR` over `AND` over names and brackets; None where the text is no expression."""

    def __init__(self, tokens: list[str]) -> None:
        self._tokens = tokens

    def read(self) -> Clauses | None:
        try:
            found = self._either()
        except (IndexError, ValueError):
            return None
        return None if self._tokens else found

    def _take(self, word: str) -> bool:
        if self._tokens and self._tokens[0].casefold() == word:
            del self._tokens[0]
            return True
        return False

    def _either(self) -> Clauses:
        options = [self._both()]
        while self._take("or"):
            options.append(self._both())
        return reduce(_choose, options)

    def _both(self) -> Clauses:
        found = self._one()
        while self._take("and"):
            found |= self._one()
        return found

    def _one(self) -> Clauses:
        if self._take("("):
            found = self._either()
            if not self._take(")"):
                raise ValueError("a bracket is never closed")
            return found
        token = self._tokens.pop(0)
        if token.casefold() in (")", "and", "or", "with"):
            raise ValueError("a name is missing")
        if self._take("with") and not _EXCEPTION.fullmatch(self._tokens.pop(0)):
            raise ValueError("not an exception that grants more, such as a commons clause")
        return frozenset({frozenset({_name(token)})})


def _choose(left: Clauses, right: Clauses) -> Clauses:
    """Return `left OR right` as clauses that apply together."""
    if len(left) * len(right) > _MOST_CLAUSES:
        raise ValueError("too many combinations")
    return frozenset(a | b for a, b in product(left, right))
