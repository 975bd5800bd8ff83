"""Task sentences, written for this benchmark, with the data set that should be found for each."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One sentence.

    Attributes:
        wanted: `owner/name@config`; empty where nothing in the catalogue fits.
        labels: What the task names as labels; empty where it names none.
        imports: Whether the columns of the wanted set should be read without further hints.
    """

    sentence: str
    wanted: str
    labels: tuple[str, ...] = ()
    language: str = "en"
    imports: bool = True


BANKING = "PolyAI/banking77@default"
SNIPS = "benayas/snips@default"
MOVIES = "cornell-movie-review-data/rotten_tomatoes@default"
CLINC = "clinc/clinc_oos@full"
GERMAN_TOPICS = "Davlan/sib200@deu_Latn"
JAPANESE_TOPICS = "Davlan/sib200@jpn_Jpan"
SPAM = "ucirvine/sms_spam@plain_text"
GERMEVAL = "uds-lsv/germeval2018@default"
EMOTIONS = "google-research-datasets/go_emotions@ekman"
PROS = "nltk/pros_cons@default"
_SNIPS = ("add to playlist", "book restaurant", "get weather", "play music", "rate book",
          "search creative work", "search screening event")  # fmt: skip
_TOPICS = ("science/technology", "travel", "politics", "sports", "health", "entertainment",
           "geography")  # fmt: skip
_EKMAN = ("anger", "disgust", "fear", "joy", "neutral", "sadness", "surprise")
_PARCELS = ("where_is_my_parcel", "change_delivery", "damaged_parcel", "refund_request",
            "customs_and_fees", "complaint_about_driver", "praise_or_thanks")  # fmt: skip

FOUND = (
    Case("Tell which of 77 intents a bank customer's question has.", BANKING),
    Case(
        "I run an online bank. Customers type questions into the app about cards, transfers and"
        " top-ups; route each question to the fine-grained intent it belongs to.",
        BANKING,
    ),
    Case("Intent detection for customer service of a digital bank.", BANKING),
    Case(
        "Sort short banking support questions: lost card, pending transfer, exchange rate.", BANKING
    ),
    Case(
        "Understand commands to a voice assistant and assign one of seven intents: weather,"
        " music, restaurants, books, playlists, films.",
        SNIPS,
    ),
    Case("Classify what someone says to a smart speaker.", SNIPS, _SNIPS),
    Case(
        "Spoken commands such as 'play some jazz' or 'book a table for four' have to be mapped to"
        " the intent behind them.",
        SNIPS,
        (
            "AddToPlaylist",
            "BookRestaurant",
            "GetWeather",
            "PlayMusic",
            "RateBook",
            "SearchCreativeWork",
            "SearchScreeningEvent",
        ),
    ),
    Case("Decide whether a film review is positive or negative.", MOVIES, ("positive", "negative")),
    Case("I collect one-line verdicts of movie critics. Did the critic like the movie?", MOVIES),
    Case("Sentiment classification for sentences from movie reviews.", MOVIES, ("pos", "neg")),
    Case(
        "Is this snippet from a cinema critic favourable or not?",
        MOVIES,
        ("favourable", "unfavourable"),
    ),
    Case(
        "A voice assistant with 150 intents in ten domains; requests it does not support should"
        " be called out of scope.",
        CLINC,
    ),
    Case(
        "Recognise the intent of a request to a virtual assistant, and notice requests that are"
        " out of scope.",
        CLINC,
    ),
    Case("Intent classification with out-of-scope detection over many domains.", CLINC),
    Case("Assign a topic to sentences written in German.", GERMAN_TOPICS, _TOPICS, "de"),
    Case("Ordne deutsche Sätze einem Thema zu.", GERMAN_TOPICS, (), "de"),
    Case(
        "Welches Thema hat der Satz: Wissenschaft, Reisen, Politik, Sport, Gesundheit,"
        " Unterhaltung oder Geografie?",
        GERMAN_TOPICS,
        _TOPICS,
        "de",
    ),
    Case("ドイツ語の文をトピックごとに分類してください。", GERMAN_TOPICS, (), "de"),
    Case("日本語の文の話題を分類する。", JAPANESE_TOPICS, (), "ja"),
    Case("日本語の文章を七つのトピックに分けたい。", JAPANESE_TOPICS, _TOPICS, "ja"),
    Case("Topic classification of Japanese sentences.", JAPANESE_TOPICS, _TOPICS, "ja"),
    Case("Japanische Sätze nach Themen sortieren.", JAPANESE_TOPICS, (), "ja"),
    Case("Filter junk out of text messages: spam or ham.", SPAM, ("spam", "ham")),
    Case("Detect spam SMS.", SPAM, ("spam", "not_spam")),
    Case(
        "My phone gets unwanted advertising by SMS. Mark each message as spam or legitimate.",
        SPAM,
        ("spam", "legitimate"),
    ),
    Case("Erkenne beleidigende deutsche Tweets.", GERMEVAL, ("OFFENSE", "OTHER"), "de"),
    Case(
        "Find offensive language in German tweets; say whether a tweet is offensive or not.",
        GERMEVAL,
        ("offensive", "not offensive"),
        "de",
    ),
    Case(
        "Hate speech on German Twitter, four kinds: abuse, insult, profanity, other.",
        GERMEVAL,
        ("abuse", "insult", "profanity", "other"),
        "de",
    ),
    Case("Tell if a German tweet is offensive.", GERMEVAL, (), "de", imports=False),
    Case("Which emotion does a Reddit comment express?", EMOTIONS, _EKMAN),
    Case(
        "Recognise anger, disgust, fear, joy, sadness, surprise or a neutral tone in comments"
        " people post online.",
        EMOTIONS,
        _EKMAN,
    ),
    Case("Emotion detection in social media comments.", EMOTIONS),
    Case("Is a phrase from a product review a pro or a con?", PROS, ("pro", "con")),
    Case(
        "Sort bullet points from reviews of products into advantages and drawbacks (pros and"
        " cons).",
        PROS,
        ("pros", "cons"),
    ),
    Case("Pros and cons of products: classify short phrases.", PROS),
)

