"""The web page: a conversation, the runs, their data, traces and models."""
