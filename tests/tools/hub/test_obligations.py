import pytest

from tools.hub.obligations import Material, common, obligations, standing, summarise


def said(*materials: Material, base: tuple[str, str] | None = None) -> str:
    return "\n".join(summarise(obligations(materials), base).says)


@pytest.mark.parametrize(
    ("licences", "together"),
    [
        (["mit", "cc-by-4.0", "cc0-1.0"], ("cc-by-4.0", "mit")),
        (["cc0-1.0"], ("cc0-1.0",)),
        (["mit", "cc-by-sa-4.0", "cc-by-sa-3.0"], ("cc-by-sa-4.0",)),
        (["cc-by-sa-4.0", "odbl"], ("cc-by-sa-4.0", "odbl")),
        (["cc-by-nc-4.0", "mit"], ("cc-by-nc-4.0",)),
        (["cc-by-nc-4.0", "cc-by-sa-4.0"], ("cc-by-nc-4.0", "cc-by-sa-4.0")),
        (["(gpl-3.0 OR mit)", "user"], ("mit",)),
        (["user"], ()),
    ],
)
def test_the_strictest_terms_decide(licences: list[str], together: tuple[str, ...]) -> None:
    assert common(licences) == together


def test_own_rows_have_no_terms_but_what_is_mixed_in_has() -> None:
    assert standing("user") == "own"
    assert standing("cc-by-sa-4.0 AND user") == "share-alike"
    assert standing("user AND unknown") == "unknown"


def test_duties_of_each_source() -> None:
    asked = obligations(
        [
            Material("a/b", "cc-by-sa-4.0", 5),
            Material("a/b", "cc-by-sa-4.0", 2, writer="big-model"),
            Material("c/d", "apache-2.0", 9),
            Material("e/f", "llama3.1", 1),
            Material("user", "user", 3),
        ],
        gated={"c/d"},
    )
    assert [(o.source, o.rows) for o in asked] == [
        ("c/d", 9), ("a/b", 7), ("user", 3), ("e/f", 1)
    ]  # fmt: skip
    duties = {o.source: " ".join(o.duties) for o in asked}
    for word in ("credit", "changed", "same licence", "terms of big-model's provider"):
        assert word in duties["a/b"]
    for word in ("notice", "changed", "terms of access"):
        assert word in duties["c/d"]
    assert "conditions of use" in duties["e/f"]
    assert duties["user"] == ""


def test_share_alike_data_binds_the_data_and_in_doubt_the_model() -> None:
    asked = obligations([Material("a/b", "cc-by-sa-4.0", 5), Material("c/d", "mit", 5)])
    summary = summarise(asked, ("base", "apache-2.0"))
    assert (summary.terms, summary.data, summary.model) == (
        "share-alike", "cc-by-sa-4.0", "cc-by-sa-4.0"
    )  # fmt: skip
    assert "disputed" in "\n".join(summary.says)


def test_free_data_leaves_the_model_to_the_licence_of_its_base() -> None:
    asked = obligations([Material("a/b", "cc-by-4.0", 5), Material("user", "user", 5)])
    summary = summarise(asked, ("base", "mit"))
    assert (summary.data, summary.model) == ("cc-by-4.0", "mit")
    assert summarise(asked, None).model is None
    assert "disputed" not in "\n".join(summary.says)
    assert "credits a/b (cc-by-4.0)" in "\n".join(summary.says)


def test_what_is_unclear_is_said() -> None:
    words = said(Material("a/b", "licenseref-acme", 5), Material("c/d", "mit", 1))
    assert "What a/b asks (licenseref-acme) is unclear" in words
    assert "model may be released under is unclear" in words
    assert "unclear" in said(Material("c/d", "mit", 1), base=("/models/mine", "unknown"))
    both = said(Material("a/b", "cc-by-nc-4.0", 5), Material("c/d", "cc-by-sa-4.0", 1))
    assert "contradict" in both


def test_a_teacher_is_not_credited_for_what_it_was_shown() -> None:
    asked = obligations([Material("big", "mit", 5, writer="big"), Material("c/d", "mit", 5)])
    words = "\n".join(summarise(asked, None, {"big"}).says)
    assert "credits c/d (mit)." in words
    assert "big's provider" in words
