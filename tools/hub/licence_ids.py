"""Licences as a card on the Hub has to name them.

The Hub takes the ids of its list, https://huggingface.co/docs/hub/repositories-licenses, and
`other` with a name.
"""

from typing import Any

from tools.hub.licence_names import CUSTOM, clauses
from tools.hub.licences import mildest

_LIST = """
    apache-2.0 mit openrail bigscience-openrail-m creativeml-openrail-m bigscience-bloom-rail-1.0
    bigcode-openrail-m afl-3.0 artistic-2.0 bsl-1.0 bsd bsd-2-clause bsd-3-clause
    bsd-3-clause-clear c-uda cc cc0-1.0 cc-by-2.0 cc-by-2.5 cc-by-3.0 cc-by-4.0 cc-by-sa-3.0
    cc-by-sa-4.0 cc-by-nc-2.0 cc-by-nc-3.0 cc-by-nc-4.0 cc-by-nd-4.0 cc-by-nc-nd-3.0
    cc-by-nc-nd-4.0 cc-by-nc-sa-2.0 cc-by-nc-sa-3.0 cc-by-nc-sa-4.0 cdla-sharing-1.0
    cdla-permissive-1.0 cdla-permissive-2.0 wtfpl ecl-2.0 epl-1.0 epl-2.0 etalab-2.0 eupl-1.1
    eupl-1.2 agpl-3.0 gfdl gpl gpl-2.0 gpl-3.0 lgpl lgpl-2.1 lgpl-3.0 isc intel-research lppl-1.3c
    ms-pl apple-ascl apple-amlr mpl-2.0 odc-by odbl openrail++ osl-3.0 postgresql ofl-1.1 ncsa
    unlicense zlib pddl lgpl-lr deepfloyd-if-license fair-noncommercial-research-license llama2
    llama3 llama3.1 llama3.2 llama3.3 llama4 grok2-community gemma unknown other
"""
HUB_IDS = frozenset(_LIST.split())
_SAME = {"odc-by-1.0": "odc-by", "odbl-1.0": "odbl", "pddl-1.0": "pddl"}


def card_fields(licence: str | None) -> dict[str, Any]:
    """Return the metadata that says this on a card; nothing where there is nothing to say.

    Args:
        licence: An expression in the normal form; None where the owner has chosen none.
    """
    if licence is None:
        return {}
    names = sorted(mildest(part) for part in clauses(licence))
    ids = [_SAME.get(name, name) for name in names]
    if set(ids) <= HUB_IDS:
        return {"license": ids[0] if len(ids) == 1 else ids}
    return {"license": "other", "license_name": "-and-".join(n.removeprefix(CUSTOM) for n in ids)}
