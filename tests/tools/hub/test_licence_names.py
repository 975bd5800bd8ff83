import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tools.hub.licence_names import card_licence, normalise
from tools.hub.licences import classify

FRAGMENTS = st.lists(
    st.sampled_from(
        ["MIT", "apache-2.0", "CC BY-SA 4.0", "cc-by-nd-4.0", "other", "user", "GPL-3.0+", "日本",
         " AND ", " or ", " WITH ", "(", ")", "license", " or later", "/", "LicenseRef-"]
    ),
    max_size=12,
)  # fmt: skip


@pytest.mark.parametrize(
    ("spelling", "normal"),
    [
        ("MIT License", "mit"), ("The MIT License", "mit"), ("Apache-2.0", "apache-2.0"),
        ("Apache License, Version 2.0", "apache-2.0"), ("CC-BY-SA-4.0", "cc-by-sa-4.0"),
        ("CC BY-SA 4.0", "cc-by-sa-4.0"), ("cc0", "cc0-1.0"), ("GPL-3.0-only", "gpl-3.0"),
        ("Creative Commons Attribution-NonCommercial 4.0 International", "cc-by-nc-4.0"),
        ("https://creativecommons.org/licenses/by-nc-sa/4.0/", "cc-by-nc-sa-4.0"),
        ("GNU GPL v3 or later", "gpl-3.0"), ("GPL-3.0+", "gpl-3.0"),
        ("GNU Lesser General Public License v2.1", "lgpl-2.1"),
        ("MIT OR Apache-2.0", "(apache-2.0 OR mit)"),
        ("(MIT OR Apache-2.0) AND CC-BY-4.0", "(apache-2.0 OR mit) AND cc-by-4.0"),
        ("cc-by-4.0 AND odbl OR mit", "(cc-by-4.0 OR mit) AND (mit OR odbl)"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "gpl-2.0"),
        ("Apache-2.0 with Commons Clause", "apache-2.0-with-commons-clause"),
        ("openrail++", "openrail++"), ("llama3.1", "llama3.1"), ("Gemma", "gemma"),
        ("LicenseRef-Acme Data", "licenseref-acme-data"), ("", "unknown"),
        ("apache-2.0-with-extras", "apache-2.0-with-extras"), ("mit OR", "mit-or"),
        ("MIT 非商用", "mit-非商用"),
    ],
)  # fmt: skip
def test_spellings(spelling: str, normal: str) -> None:
    assert normalise(spelling) == normal


@settings(deadline=None)
@given(FRAGMENTS.map("".join))
def test_what_is_normal_stays_as_it_is(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert classify(once) == classify(text)


@settings(deadline=None)
@given(FRAGMENTS.map("".join), FRAGMENTS.map("".join))
def test_joined_expressions_are_an_expression(left: str, right: str) -> None:
    """Rows made from several others carry the licences of all, joined by AND."""
    parts = {p for text in (left, right) for p in normalise(text).split(" AND ")}
    joined = " AND ".join(sorted(parts))
    assert set(normalise(joined).split(" AND ")) == parts


@pytest.mark.parametrize("hostile", ["(" * 200, "a OR b AND " * 50, "mit " * 100_000])
def test_a_hostile_text_is_a_name_that_nobody_knows(hostile: str) -> None:
    assert classify(hostile) == "unknown"
    assert len(normalise(hostile)) <= 80


@pytest.mark.parametrize(
    ("card", "licence"),
    [
        ({"license": "mit"}, "mit"),
        ({"license": ["cc-by-sa-3.0", "gfdl"]}, "cc-by-sa-3.0 AND gfdl"),
        ({"license": "other", "license_name": "Acme data terms"}, "licenseref-acme-data-terms"),
        ({"license": "other", "license_name": "mit"}, "licenseref-mit"),
        ({"license": "other"}, "other"),
        ({"license": "user"}, "licenseref-user"),
        ({"license": None}, "unknown"),
        ({"license": {"a": 1}}, "unknown"),
        ({}, "unknown"),
    ],
)
def test_cards(card: dict[str, object], licence: str) -> None:
    assert card_licence(card) == licence


def test_tags_speak_where_the_card_does_not() -> None:
    tags = ["task:x", "license:cc-by-4.0"]
    assert card_licence({}, tags) == "cc-by-4.0"
    assert card_licence({"license": "mit"}, tags) == "mit"
