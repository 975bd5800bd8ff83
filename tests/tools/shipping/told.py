"""What a page tells of a model that does not exist, and its answers."""

from tools.shipping.templates.command_line import Likely

HOSTILE = "<img src=x onerror=\"document.title='run'\"> {{7*7}} ${7*7} `x` \x1b[31m \u202eabc"
ABOUT = {
    "title": "Sort <b>messages</b> ${1+1}",
    "task": f"Sort messages.\n{HOSTILE}",
    "kind": "label",
    "labels": [{"name": HOSTILE, "meaning": "all that is <i>bad</i>"},
               *({"name": f"label {n}", "meaning": ""} for n in range(6))],
    "examples": ["first example", f"second {HOSTILE}"],
    "unsure": {"below": 0.5, "said": "Such answers are often wrong."},
    "sections": [{"title": "How good it is", "lines": ["One.", HOSTILE],
                  "table": [["metric", "value"], ["accuracy", HOSTILE]]},
                 {"title": "Limits", "lines": ["Only one."], "table": []}],
}  # fmt: skip


def likely(text: str) -> Likely:
    """Seven labels; the likeliest is sure of itself where the text says so."""
    first = 0.9 if "sure" in text else 0.4
    return [(HOSTILE, first), *((f"label {n}", (1 - first) / 6) for n in range(6))]


def shout(text: str) -> Likely:
    """Give the text back in capitals."""
    return [(text.upper(), 0.75)]
