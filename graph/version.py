"""The version of the graph, in a file of its own that imports nothing."""

GRAPH_VERSION = 3
"""Raised when nodes or state change; a paused run of another version cannot go on."""
