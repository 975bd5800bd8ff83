"""English for the words in which tasks and labels are most often put in German and Japanese.

Cards, and the label names in data of any language, are nearly always English, and a small encoder
knows little else. Names of languages and words for sorting are left out: they do not tell what a
task is about.
"""

import re
import unicodedata

_TERMS = {
    "topic classification": "thema themen themengebiet トピック 話題 主題 テーマ ジャンル",
    "sentence": "satz sätze sätzen 文章 センテンス",
    "sentiment classification": "stimmung gefühlslage tonalität センチメント 感情極性",
    "emotion detection": "emotion emotionen gefühl gefühle 感情 気持ち",
    "intent detection": "absicht absichten anliegen 意図",
    "question": "frage fragen 質問",
    "review": "rezension rezensionen bewertung bewertungen kritik filmkritik レビュー 口コミ",
    "film": "film filme filmen spielfilm 映画",
    "product": "produkt produkte produkten 商品 製品",
    "offensive": "beleidigend beleidigende beleidigung anstößig hasserfüllt 攻撃的 侮辱",
    "hate speech": "hassrede hetze ヘイト",
    "tweet": "tweets ツイート",
    "message": "nachricht nachrichten メッセージ",
    "comment": "kommentar kommentare コメント",
    "spam": "spam werbung スパム 迷惑メール",
    "bank": "bank banking 銀行",
    "customer": "kunde kunden kundin 顧客 お客様",
    "parcel": "paket pakete lieferung 宅配 荷物 配送",
    "recipe": "rezept rezepte rezepten レシピ",
    "voice assistant": "sprachassistent sprachassistenten 音声アシスタント スマートスピーカー",
    "translation": "übersetze übersetzen übersetzung 翻訳",
    "positive": "positiv 肯定的 ポジティブ",
    "negative": "negativ 否定的 ネガティブ",
    "neutral": "neutral 中立 ニュートラル",
    "science": "wissenschaft 科学",
    "technology": "technik technologie 技術 テクノロジー",
    "travel": "reise reisen 旅行",
    "politics": "politik 政治",
    "sports": "sport スポーツ",
    "health": "gesundheit 健康 医療",
    "entertainment": "unterhaltung エンターテインメント エンタメ 娯楽 芸能",
    "geography": "geografie geographie erdkunde 地理",
    "economy": "wirtschaft 経済",
    "weather": "wetter 天気",
    "anger": "wut ärger zorn 怒り",
    "disgust": "ekel 嫌悪",
    "fear": "angst furcht 恐れ 恐怖",
    "joy": "freude 喜び",
    "sadness": "trauer traurigkeit 悲しみ",
    "surprise": "überraschung 驚き",
    "abuse": "beschimpfung missbrauch 虐待",
    "insult": "beleidigung 侮辱",
    "profanity": "schimpfwort schimpfwörter 卑語",
    "other": "andere sonstiges その他",
    "news": "nachrichtentext 記事 ニュース",
}
_ENGLISH: dict[str, str] = {}
for _english, _words in _TERMS.items():
    for _word in _words.split():
        _ENGLISH.setdefault(_word, _english)
_UNSPACED = sorted((w for w in _ENGLISH if not w[0].isascii() and w[0] > "\u2fff"), key=len)[::-1]


def translate(name: str) -> str:
    """Return `name` with each known word in English and every other word as it is."""
    folded = unicodedata.normalize("NFKC", name).casefold()
    for word in _UNSPACED:
        folded = folded.replace(word, f" {_ENGLISH[word]} ")
    return " ".join(_ENGLISH.get(word, word) for word in re.findall(r"\w+", folded))


def known_terms(text: str) -> list[str]:
    """Return the known words of `text` in English, in order, each once."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    found: list[tuple[int, str]] = []
    for word in _UNSPACED:
        place = folded.find(word)
        if place >= 0:
            found.append((place, _ENGLISH[word]))
            folded = folded.replace(word, " " * len(word))
    for match in re.finditer(r"\w+", folded):
        if match.group() in _ENGLISH:
            found.append((match.start(), _ENGLISH[match.group()]))
    return list(dict.fromkeys(english for _, english in sorted(found)))


def in_english(text: str) -> str:
    """Return the known words of `text` in English, in order; empty if none is known."""
    return " ".join(known_terms(text))
