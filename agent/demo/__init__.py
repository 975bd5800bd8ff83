"""`tasksmith demo`: a page for the model of a run.

The page itself is a template of `tools/shipping/templates`, which exported Spaces carry, too.

    about.py      what the page tells of a model: its task, how good it is, what its data ask
    weaknesses.py where it fails, and when it is unsure
    examples.py   training rows to try it with
    answering.py  the model, ready to answer
    serving.py    the page, served until Ctrl-C
"""
