"""The conversation about a run: what was said, by whom, and what is still to be heard."""
