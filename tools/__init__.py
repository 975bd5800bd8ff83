"""The tools that the planner calls, one file each, and the machinery behind them."""
