from tests.tools.hub.makers import info_of
from tools.hub.groups import group_columns, row_keys, settle_groups
from tools.hub.paths import parse

COLUMNS = {"title": "string", "index_id": "int64", "context": "string", "question": "string"}
INFO = info_of(COLUMNS)


def test_columns_that_rows_of_one_source_share() -> None:
    assert group_columns(INFO, parse("{context} {question}", COLUMNS)) == ("index_id", "title")
    assert group_columns(INFO, parse("title", COLUMNS)) == ("index_id",)


def _keys(row: dict[str, object], answer: str = "") -> tuple[str, ...]:
    fields = [str(row.get("context", "")), str(row.get("question", ""))]
    return row_keys(row, ("index_id",), fields, answer, "me/set")


def test_an_id_groups_across_configs_of_a_repository() -> None:
    keys = [_keys({"index_id": i // 2, "context": f"c{i}"}) for i in range(100)]
    groups = settle_groups(keys)
    assert groups[0] == groups[1] == "me/set#index_id=0"
    assert len(set(groups)) == 50


def test_passages_group_where_the_ids_are_too_few_or_missing() -> None:
    few = settle_groups([_keys({"index_id": i % 3, "context": f"C {i // 4}"}) for i in range(200)])
    none = settle_groups([_keys({"context": f"c  {i // 4}"}) for i in range(200)])
    assert few == none
    assert len(set(none)) == 50


def test_long_answers_group_and_short_ones_do_not() -> None:
    long = [row_keys({}, (), [], f"find . -name {i // 2} -print0 | xargs", "r") for i in range(80)]
    assert len(set(settle_groups(long))) == 40
    short = [row_keys({}, (), [], f"{i // 2}", "r") for i in range(80)]
    assert set(settle_groups(short)) == {""}
