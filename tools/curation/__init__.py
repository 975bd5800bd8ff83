"""What every new example must pass before it is accepted."""
