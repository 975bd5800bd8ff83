import json

import pytest

from agent.traces.secrets import redactor

CANARY = "Xq81-canary-53f0"


@pytest.mark.parametrize(
    "text",
    [
        "hf_AbCdEfGhIjKlMnOpQrStUvWxYz",
        json.dumps("a line\nhf_AbCdEfGhIjKlMnOpQrStUvWxYz"),
        "sk-proj-0123456789abcdef",
        "Authorization: Bearer abc.def-ghi_jkl123",
        'headers = {"authorization": "Basic dXNlcjpwYXNzd29yZA=="}',
        "postgres://me:hunter2hunter2@db.example/x",
        "https://token0123456789@example.org/v1",
        "OPENAI_API_KEY=abcdefgh12345678",
        '{"api_key": "abcdefgh12345678"}',
        '{"apiKey": "abcdefgh12345678"}',
        "x-api-key: abcdefgh12345678",
        "secretAccessKey='abcdefgh12345678'",
        '{"token": "abcdefgh12345678"}',
        '{"access": {"refreshToken": "abcdefgh12345678"}}',
        json.dumps(json.dumps({"clientSecret": "abcdefgh12345678"})),
        "https://host/v1?token=abcdefgh12345678",
        "AKIAABCDEFGH12345678",
        "cloned with ghp_abcdefgh12345678abcdefgh12345678abcd",
        "github_pat_abcdefgh12345678_abcdefgh",
        "glpat-abcdefgh12345678abcd",
        "xoxb-123456789012-abcdefgh",
        "key AIzaabcdefgh12345678abcdefgh12345678abc",
        json.dumps(json.dumps({"MY_TOKEN": "abcdefgh12345678"})),
    ],
)
def test_what_looks_like_a_secret_is_hidden(text: str) -> None:
    secrets = (
        "ABCDEFGH",
        "AbCdEf",
        "proj-0123",
        "abc.def",
        "dXNlcj",
        "hunter2",
        "token0123",
        "abcdefgh",
    )
    hidden = redactor({})(text)
    assert not any(secret in hidden for secret in secrets)
    assert "[secret]" in hidden


def test_values_of_the_environment_are_hidden_wherever_they_turn_up() -> None:
    environment = {
        "TASKSMITH_TEACHER_API_KEY": CANARY,
        "OTEL_EXPORTER_OTLP_HEADERS": f"x-tenant=me,x-auth={CANARY[::-1]}",
        "MY_PASSWORD": "correct horse battery",
        "HOME": "/home/somebody",
    }
    redact = redactor(environment)
    text = f"a {CANARY} b {CANARY[::-1]} c correct horse battery d /home/somebody"
    assert redact(text) == "a [secret] b [secret] c [secret] d /home/somebody"


def test_ordinary_text_stays_as_it_is() -> None:
    text = (
        "The key is lost; my card token is new: unusually green. Its secret: everlasting. "
        "See https://example.org/a@b and me@example.org. "
        '{"max_tokens": 100, "label": "risk-averse", "name": "hf_x", "tool": "search_hf_datasets", '
        '"why": "a basic principle", "n_tokens": 12345678}'
    )
    assert redactor({"OPENAI_API_KEY": "none"})(text) == text
