"""What is known about a base model before its weights are read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from tools.language import base_language

Kind = Literal["encoder", "causal", "seq2seq"]
MULTILINGUAL = "mul"


@dataclass(frozen=True)
class Base:
    """A pretrained model that students are built on.

    Attributes:
        name: What manifests and caches call it: `owner/name`, or the path of a local folder.
        source: Where it loads from: a folder or a Hub id.
        parameters: Number of weights; None where nobody has counted them yet.
        languages: BCP 47 primary tags, or `mul`; empty where unknown.
        prefix: What the encoder was trained to see before every text.
        frozen: Whether its vectors are useful without fine-tuning.
        version: Commit on the Hub, or hash of the weights in a folder of one's own; empty where
            `name` settles which they are, or nobody has looked yet.
        context: Tokens that it reads at most; None where unknown.
        body: Number of weights that every token passes through, embeddings left out.
        weight_bytes: Size of one stored weight.
        unproven: Whether it is neither in the curated table nor the user's choice.
        gated: Whether its owner has to grant access.
        untrained: Whether it is no pretrained model but a plan, built from the training rows.
    """

    name: str
    source: str
    parameters: int | None
    languages: tuple[str, ...]
    licence: str
    prefix: str = ""
    frozen: bool = True
    version: str = ""
    kind: Kind = "encoder"
    context: int | None = None
    body: int | None = None
    weight_bytes: int = 4
    unproven: bool = False
    gated: bool = False
    untrained: bool = False

    @property
    def key(self) -> str:
        """What caches know the base by: other weights under the same name are another base."""
        return f"{self.name}#{self.version}" if self.version else self.name

    @property
    def on_hub(self) -> bool:
        """Say whether the weights come from the Hub, cached there or not."""
        return self.name == self.source and not Path(self.source).is_absolute()

    @property
    def reference(self) -> str:
        """What `bases.find` takes to give these very weights again: `owner/name@commit`."""
        return f"{self.name}@{self.version}" if self.on_hub and self.version else self.name

    @property
    def megabytes(self) -> float:
        """Return the size of the weights as they are stored; 0 where nobody has counted them."""
        return (self.parameters or 0) * self.weight_bytes / 1e6

    def speaks(self, language: str) -> bool:
        """Say whether the base is known to have been trained on a language."""
        return bool({MULTILINGUAL, base_language(language)} & set(self.languages))
