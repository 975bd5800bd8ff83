"""The trace of a run, read back: an index over its spans, and single spans in full."""
