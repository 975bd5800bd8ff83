import pytest

from tools.reading.demonstrations import extract


def found(prompt: str) -> list[tuple[str, str]]:
    return [(pair.input, pair.output) for pair in extract(prompt).demonstrations]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("Input: a\nb\n\nc: {d}\nOutput:\ne\nf\n\nThanks!", [("a\nb\n\nc: {d}", "e\nf")]),
        ("**Input:** a\n**Output:** b\n---\n**Input:** c\n**Output:** d", [("a", "b"), ("c", "d")]),
        (
            "Eingabe: a\nAusgabe: b\n\nUnd noch eins:\n\nEingabe: c\nAusgabe: d",
            [("a", "b"), ("c", "d")],
        ),
        (
            "Example 1\nInput: a\nOutput: b\n\nExample 2\nInput: c\nOutput: d",
            [("a", "b"), ("c", "d")],
        ),
        ("Q: a? A: b\nQ: c? A: d", [("a?", "b"), ("c?", "d")]),
        ("Q1: a?\nA1: b\nQ2: c?\nA2: d", [("a?", "b"), ("c?", "d")]),
        ("Context: it rains\nQuestion: wet?\nAnswer: yes", [("it rains\nQuestion: wet?", "yes")]),
        ("Input: the text\nOutput: its label\n\nExamples:\nInput: a\nOutput: b", [("a", "b")]),
        ("Input: a\nOutput:\n```python\nx = {1}\n\ny\n```\nDone.", [("a", "x = {1}\n\ny")]),
        ("```\nText: a\nLabel: b\n```", [("a", "b")]),
        ('Text: "a: b"\nLabel: "c"', [("a: b", "c")]),
        (
            "a -> x\nb -> y -> x\nc -> x\nd -> x",
            [("a", "x"), ("b -> y", "x"), ("c", "x"), ("d", "x")],
        ),
        ("- sum => lambda a => 1\n- none => 0", [("sum", "lambda a => 1"), ("none", "0")]),
        ('Example: \n"a -> b" -> x', [("a -> b", "x")]),
        ("良い→肯定\n悪い→否定", [("良い", "肯定"), ("悪い", "否定")]),
        ("a\tx\nb\ty", [("a", "x"), ("b", "y")]),
        ('[["a", "x"], ["b", "y"]]', [("a", "x"), ("b", "y")]),
        ('{"question": "a", "answer": {"n": 1}}', [("a", '{"n": 1}')]),
    ],
)
def test_formats(prompt: str, expected: list[tuple[str, str]]) -> None:
    assert found(prompt) == expected


@pytest.mark.parametrize(
    "prompt",
    [
        "Translate English -> German.",
        'Return {"label": "the label", "confidence": 0.9}.',
        '{"label": "...", "confidence": 0.9}',
        "Labels:\n- refund -> asks for money\n- bug -> broken",
        "Note: mails are short.\nWe have: text, label and more.",
        "| label | meaning |\n|---|---|\n| a | first |\n| b | second |",
    ],
)
def test_prose_is_no_demonstration(prompt: str) -> None:
    assert extract(prompt) == extract(prompt).__class__((), prompt)


def test_only_prose_is_left() -> None:
    prompt = "Sort mails.\n\nHere are some examples:\n\n```\na -> x\nb -> x\n```\n\nBe quick."
    assert extract(prompt).prose.startswith("Sort mails.")
    assert extract(prompt).prose.endswith("Be quick.")
    assert "->" not in extract(prompt).prose


def test_a_number_in_the_midst_of_a_line_is_no_item() -> None:
    said = "Examples:\nWe're there 8 to 5. -> change_delivery\n2. Where is it? -> where_is_it"
    first, second = extract(said).demonstrations
    assert (first.input, first.output) == ("We're there 8 to 5.", "change_delivery")
    assert (second.input, second.output) == ("Where is it?", "where_is_it")


def test_an_item_without_an_input_is_no_example() -> None:
    assert extract("Examples:\n5. -> a\n6. -> b").demonstrations == ()
