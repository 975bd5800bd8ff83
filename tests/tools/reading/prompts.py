"""Prompts of very different shape, and what a careful reader takes from each."""

from dataclasses import dataclass

from tools.task import OutputType


@dataclass(frozen=True)
class Case:
    name: str
    prompt: str
    kind: OutputType = "label"
    labels: tuple[str, ...] = ()
    language: str = "en"
    demonstrations: int = 0
    metric: str | None = None


P2M = """Your task is to answer a question with the help of a passage. The answer is a span of the
passage, copied word for word. If the passage does not hold the answer, write "unknown".

Here are examples with input questions and context passages, along with their expected outputs:

input="Question: Where was the first lighthouse of the bay built? Context: It stood
on Gull Rock from 1821, and burned down: nobody was hurt."
output="Gull Rock"

input="Question: Who {really} wrote the song? Context: Mia Berg wrote the song in 1994."
output="Mia Berg"

input="Question: How long is the tunnel? Context: The tunnel opened in 1970."
output="unknown"
"""

MAIL = """Hi there,

hope you are well! I write because of our shop's inbox. We answer some 200 mails a day, and my
colleagues (Anna, Tom, and the new one) waste an hour just forwarding them. What I would love is
something that looks at a mail and tells us who should get it: billing, shipping, or technical
support? I attach nothing for now. Macro F1 would be my yardstick, as most mails go to shipping.

Cheers
Bea
"""

