import shlex

import pytest

from tools.hub.licences import classify, how_to_allow, is_allowed


@pytest.mark.parametrize(
    ("licence", "terms"),
    [
        ("apache-2.0", "permissive"), ("MIT", "permissive"), ("bsd-3-clause", "permissive"),
        ("cc0-1.0", "permissive"), ("cc-by-4.0", "permissive"), ("odc-by", "permissive"),
        ("cc-by-sa-3.0", "share-alike"), ("gpl-3.0", "share-alike"), ("odbl", "share-alike"),
        ("cc-by-nc-4.0", "non-commercial"), ("cc-by-nc-sa-4.0", "non-commercial"),
        ("other", "unknown"), ("unknown", "unknown"), ("", "unknown"), ("mitochondria", "unknown"),
        ("cc-by-nd-4.0", "unknown"), ("cc-by-nc-nd-4.0", "unknown"), ("cc", "unknown"),
        ("llama3.1", "unknown"), ("gemma", "unknown"), ("bigscience-openrail-m", "unknown"),
        ("licenseref-mit", "unknown"), ("apache-2.0-with-extras", "unknown"), ("user", "unknown"),
        ("mit AND cc-by-sa-4.0", "share-alike"), ("mit OR cc-by-sa-4.0", "permissive"),
        ("mit AND other", "unknown"), ("(mit OR other) AND cc-by-nc-4.0", "non-commercial"),
    ],
)  # fmt: skip
def test_terms(licence: str, terms: str) -> None:
    assert classify(licence) == terms


def test_what_is_not_free_is_allowed_only_by_its_exact_name() -> None:
    assert is_allowed("cc-by-sa-4.0", frozenset())
    assert not is_allowed("other", frozenset())
    assert is_allowed("other", frozenset({"OTHER"}))
    assert not is_allowed("cc-by-nc-4.0", frozenset({"cc-by-nc"}))
    assert is_allowed("licenseref-lab-terms", frozenset({"Lab Terms"}))


def test_how_to_allow_a_licence_can_be_given_to_a_shell() -> None:
    licence = "(apache-2.0 OR mit) AND other"
    assert how_to_allow("other") == "allow it with --allow-license other"
    assert shlex.split(how_to_allow(licence))[-2:] == ["--allow-license", licence]
    assert is_allowed(licence, frozenset({licence}))


def test_of_an_expression_every_part_has_to_be_allowed() -> None:
    assert is_allowed("(other OR mit) AND cc-by-sa-4.0", frozenset())
    assert not is_allowed("mit AND other", frozenset())
    assert is_allowed("mit AND other", frozenset({"other"}))
    assert is_allowed("cc-by-nc-4.0", frozenset({"CC BY-NC 4.0"}))
    assert is_allowed("cc-by-nc-4.0 AND gemma", frozenset({"gemma AND cc-by-nc-4.0"}))
    assert not is_allowed("licenseref-acme", frozenset({"other"}))
