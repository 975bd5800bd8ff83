"""Students that write text: language models fine-tuned on prompts and completions."""
