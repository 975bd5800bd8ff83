from contextlib import closing
from pathlib import Path

from agent.ui.standing import standing
from agent.ui.versions import differences
from tests.agent.ui.pages import SPEC, UNDERSTOOD, begun, mailbox, report, talked


def test_versions_are_compared_with_their_scores(tmp_path: Path) -> None:
    run = talked(begun(tmp_path))
    spec = SPEC | {"labels": [*SPEC["labels"][:2], {"name": "<i>stolen</i>", "meaning": "gone"}]}
    with closing(mailbox(run)) as box:
        box.post("report", "done", "report:1", report(run))
        box.post("understood", "Now?", "ask:3", UNDERSTOOD | {"version": 2, "spec": spec})
    messages = standing(run).talk.messages
    html = differences(messages, 1, 2)
    assert "New label: &lt;i&gt;stolen&lt;/i&gt;: gone" in html
    assert "No longer a label: damaged." in html
    assert "accuracy 0.875 (0.775 to 0.945, n = 80)" in html
    assert "not measured" in html
    assert "say the same" in differences(messages, 1, 1)
    assert "Choose two versions" in differences(messages, 1, 3)
