"""Names of span attributes that are written and read again, in a file that imports nothing."""

INPUT, OUTPUT = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"
"""Those of OpenTelemetry's conventions for language models."""
