"""Calls to large language models: every one paced, repaired, priced and kept."""
