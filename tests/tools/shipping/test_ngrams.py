import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tools.shipping.templates.ngrams import NGrams
from tools.students import features

TEXTS = [
    "Where is my card?",
    "wo ist die Karte",
    "ÄÖ ß 東京",
    "a  b\n\tc",
    "",
    "İstanbul",
    "aaaa aaa aa a",
]


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> tuple[features.NGrams, NGrams]:
    """What scikit-learn learned, and the same for a program without it."""
    fitted = features.NGrams.fit(TEXTS)
    terms = fitted.vectorizer.get_feature_names_out()
    path = tmp_path_factory.mktemp("ngrams") / "ngrams.json"
    path.write_text(json.dumps(dict(zip(terms, map(float, fitted.vectorizer.idf_), strict=True))))
    return fitted, NGrams(path)


@given(st.one_of(st.sampled_from(TEXTS), st.text(max_size=40), st.text("abc dıi\n", max_size=40)))
def test_weights_are_those_of_scikit_learn(both: tuple[features.NGrams, NGrams], text: str) -> None:
    theirs = both[0].transform([text]).toarray()[0]
    ours = np.zeros_like(theirs)
    numbers, weights = both[1].weigh(text)
    ours[numbers] = weights
    np.testing.assert_allclose(ours, theirs, atol=1e-6)
