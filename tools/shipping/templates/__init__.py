"""Programs that go along with a shipped model; they use nothing of Tasksmith but each other."""
