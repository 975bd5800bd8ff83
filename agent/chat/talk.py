"""One front end's part in a conversation, without a terminal: what it says, attaches and shows."""

from pathlib import Path
from typing import TYPE_CHECKING

from agent.chat.mailbox import Mailbox, Message
from agent.errors import UserError
from agent.runs import Run

if TYPE_CHECKING:
    from agent.settings import Settings

FILES_ALONE = "Here is a file."


class Talk:
    """A conversation about one run, which begins with the first message.

    Args:
        settings: Those that a new run begins with.
        run: The run that the conversation is about; None for a new one.

    Attributes:
        shown: Id of the last message that has been shown.
        attached: Files that go with the next message.
    """

    def __init__(self, settings: "Settings", run: Run | None = None) -> None:
        self.settings = settings
        self.run = run
        self.shown = 0
        self.attached: list[Path] = []
        self._mailbox = Mailbox.of(run.folder) if run else None

    def close(self) -> None:
        """Leave; the run goes on."""
        if self._mailbox:
            self._mailbox.close()

    @property
    def mailbox(self) -> Mailbox:
        """The mailbox of the run.

        Raises:
            UserError: There is no run yet, or it was deleted.
        """
        if not self.run or not self._mailbox:
            raise UserError("nothing has been said yet; say what the model should do")
        if not self.run.exists():
            raise UserError(f"run {self.run.id} was deleted; begin anew with `tasksmith chat`")
        return self._mailbox

    def attach(self, path: Path) -> None:
        """Have a file go with the next message.

        Raises:
            UserError: It cannot be used.
        """
        from agent.chat.inbox import check_file

        check_file(path)
        self.attached.append(path)

    def say(self, text: str) -> Message:
        """Say something; the first message begins the run.

        Returns:
            The message.

        Raises:
            UserError: It cannot be said, or the question was answered elsewhere; what was attached
                stays attached.
        """
        from agent import jobs

        text = text.strip() or FILES_ALONE
        said: Message | None
        if self.run is None:
            self.run = jobs.begin(text, self.settings, mode="chat", files=self.attached)
            self._mailbox = Mailbox.of(self.run.folder)
            jobs.ensure(self.run)
            said = self._mailbox.after(0)[0]
        else:
            asked = self.mailbox.open_question()
            # A question that the person has not seen yet is not what this answers.
            seen = asked.id if asked and asked.id <= self.shown else None
            said = jobs.say(self.run, text, seen, self.attached)
        self.attached = []
        if said is None:
            raise UserError("that was answered elsewhere meanwhile; nothing was said")
        return said

    def news(self) -> list[Message]:
        """Return the messages that have not been shown, and count them as shown."""
        new = self.mailbox.after(self.shown)
        self.shown = new[-1].id if new else self.shown
        return new
