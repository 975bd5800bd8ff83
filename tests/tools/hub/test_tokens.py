import pytest

from tools.hub.tokens import entities, join_tokens


@pytest.mark.parametrize(
    ("tokens", "text"),
    [
        ("It 's the view , is n't it ?", "It's the view, isn't it?"),
        ('He said " yes " ( twice ) .', 'He said "yes" (twice).'),
        ("-LRB- it costs $ 5 -RRB- !", "(it costs $5)!"),
        ("`` Stop '' , she said", '"Stop", she said'),
        ("東京 は 日本 の 首都 です 。", "東京は日本の首都です。"),
        ("黑豹队 的 防守", "黑豹队的防守"),
        ("한국 은 나라", "한국 은 나라"),
        ("50 % of it", "50% of it"),
        ("one", "one"),
        ("", ""),
    ],
)
def test_tokens_become_text(tokens: str, text: str) -> None:
    assert join_tokens(tokens.split()) == text


@pytest.mark.parametrize(
    ("tags", "found"),
    [
        ("B-per I-per O B-loc O", "per: Alan Turing; loc: Paris"),
        ("per per O loc O", "per: Alan Turing; loc: Paris"),
        ("B-per B-per O B-loc I-loc", "per: Alan; per: Turing; loc: Paris."),
        ("B-per E-per O S-loc O", "per: Alan Turing; loc: Paris"),
        ("B-per L-per O U-loc O", "per: Alan Turing; loc: Paris"),
        ("I-per I-per O I-loc O", "per: Alan Turing; loc: Paris"),
        ("O O O O O", "none"),
    ],
)
def test_tags_become_entities(tags: str, found: str) -> None:
    assert entities(["Alan", "Turing", "saw", "Paris", "."], tags.split()) == found
