"""Finding data sets: where they come from, which fits a task, and how their columns are read."""
