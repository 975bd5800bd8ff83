"""What columns and fields are called, by people and in published data.

The lists overlap but are not the same, since they answer different questions. `INPUT_NAMES` and
`OUTPUT_NAMES` are for what a user writes or pastes: everything that may be part of the input is
joined, in several languages. A published data set has many more columns, and there is a planner to
ask: `TEXT_NAMES` are those that are the whole input by themselves (a title or a question is not),
`CLASS_NAMES` those that hold a class, `GRADE_NAMES` those whose whole numbers may be classes, and
`ANSWER_NAMES` those that hold a written answer.
"""

import re

_OUTPUT_WORDS = """
    output outputs label_text label_name label labels target expected gold answer answers
    category class intent sentiment topic emotion tag type completion response summary
    translation result ausgabe kategorie klasse thema stimmung absicht antwort etikett
    übersetzung zusammenfassung ergebnis sortie étiquette catégorie réponse salida etiqueta
    categoría respuesta 出力 ラベル カテゴリ カテゴリー 分類 回答 答え 答 翻訳 要約 正解
"""
_INPUT_WORDS = """
    input inputs text texts sentence sentence1 sentence2 message question context passage
    premise hypothesis utterance query review tweet comment post document article title subject
    body content source prompt request email e-mail headline snippet note sms ticket description
    instruction eingabe satz nachricht frage kommentar beitrag artikel titel anfrage bewertung
    entrée texte phrase message_text avis entrada texto frase mensaje reseña
    入力 テキスト 文 文章 質問 問 メッセージ レビュー コメント
"""
OUTPUT_NAMES = tuple(_OUTPUT_WORDS.split())
"""The order decides: of two output columns that are known by name, the earlier name wins."""
INPUT_NAMES = tuple(_INPUT_WORDS.split())

TEXT_NAMES = (
    "text", "sentence", "message", "sms", "utterance", "tweet", "review", "comment", "query",
    "content", "post", "headline", "input", "document", "full_text",
)  # fmt: skip
CLASS_NAMES = (
    "label", "labels", "class", "category", "intent", "topic", "sentiment", "emotion", "target",
    "output", "kategorie", "thema",
)  # fmt: skip
GRADE_NAMES = ("answer", "stars", "star_rating", "rating", "score", "grade", "polarity", "verdict")
ANSWER_NAMES = (
    "output", "outputs", "answer", "answers", "target", "response", "completion", "reply",
    "summary", "abstract", "highlights", "translation", "paraphrase", "solution", "label",
    "actions", "sql", "bash", "code", "program", "snippet", "reference", "human_reference",
    "masked", "simplified", "corrected", "antwort", "zusammenfassung", "übersetzung",
)  # fmt: skip

_NOT_TEXT = re.compile(
    r"(?:^|_)(?:id|idx|index|url|link|uri|date|time|timestamp|uuid|hash|key|lang|language|split)s?$",
    re.IGNORECASE,
)


def is_metadata(column: str) -> bool:
    """Whether a column is named like an id, a date, a link or a language: nothing to learn from."""
    return _NOT_TEXT.search(column) is not None
