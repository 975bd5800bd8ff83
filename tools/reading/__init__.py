"""Reading tasks and examples as people write them, without an LLM."""
