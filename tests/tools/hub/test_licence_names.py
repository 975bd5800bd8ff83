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
        ("MIT 非商用", "mit-非商用"), ("CC BY ⓝⓒ", "cc-by-ⓝⓒ"),
        ("https://creativecommons.org/licenses/by/3.0/us/deed.en", "cc-by-3.0-us"),
        ("https://creativecommons.org/licenses/by/4.0/legalcode", "cc-by-4.0"),
        ("Creative Commons Attribution NonCommercial", "cc-by-nc"),
    ],
)  # fmt: skip
def test_spellings(spelling: str, normal: str) -> None:
    assert normalise(spelling) == normal


FREE = (
    "cc0-1.0", "public-domain", "MIT", "The MIT License", "Apache License, Version 2.0", "bsd",
    "bsd-3-clause", "bsd-2-clause-patent", "isc", "zlib", "ncsa", "postgresql", "afl-3.0",
    "artistic-2.0", "bsl-1.0", "ecl-2.0", "ms-pl", "openmdw-1.0", "cc-by", "CC BY 4.0",
    "cc-by-3.0-us", "cc-by-3.0-igo", "Creative Commons Attribution 4.0 International",
    "https://creativecommons.org/licenses/by/4.0/", "https://opensource.org/licenses/MIT",
    "https://creativecommons.org/publicdomain/zero/1.0/", "odc-by", "cdla-permissive-2.0",
    "etalab-2.0", "dl-de-by-2.0", "dl-de-zero-2.0", "ogl-uk-3.0", "pddl", "unlicense",
)  # fmt: skip
SHARED = (
    "cc-by-sa", "CC BY-SA 4.0", "cc-by-sa-3.0-de", "odbl", "gpl-3.0", "lgpl", "agpl-3.0", "mpl-2.0",
    "eupl-1.2", "gfdl", "osl-3.0", "ofl-1.1", "epl-2.0", "cdla-sharing-1.0",
)  # fmt: skip
RESTRICTIONS = (
    "nc", "NC", "nd", "nc-nd", "nc-sa", "rail", "eula", "acad", "noncommercial", "Non Commercial",
    "no derivatives", "no", "research", "research only", "academic use only", "commons clause",
    "with commons clause", "with the exception of commercial use", "and no commercial use", "ⓝⓒ",
)  # fmt: skip
JOINTS = ("-", " ", "_", ", ", "/", " - ", " + ", ": ", " License ", "-4.0-", " with ", " and ")


@pytest.mark.parametrize("name", [*FREE, *SHARED])
def test_without_a_restriction_they_are_free(name: str) -> None:
    assert classify(name) == ("share-alike" if name in SHARED else "permissive")


@settings(deadline=None, max_examples=1_000)
@given(
    st.sampled_from(FREE + SHARED),
    st.sampled_from(JOINTS),
    st.sampled_from(RESTRICTIONS),
    st.sampled_from(["{}", "({})", "{} license", "{}-4.0", "{} exception", "{}-public", "{}+"]),
)
def test_what_a_restriction_is_added_to_is_free_no_longer(
    free: str, joint: str, restriction: str, form: str
) -> None:
    text = free + joint + form.format(restriction)
    assert classify(text) in ("non-commercial", "unknown"), normalise(text)


@given(st.sampled_from(FREE), st.integers(0, 40), st.sampled_from(RESTRICTIONS))
def test_a_restriction_at_the_end_of_a_long_text_is_not_cut_off(
    free: str, filler: int, restriction: str
) -> None:
    text = f"{free}{' license' * filler} {restriction}"
    assert classify(text) in ("non-commercial", "unknown")
    assert classify(normalise(text)) in ("non-commercial", "unknown")


@pytest.mark.parametrize(
    ("licence", "terms"),
    [
        ("cc-by-nd", "unknown"), ("cc-by-nc-nd", "unknown"), ("cc-by-nc", "non-commercial"),
        ("cc-by-sa", "share-alike"), ("cc-by-sa-4.0-nc", "unknown"), ("CC-BY-4.0 (NC)", "unknown"),
        ("cc-by-4.0-no", "unknown"), ("cc-by-nc-sa-2.0-uk", "non-commercial"),
        ("bsl-1.0", "permissive"), ("bsl-1.1", "unknown"), ("BSL", "unknown"),
        ("MIT WITH noncommercial exception", "unknown"),
        ("Apache-2.0 WITH LLVM-exception", "permissive"),
        ("https://creativecommons.org/licenses/by/4.0/ no commercial use", "unknown"),
    ],
)  # fmt: skip
def test_terms_that_differ_by_a_suffix(licence: str, terms: str) -> None:
    assert classify(licence) == terms


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
        ({"license": ["mit", {"a": "nc"}]}, "mit AND unknown"),
        ({}, "unknown"),
    ],
)
def test_cards(card: dict[str, object], licence: str) -> None:
    assert card_licence(card) == licence


def test_tags_speak_where_the_card_does_not() -> None:
    tags = ["task:x", "license:cc-by-4.0"]
    assert card_licence({}, tags) == "cc-by-4.0"
    assert card_licence({"license": "mit"}, tags) == "mit"
    assert card_licence({}, [*tags, "license:no sale"]) == "cc-by-4.0 AND no-sale"
