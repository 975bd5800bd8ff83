from langchain_core.messages import AIMessage, HumanMessage, ToolCall, ToolMessage

from graph.planning import LONGEST_RESULT, _recent


def test_the_newest_result_is_shown_whole_and_earlier_ones_in_part() -> None:
    def called(number: int) -> list[AIMessage | ToolMessage]:
        id_ = f"call_{number}"
        call = AIMessage("", tool_calls=[ToolCall(name="evaluate", args={}, id=id_)])
        return [call, ToolMessage("x" * 3 * LONGEST_RESULT, tool_call_id=id_)]

    shown = _recent([HumanMessage("task"), *called(1), *called(2)])
    lengths = [len(m.text) for m in shown if isinstance(m, ToolMessage)]
    assert lengths == [LONGEST_RESULT + 2, 3 * LONGEST_RESULT]
