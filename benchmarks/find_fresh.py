"""Sentences that no threshold, glossary or weight was set on: the honest part of the measurement.

Keep it so: when one of these fails, improve on sentences in `find_cases` and write new ones here.
"""

from benchmarks.find_cases import (
    BANKING,
    CLINC,
    EMOTIONS,
    GERMAN_TOPICS,
    GERMEVAL,
    JAPANESE_TOPICS,
    MOVIES,
    PROS,
    SNIPS,
    SPAM,
    Case,
)

FRESH = (
    Case("We are a mobile-only bank and need a bot that knows what a client wants: blocked PIN,"
         " refused withdrawal, missing refund and dozens more.", BANKING),
    Case("Which of many specific problems is an account holder writing to the bank about?",
         BANKING),
    Case("Kundenfragen an eine Bank sollen nach Anliegen sortiert werden, die Fragen sind auf"
         " Englisch.", BANKING),
    Case("Home assistant: find out if the user wants the forecast, a song, or a table at a"
         " restaurant.", SNIPS),
    Case("Map spoken requests to one of the skills of my assistant.", SNIPS,
         ("PlayMusic", "GetWeather", "BookRestaurant", "RateBook", "AddToPlaylist")),
    Case("Did the reviewer enjoy the film? Answer thumbs up or thumbs down.", MOVIES,
         ("good", "bad")),
    Case("Label lines from Rotten Tomatoes as fresh or rotten.", MOVIES),
    Case("Find out what users ask our chatbot for, and flag what it was never built to answer.",
         CLINC),
    Case("Queries to a task-driven dialogue system, 150 classes plus an out of domain class.",
         CLINC),
    Case("What is this German sentence about?", GERMAN_TOPICS, (), "de"),
    Case("Sortiere kurze deutsche Texte in Politik, Sport, Gesundheit, Reisen, Unterhaltung,"
         " Geografie und Wissenschaft/Technik.", GERMAN_TOPICS,
         ("Politik", "Sport", "Gesundheit", "Reisen", "Unterhaltung", "Geografie",
          "Wissenschaft/Technik"), "de"),
    Case("この文はどの分野の内容ですか。", JAPANESE_TOPICS, (), "ja"),
    Case("文を科学・技術、旅行、政治、スポーツ、健康、娯楽、地理に分ける。", JAPANESE_TOPICS,
         ("科学・技術", "旅行", "政治", "スポーツ", "健康", "娯楽", "地理"), "ja"),
    Case("Keep scam texts off my phone.", SPAM, ("spam", "ok")),
    Case("Is this text message unsolicited bulk advertising?", SPAM, ("yes", "no")),
    Case("Moderation of German social media: flag insults and hate.", GERMEVAL, (), "de", False),
    Case("Finde Hassrede in Tweets.", GERMEVAL, ("OFFENSE", "OTHER"), "de"),
    Case("How does the writer of a forum post feel?", EMOTIONS,
         ("joy", "anger", "sadness", "fear", "surprise", "disgust", "neutral")),
    Case("Detect the mood of Reddit posts.", EMOTIONS),
    Case("Shoppers list strengths and weaknesses of gadgets; tell them apart.", PROS),
    Case("Good or bad point? Terse remarks about cameras and phones.", PROS, ("good", "bad")),
    Case("Forward letters from tenants to repairs, rent or neighbours.", "",
         ("repairs", "rent", "neighbours")),
    Case("Which airline department should answer this complaint?", ""),
    Case("Grade the difficulty of a maths exercise.", "", ("easy", "medium", "hard")),
    Case("Classify wine descriptions by grape variety.", ""),
    Case("Assign museum objects to a century.", ""),
    Case("Erkenne, ob eine Stellenanzeige seriös ist.", "", ("seriös", "unseriös"), "de"),
    Case("Sortiere Anfragen an eine Bibliothek.", "", (), "de"),
    Case("ホテルの口コミを部屋、食事、接客に分類する。", "", ("部屋", "食事", "接客"), "ja"),
    Case("Pick the fault class for a car mechanic's note.", "", ("engine", "brakes", "electrics")),
    Case("Spot which poems are sonnets.", "", ("sonnet", "other")),
    Case("Route calls to a city council by service.", ""),
    Case("Sort questions to an energy supplier: bill, meter reading, moving house, outage.", "",
         ("bill", "meter_reading", "moving_house", "outage")),
)  # fmt: skip
