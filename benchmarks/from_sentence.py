"""From the sentence alone: is the right data set found first among all of a catalogue?

    python -m benchmarks.from_sentence [--quick] [--catalogue DIR]

Unlike `find_datasets`, which gives language and labels, this reads them out of the sentence, as a
run does. Nothing was set on these sentences. `--quick` takes every fourth.
"""

import argparse
import tempfile
from pathlib import Path

from benchmarks.measure import machine
from tools.hub.catalogue import LocalCatalogue
from tools.hub.ranking import rank
from tools.reading.reader import read_task
from tools.services import silent
from tools.students.embeddings import CachedEncoder
from tools.students.executor import LocalExecutor

BANKING = "PolyAI/banking77"
SNIPS = "benayas/snips"
MOVIES = "cornell-movie-review-data/rotten_tomatoes"
CLINC = "clinc/clinc_oos"
TOPICS = "Davlan/sib200"
SPAM = "ucirvine/sms_spam"
EMOTIONS = "google-research-datasets/go_emotions"
GERMEVAL = "uds-lsv/germeval2018"

SENTENCES = (
    (BANKING, "Sort messages of bank customers into intents"),
    (BANKING, "Classify online banking queries by what the customer wants."),
    (BANKING, "Find out which of 77 intents a bank customer's message has"),
    (BANKING, "I need a model that tells what a customer of our bank is asking about."),
    (
        SNIPS,
        "Recognise the intent of a voice command: AddToPlaylist, BookRestaurant, "
        "GetWeather, PlayMusic, RateBook, SearchCreativeWork, SearchScreeningEvent",
    ),
    (
        SNIPS,
        "Tell which of seven things a user wants from a voice assistant: play music, "
        "add to playlist, rate a book, find a screening, search a creative work, "
        "book a restaurant, get the weather.",
    ),
    (
        SNIPS,
        "Classify spoken commands for a voice assistant such as music, weather and restaurants",
    ),
    (MOVIES, "Decide whether a film review sentence is positive or negative."),
    (MOVIES, "Sentiment of movie reviews"),
    (MOVIES, "Is this sentence from a movie review positive or negative?"),
    (
        CLINC,
        "Detect the intent of requests to a virtual assistant, including out-of-scope requests.",
    ),
    (CLINC, "Classify short requests to an assistant into 150 intents or out of scope"),
    (CLINC, "Assign user queries to one of many intents and detect out-of-scope queries"),
    (TOPICS, "Classify German sentences by topic."),
    (TOPICS, "Sortiere deutsche Sätze nach Thema"),
    (TOPICS, "Ordne deutsche Sätze einem von sieben Themen zu."),
    (TOPICS, "Classify Japanese sentences into topics"),
    (TOPICS, "日本語の文をトピックに分類してください。"),
    (
        TOPICS,
        "Determine the topic of a sentence in Japanese: science/technology, travel, politics, "
        "sports, health, entertainment or geography",
    ),
    (SPAM, "Classify SMS messages as spam or ham."),
    (SPAM, "Detect spam in text messages"),
    (SPAM, "Is this SMS spam?"),
    (EMOTIONS, "Which emotion does a Reddit comment express?"),
    (GERMEVAL, "Detect offensive German tweets"),
)


def main() -> None:
    """Search for every sentence and print what was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--catalogue", type=Path, default=Path("../shared/catalogue"))
    args = parser.parse_args()
    sentences = SENTENCES[:: 4 if args.quick else 1]
    print(machine())
    with tempfile.TemporaryDirectory() as name, LocalExecutor(Path(name) / "log") as executor:
        infos = LocalCatalogue(args.catalogue, Path(name), silent).infos()
        encoder = CachedEncoder(executor, Path(name))
        right = 0
        for wanted, sentence in sentences:
            first = rank(infos, sentence, read_task(sentence), encoder, frozenset({"other"}))[0]
            if first.plausible and first.info.repo_id == wanted:
                right += 1
            else:
                print(f"missed: {sentence} -> {first.info.repo_id} ({first.why})")
    print(f"{right} of {len(sentences)} found")


if __name__ == "__main__":
    main()
