"""`tasksmith serve`: the model of a run behind the API that OpenAI's clients speak.

`transformers serve` is not used for it: it applies a chat template of its own, so that a student of
another form is asked in words that it never saw; it knows neither labels nor schemas; it refuses
requests that name a `response_format`, a `user` or `stream_options`; and it has no place for
students that are no language models. Here every student answers as it does in an evaluation.

    batches.py   requests that come together are answered together, in one thread
    wire.py      what goes over the wire: chat completions, their chunks, errors
    web.py       routes, limits, the key
    vllm.py      students of free text, where vLLM and a GPU are there for them
    server.py    the socket, and the way up and down
"""
