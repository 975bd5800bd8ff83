"""Traces of runs: written, kept free of secrets, sent to a collector, read and shown."""
