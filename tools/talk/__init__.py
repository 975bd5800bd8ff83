"""Conversations: what messages mean, what changes do to a spec, answers to questions."""
