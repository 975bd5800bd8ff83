"""Examples that the stand-in teacher knows."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

_BANKS = Path(__file__).parents[2].parent / "shared" / "teacher_bank"

_TINY = {
    "weather": """Will it rain in Lisbon tomorrow?|Is it going to snow tonight
        How hot does it get in Rome in July|Do I need an umbrella today?
        What's the wind like at the coast this morning|any thunderstorms on the way?
        Give me the forecast for the weekend|How cold was it last night in Oslo?
        Tell me when the sun sets|Is the fog going to lift before nine
        #Should I take a coat to the concert tonight?|#Can we grill outside on Sunday""",
    "music": """Play something by Nina Simone|Skip this song
        Turn up the volume a little|Put on my running playlist
        I'd like to hear some quiet jazz|Who sings this track?
        Add this tune to my favourites|Play the new album of The National
        Shuffle my liked songs please|Stop the music in ten minutes
        #Play Here Comes the Sun|#Find a song about rain for me""",
    "booking": """Reserve a table for two at eight|I need a room in Vienna for Friday night
        Get me two tickets for the late show|Book a taxi to the station at six
        Can you cancel my dinner reservation|Find a cheap flight to Porto in May
        Move my hotel booking to next week|Are there seats left on the noon train?
        Make it a table by the window, please|I want a double room with breakfast
        #Two seats for the concert tonight, close to the band|#A table outside if the sun is out""",
}
_TINY_NEAR = {"weather": "booking", "music": "weather", "booking": "music"}


@dataclass(frozen=True)
class Row:
    """An example.

    Attributes:
        near: Label that it is easily confused with.
    """

    input: str
    output: str
    hard: bool = False
    near: str | None = None


def load_rows(name: str) -> list[Row]:
    """Return the rows of `../shared/teacher_bank/{name}.jsonl`, beside the checkout.

    Raises:
        FileNotFoundError: There is no such file.
    """
    path = _BANKS / f"{name}.jsonl"
    if not path.is_file():
        known = ", ".join(sorted(p.stem for p in _BANKS.glob("*.jsonl"))) or "none"
        raise FileNotFoundError(f"no teacher bank {name!r} at {path}; banks there: {known}")
    values = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [
        Row(v["input"], v["output"], v.get("difficulty") == "hard", v.get("near")) for v in values
    ]


def pair_rows(pairs: Iterable[tuple[str, str]]) -> list[Row]:
    """Return (input, output) pairs of a real data set as rows."""
    return [Row(text, output) for text, output in pairs]


def tiny_rows() -> list[Row]:
    """Return a dozen requests to a voice assistant for each of three labels."""
    rows = []
    for label, block in _TINY.items():
        for text in (t.strip() for line in block.splitlines() for t in line.split("|")):
            hard = text.startswith("#")
            rows.append(Row(text.lstrip("#"), label, hard, _TINY_NEAR[label] if hard else None))
    return rows
