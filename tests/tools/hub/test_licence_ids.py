from typing import Any

import pytest

from tests.hubsite.metadata import LICENCES
from tools.hub.licence_ids import card_fields


@pytest.mark.parametrize(
    ("licence", "fields"),
    [
        ("mit", {"license": "mit"}),
        ("(gpl-3.0 OR mit) AND cc-by-4.0", {"license": ["cc-by-4.0", "mit"]}),
        ("odbl-1.0", {"license": "odbl"}),
        ("cc-by-3.0-us", {"license": "other", "license_name": "cc-by-3.0-us"}),
        ("licenseref-acme AND mit", {"license": "other", "license_name": "acme-and-mit"}),
        ("unknown", {"license": "unknown"}),
        (None, {}),
    ],
)
def test_what_a_card_says(licence: str | None, fields: dict[str, Any]) -> None:
    assert card_fields(licence) == fields
    named = fields.get("license", [])
    assert {named} if isinstance(named, str) else set(named) <= LICENCES
