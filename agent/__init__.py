"""Front ends and composition root: command line, settings, planners, runs, traces."""