UNFIT = (
    Case(
        "Sort messages to a parcel company's help desk so that each reaches the right team.",
        "",
        _PARCELS,
    ),
    Case("Sort parcel help-desk messages.", ""),
    Case(
        "Route IT support tickets to network, hardware, software or accounts.",
        "",
        ("network", "hardware", "software", "accounts"),
    ),
    Case("Route IT tickets to the right team.", ""),
    Case("Classify recipes by cuisine.", "", ("italian", "chinese", "mexican", "indian", "french")),
    Case("Say which cuisine a recipe belongs to.", ""),
    Case(
        "Sort comments under recipes.", "", ("lob", "kritik", "frage", "abwandlung", "tipp"), "de"
    ),
    Case("Kommentare unter Rezepten nach Lob, Kritik und Frage sortieren.", "", (), "de"),
    Case(
        "Assign legal contracts to a clause type.",
        "",
        ("termination", "liability", "confidentiality", "payment terms"),
    ),
    Case("Detect whether a job advert is aimed at juniors or seniors.", "", ("junior", "senior")),
    Case(
        "Triage patient messages to a doctor's office by urgency.",
        "",
        ("urgent", "soon", "routine"),
    ),
    Case(
        "Tell the genre of a song from its lyrics.",
        "",
        ("rock", "pop", "hip hop", "country", "metal"),
    ),
    Case(
        "Sort plant care questions into watering, pests, light and soil.",
        "",
        ("watering", "pests", "light", "soil"),
    ),
    Case("Is a headline clickbait?", "", ("clickbait", "not clickbait")),
    Case("Decide which department of a hospital a letter is for.", ""),
    Case("Detect sarcasm in newspaper headlines.", "", ("sarcastic", "not sarcastic")),
    Case(
        "Group German insurance claims by damage type.",
        "",
        ("Wasser", "Feuer", "Sturm", "Diebstahl"),
        "de",
    ),
    Case("日本語の宅配の問い合わせを分類する。", "", ("配達", "破損", "返金"), "ja"),
    Case("Classify chess openings by name from the first moves.", ""),
    Case(
        "Predict the reading level of a story for children.",
        "",
        ("grade 1", "grade 2", "grade 3", "grade 4"),
    ),
    Case(
        "Sort emails in a law firm by practice area.",
        "",
        ("tax", "family", "criminal", "corporate"),
    ),
    Case("Classify bug reports by severity.", "", ("blocker", "major", "minor", "trivial")),
    Case("宅配会社への問い合わせを担当部署ごとに振り分けたい。", "", (), "ja"),
    Case("レシピを料理の種類で分類する。", "", (), "ja"),
    Case("Deutsche Rezepte nach Küche sortieren.", "", (), "de"),
    Case("Ordne E-Mails an eine Versicherung der richtigen Abteilung zu.", "", (), "de"),
    Case("Tell fake news from real news.", ""),
    Case("Recognise the dialect of a speaker.", ""),
    Case("Detect toxic comments below videos.", "", ("toxic", "not toxic")),
    Case("Sort support requests to a software company by product.", ""),
    Case("Which symptom does a patient describe?", ""),
    Case("Sort museum visitors' feedback by exhibition hall.", ""),
    Case("Sort enquiries to a garden centre.", ""),
    Case("Categorise job postings by industry.", ""),
)
