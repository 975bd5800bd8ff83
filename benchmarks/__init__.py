"""Measurements of the project; results are in docs/benchmarks.md."""
