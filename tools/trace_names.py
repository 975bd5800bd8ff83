"""Names of span attributes that are written and read again, in a file that imports nothing.

Those that begin with `gen_ai.` are OpenTelemetry's conventions for generative AI.
"""

INPUT, OUTPUT = "gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"
"""On a chat, what it used; on a tool or node, what all below it used, as the book has it."""
CACHE_READ = "gen_ai.usage.cache_read.input_tokens"
OPERATION = "gen_ai.operation.name"
"""`invoke_agent` (the whole run), `execute_tool` or `chat`; nodes of the graph have none."""
AGENT, CONVERSATION = "gen_ai.agent.name", "gen_ai.conversation.id"
PROVIDER, MODEL, ANSWERED_BY = (
    "gen_ai.provider.name",
    "gen_ai.request.model",
    "gen_ai.response.model",
)
SEED, TEMPERATURE, MAX_TOKENS = (
    "gen_ai.request.seed",
    "gen_ai.request.temperature",
    "gen_ai.request.max_tokens",
)
FINISH, OUTPUT_TYPE = "gen_ai.response.finish_reasons", "gen_ai.output.type"
SERVER, PORT = "server.address", "server.port"
TOOL, TOOL_CALL, TOOL_TYPE = "gen_ai.tool.name", "gen_ai.tool.call.id", "gen_ai.tool.type"
ARGUMENTS, RESULT = "gen_ai.tool.call.arguments", "gen_ai.tool.call.result"
ASKED, ANSWERED = "gen_ai.input.messages", "gen_ai.output.messages"
"""Messages as JSON: `[{"role": …, "parts": [{"type": "text", "content": …}]}]`.

Other parts are `{"type": "tool_call", "id", "name", "arguments"}` and
`{"type": "tool_call_response", "id", "response"}`.
"""
ERROR = "error.type"

KIND = "tasksmith.kind"
"""`run`, `node`, `tool` or `chat`."""
NODE, ROUND = "tasksmith.node", "tasksmith.round"
DECISION, STOP_REASON = "tasksmith.decision", "tasksmith.stop_reason"
KEPT, GAIN, P_BETTER = "tasksmith.kept", "tasksmith.gain", "tasksmith.p_better"
"""On the review that closed a round: whether its data stays, and what that rests on."""
USD, CALLS, CACHED_CALLS = "tasksmith.usd", "tasksmith.calls", "tasksmith.cached_calls"
"""Likewise: of a chat its own, of a tool or node all below it."""
CACHED, RETRIES = "tasksmith.cached", "tasksmith.retries"
"""Whether a chat was answered from the book, and how often it had to be sent again."""
ACCEPTED = "tasksmith.accepted"
PURPOSE = "tasksmith.purpose"
"""Who asks an LLM: planner, teacher, judge, reader, talk, baseline."""
STUDENT, CURVE = "tasksmith.student", "tasksmith.curve"
"""Of a finetune: the student's id, and where, in the run directory, its training curve is, if its
method keeps one."""
MESSAGE = "tasksmith.error"
REF = ".ref"
"""Ends the name of an attribute that tells where, in the run directory, all of a long value is."""
TEXTS = frozenset({ASKED, ANSWERED, ARGUMENTS, RESULT, DECISION, MESSAGE})
"""What may hold words of people, of data or of models."""
