"""What writes new examples."""
