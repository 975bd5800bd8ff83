"""Show what the agent did."""

from agent.commands.options import OutOption, RunArgument, settings_from


def trace(run: RunArgument, out: OutOption = None) -> None:
    """Print the steps of a run as a tree: times, tool arguments and results, decisions."""
    from agent.runs import find
    from agent.terminal import print_trace

    print_trace(find(settings_from(out=out).out, run))
