"""Look at runs and at this machine."""

from agent.commands.options import JsonOption, OutOption, RunArgument, print_json, settings_from


def list_(out: OutOption = None, as_json: JsonOption = False) -> None:
    """List the runs."""
    from agent.runs import list_runs
    from agent.terminal import runs_table

    runs = list_runs(settings_from(out=out).out)
    if as_json:
        print_json([r.summary() for r in runs])
    else:
        runs_table(runs)


def show(run: RunArgument, out: OutOption = None, as_json: JsonOption = False) -> None:
    """Show what came of a run."""
    from agent.errors import UserError
    from agent.runs import find, way_on
    from agent.terminal import print_report

    target = find(settings_from(out=out).out, run)
    report = target.report
    if report is None:
        stands = f"run {target.id} is {target.status} and has no report yet"
        raise UserError(f"{stands}; {way_on(target)}", exit_code=1)
    if as_json:
        print_json(report)
    else:
        print_report(report)


def doctor(as_json: JsonOption = False) -> None:
    """Say what this machine offers and what is missing."""
    from agent.doctor import examine

    findings = examine()
    if as_json:
        print_json({name: finding for name, finding, _ in findings})
    else:
        width = max(len(name) for name, _, _ in findings)
        for name, finding, good in findings:
            print(f"{'ok' if good else '--'}  {name:<{width}}  {finding}")
