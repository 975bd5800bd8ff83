"""What picks the next tool: a chat model, or rules in the shape of one."""
