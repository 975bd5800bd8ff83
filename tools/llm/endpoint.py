"""Where a chat model is reached, and with which key."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tools.services import ToolError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

OPENAI_URL = "https://api.openai.com/v1"
_SHORTEST_SECRET = 8


@dataclass(frozen=True, repr=False)
class Endpoint:
    """A model behind an OpenAI-compatible URL.

    Attributes:
        base_url: Up to and without `/chat/completions`; OpenAI's own where None.
        api_key: Shown nowhere; empty for a local server that asks for none.

    Raises:
        ToolError: The URL or the key cannot be one.
    """

    model: str
    base_url: str | None = None
    api_key: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        # What is wrong is not repeated: it may be a key, or hold a password.
        if not _is_url(self.url):
            raise ToolError("that is no URL; it should look like http://host:port/v1")
        if "@" in urlsplit(self.url).netloc:
            raise ToolError("the URL holds a user name or password; give a key instead")
        if not (self.api_key.isascii() and self.api_key.isprintable()):
            raise ToolError("the API key holds characters that no key has; copy it again")

    def __repr__(self) -> str:
        return f"Endpoint(model={self.model!r}, url={self.where!r})"

    @property
    def url(self) -> str:
        """The base URL as requests are sent to it."""
        return self.base_url or OPENAI_URL

    @property
    def where(self) -> str:
        """The base URL without what may be secret in it, for messages."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    def redacted(self, text: str) -> str:
        """Return `text` without the key; placeholders such as `EMPTY` are too short to be one."""
        if len(self.api_key) < _SHORTEST_SECRET:
            return text
        return text.replace(self.api_key, "[key]")

    def client(self, timeout_s: float) -> "AsyncOpenAI":
        """Return a client that never retries by itself; to be closed in the loop that used it."""
        from openai import AsyncOpenAI

        return AsyncOpenAI(
            api_key=self.api_key or "none", base_url=self.url, max_retries=0, timeout=timeout_s
        )


def _is_url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        # Reading the port checks it.
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
