"""Scores, their intervals, comparisons between students, and what students get wrong."""
