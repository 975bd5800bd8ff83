"""Names of span attributes that are written and read again, in a file that imports nothing.

Those that begin with `gen_ai.` are OpenTelemetry's conventions for generative AI.
"""

INPUT, OUTPUT = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"
OPERATION = "gen_ai.operation.name"
"""`invoke_agent` (the whole run), `execute_tool` or `chat`; nodes of the graph have none."""
AGENT, CONVERSATION = "gen_ai.agent.name", "gen_ai.conversation.id"
PROVIDER, MODEL, ANSWERED_BY = (
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
)
TOOL, TOOL_CALL = "gen_ai.tool.name", "gen_ai.tool.call.id"
ARGUMENTS, RESULT = "gen_ai.tool.call.arguments", "gen_ai.tool.call.result"
ASKED, ANSWERED = "gen_ai.input.messages", "gen_ai.output.messages"
"""Messages as JSON: `[{"role": …, "parts": [{"type": "text", "content": …}]}]`."""
ERROR = "error.type"

KIND = "tasksmith.kind"
"""`run`, `node`, `tool` or `chat`."""
NODE = "tasksmith.node"
DECISION, STOP_REASON = "tasksmith.decision", "tasksmith.stop_reason"
USD, CALLS, CACHED_CALLS = "tasksmith.usd", "tasksmith.calls", "tasksmith.cached_calls"
ACCEPTED = "tasksmith.accepted"
PURPOSE = "tasksmith.purpose"
"""Who asks an LLM: planner, teacher, judge, reader, talk, baseline."""
MESSAGE = "tasksmith.error"
REF = ".ref"
"""Ends the name of an attribute that tells where, in the run directory, all of a long value is."""