CASES = [
    Case("generic plural", "Sort messages of bank customers into intents."),
    Case(
        "is a or b",
        "Tell whether a sentence from a film review is positive or negative.",
        labels=("positive", "negative"),
    ),
    Case("spam", "Decide whether an SMS is spam or ham.", labels=("spam", "ham")),
    Case(
        "by topic, slash in a name",
        "Classify German sentences by topic: science/technology, travel, politics, sports, health, "
        "entertainment, geography.",
        labels=(
            "science/technology",
            "travel",
            "politics",
            "sports",
            "health",
            "entertainment",
            "geography",
        ),
        language="de",
    ),
    Case("german, no labels", "Ordne deutsche Sätze einem Thema zu.", language="de"),
    Case("japanese, no labels", "日本語の文のトピックを分類する", language="ja"),
    Case(
        "one label mentioned",
        "Recognise the intent of a request to a voice assistant; say oos when it is out of scope.",
    ),
    Case(
        "translate into code",
        "Translate Japanese questions into one line of Python",
        kind="text",
        language="ja",
    ),
    Case(
        "examples of labels",
        "Sort requests to a voice assistant into seven intents such as playing music or "
        "getting the weather.",
    ),
    Case("prompt2model", P2M, kind="text", demonstrations=3),
    Case(
        "mail",
        MAIL,
        labels=("billing", "shipping", "technical support"),
        metric="macro_f1",
    ),
    Case(
        "bullets with meanings",
        "Assign each ticket one of these labels:\n\n- refund: asks for money back\n"
        "- **bug**: something is broken, e.g. a crash\n- praise - is happy\n",
        labels=("refund", "bug", "praise"),
    ),
    Case(
        "numbered labels",
        "Possible classes:\n1. spam\n2. not spam\n3. unsure\n\nClassify the e-mail.",
        labels=("spam", "not spam", "unsure"),
    ),
    Case(
        "steps are no labels",
        "Classify a customer's message.\n1. Read the message\n2. Choose the label\n3. Return it",
    ),
    Case(
        "rules are no labels",
        "Detect the emotion of a comment. Rules:\n- Ignore emojis\n- Short texts count too\n",
    ),
    Case(
        "markdown label table",
        "Route each request to a team.\n\n| Label | Meaning |\n|---|---|\n"
        "| it | laptops, phones |\n"
        "| hr | contracts |\n| facilities | rooms, keys |\n",
        labels=("it", "hr", "facilities"),
    ),
    Case(
        "either or",
        "Mark every headline as either clickbait or news. We look at accuracy.",
        labels=("clickbait", "news"),
        metric="accuracy",
    ),
    Case(
        "slashes after as",
        "Classify tweets as positive/negative/neutral",
        labels=("positive", "negative", "neutral"),
    ),
    Case(
        "parentheses after a cue",
        "Predict the sentiment (positive, negative, neutral) of a hotel review.",
        labels=("positive", "negative", "neutral"),
    ),
    Case(
        "or not",
        "Decide if a comment is toxic or not.",
        labels=("toxic", "not toxic"),
    ),
    Case(
        "german in a, b oder c",
        "Sortiere Kommentare unter Rezepten in Lob, Kritik oder Frage.",
        labels=("Lob", "Kritik", "Frage"),
        language="de",
    ),
    Case(
        "german categories",
        "Klassifiziere Anfragen von Mietern.\nKategorien: Heizung, Wasser, Schlüssel, Sonstiges",
        labels=("Heizung", "Wasser", "Schlüssel", "Sonstiges"),
        language="de",
    ),
    Case(
        "german ob",
        "Entscheide, ob ein Satz aus einer Produktbewertung positiv oder negativ ist.",
        labels=("positiv", "negativ"),
        language="de",
    ),
    Case(
        "japanese brackets",
        "次のレビューを「肯定」「否定」「中立」のいずれかに分類してください。",
        labels=("肯定", "否定", "中立"),
        language="ja",
    ),
    Case(
        "japanese commas",
        "問い合わせを料金、配送、返品に分類する。",
        labels=("料金", "配送", "返品"),
        language="ja",
    ),
    Case(
        "japanese ka",
        "商品のレビューがポジティブかネガティブかを判定する",
        labels=("ポジティブ", "ネガティブ"),
        language="ja",
    ),
    Case(
        "labels by demonstration",
        "What does the guest feel?\n\nText: The pool was closed.\nLabel: unhappy\n\n"
        "Text: Lovely staff: five stars!\nLabel: happy\n\nText: Never again.\nLabel: unhappy\n\n"
        "Text: We'll be back\nLabel: happy\n",
        labels=("unhappy", "happy"),
        demonstrations=4,
    ),
    Case(
        "arrows",
        "Turn dates into ISO format.\n\nExamples:\nMarch 3rd, 2021 -> 2021-03-03\n"
        "the 4th of July 1999 -> 1999-07-04\n",
        kind="text",
        demonstrations=2,
    ),
    Case(
        "fenced json lines",
        'Summarise meeting notes in one sentence.\n\n```jsonl\n{"text": "A: {x}\\nB", "summary": '
        '"They met."}\n{"text": "long", "summary": "Nothing."}\n```\nKeep it short.',
        kind="text",
        demonstrations=2,
    ),
    Case(
        "csv",
        'Which department?\n\nmessage,department,label\n"Hi, my invoice",x,billing\n',
        demonstrations=1,
    ),
    Case(
        "question and answer in German",
        "Beantworte Quizfragen.\n\nFrage: Wie heißt das Jungtier des Pferdes?\nAntwort: Fohlen\n\n"
        "Frage: Wo liegt Porto?\nAntwort: In Portugal\n",
        kind="text",
        language="de",
        demonstrations=2,
    ),
    Case(
        "japanese blocks",
        "Pythonの式に変換してください。\n\n入力：リスト`x`を逆順にする\n出力：x[::-1]\n\n"
        "入力：辞書`d`のキー\n出力：list(d.keys())",
        kind="text",
        language="ja",
        demonstrations=2,
    ),
    Case(
        "translation from a language",
        "Translate from French into plain English.",
        kind="text",
        language="fr",
    ),
    Case(
        "answer in a language",
        "Answer questions about our library's opening hours. Reply in French.",
        kind="text",
    ),
    Case(
        "list without bullets",
        "Tag each song with its mood.\n\nLabels:\ncalm\nangry\nsad and slow\n\nOne per song.",
        labels=("calm", "angry", "sad and slow"),
    ),
    Case(
        "yes or no",
        "Does the second sentence follow from the first? Answer yes or no.",
        labels=("yes", "no"),
    ),
    Case(
        "label each x a, b or c",
        "Label each support ticket low, medium or high according to how urgent it is.",
        labels=("low", "medium", "high"),
    ),
    Case(
        "wrapped list in a sentence",
        "Put every news item into one of four categories: business, science and\ntechnology, "
        "sport, or culture. Titles only.",
        labels=("business", "science and technology", "sport", "culture"),
    ),
    Case(
        "etc. leaves the set open",
        "Detect the topic of a forum post: cars, pets, food, etc.",
    ),
    Case(
        "customers and partners are no labels",
        "Classify mails from customers or partners by urgency.",
    ),
    Case(
        "french",
        "Classe les avis de clients sur nos vélos en positif ou négatif.",
        labels=("positif", "négatif"),
        language="fr",
    ),
    Case(
        "rewrite, with a choice of tone",
        "Rewrite sentences as formal or casual ones, whichever they are not.",
        kind="text",
    ),
    Case(
        "semicolons",
        "Labels: new order; change of order; complaint. Sort the mails.",
        labels=("new order", "change of order", "complaint"),
    ),
    Case("braces", "Given a tweet, output one of {joy, anger}.", labels=("joy", "anger")),
    Case(
        "separable verb",
        "Teile Sätze in Fragen und Aussagen ein.",
        labels=("Fragen", "Aussagen"),
        language="de",
    ),
    Case(
        "which of",
        "Which of the following best describes the ticket: hardware, software, network?",
        labels=("hardware", "software", "network"),
    ),
    Case(
        "numbers in parentheses",
        "Predict if the review is helpful (1) or not helpful (0).",
        labels=("helpful", "not helpful"),
    ),
    Case(
        "languages as labels",
        "Tag the language of a sentence: German, English, or French.",
        labels=("German", "English", "French"),
    ),
    Case(
        "choices inside a step",
        "Your job:\n1. Read the email.\n2. Decide on a priority: high, medium, low.\n3. Return it.",
        labels=("high", "medium", "low"),
    ),
    Case(
        "meanings in parentheses",
        "Classify into urgent (needs an answer today, or earlier), normal and low.",
        labels=("urgent", "normal", "low"),
    ),
]
