"""What is recorded of a command, or shown in a message, has no key, token or password; else as given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import runlog
import runlog_viewer
from runlog.errors import shown
from runlog.secrets import given
from runlog.secrets.texts import (
    is_secret_name,
    without_known_secrets,
    without_secrets,
    without_secrets_in,
    without_secrets_shown,
)

S = "q8Zr5-w7Kx_2Lm9Pd4"

HIDDEN = [
    ["train.py", "--api-key", S],
    ["train.py", f"--api-key={S}"],
    ["train.py", "--apikey", S],
    ["train.py", "--wandbApiKey", S],
    ["train.py", "-token", S],
    ["train.py", f"token={S}"],
    ["train.py", f"++logger.wandb.api_key={S}"],
    ["train.py", f"--hf_token:{S}"],
    ["train.py", "--password", "two words " + S],
    ["train.py", f"--db-password=two words {S}"],
    ["train.py", "--my-key", S],
    ["train.py", "--token", f"-{S}"],
    ["env", f"WANDB_API_KEY={S}", "python", "train.py"],
    ["train.py", f"https://user:{S}@example.org/x.git"],
    ["train.py", f"--remote=postgresql://me:{S}@db/x"],
    ["train.py", f"https://{S}@github.com/x.git"],
    ["train.py", f"--url=https://example.org/x?id=3&token={S}&n=1"],
    ["curl", "-H", f"Authorization: Bearer {S}"],
    ["curl", "-H", f"X-Auth-Token: {S}"],
    ["curl", "-H", f"Authorization: Basic {S}=="],
    ["python", "-c", f"import wandb; wandb.login(key='{S}')"],
    ["python", "-c", f"import os; os.environ['HF_TOKEN'] = \"{S}\""],
    ["train.py", '{"lr": 1, "secret": "' + S + '"}'],
    ["train.py", f"ghp_{S.replace('-', '')}"],
    ["train.py", f"--extra=sk-{S}"],
    ["train.py", f"eyJhbGciOiJIUzI1NiJ9.eyJ{S}.{S}"],
]

SHOWN = [
    ["python", "train.py", "--lr", "0.1", "--tokenizer", "bert-base-uncased", "--max-tokens", "512"],
    ["python", "-m", "train", "--sort-key", "loss", "--keys", "a", "b", "--monkey=3"],
    ["train.py", "model.hidden=256", "data.path=/data/images", "--passes=3", "author=me"],
    ["train.py", "https://example.org/data.zip", "s3://bucket/key/part", "C:\\data"],
    ["train.py", "--token", "--verbose"],
    ["python", "-c", "print('a: b'); x = {'step': 3}"],
]


@pytest.mark.parametrize("arguments", HIDDEN, ids=" ".join)
def test_a_secret_in_a_command_is_hidden(arguments: list[str]) -> None:
    shown = without_secrets(arguments)
    assert not any(S in argument or S.replace("-", "") in argument for argument in shown)
    assert any("***" in argument for argument in shown)
    assert len(shown) == len(arguments)


@pytest.mark.parametrize("arguments", SHOWN, ids=" ".join)
def test_what_is_no_secret_is_recorded_as_it_was_typed(arguments: list[str]) -> None:
    assert without_secrets(arguments) == arguments


@pytest.mark.parametrize(
    "name", ["AWS_SECRET_ACCESS_KEY", "--accessToken", "db.pwd", "openai-key", "PGPASSWORD"]
)
def test_a_name_tells_a_secret_in_any_spelling(name: str) -> None:
    assert is_secret_name(name)


COMMIT = "0123456789abcdef0123456789abcdef01234567"
KNOWN = f"hf_{S.replace('-', '')}"


@pytest.mark.parametrize(
    "value",
    [
        COMMIT,
        f"local-{COMMIT}",
        [1, COMMIT],
        KNOWN,
        f"wandb_v1_{S}",
        {"api_key": S},
        {"nested": {"token": S}},
    ],
    ids=str,
)
def test_a_message_shows_a_wrong_value_without_keys(value: object) -> None:
    said = shown(value)
    assert "***" in said
    assert not any(secret in said for secret in (COMMIT, KNOWN, S))


def test_a_key_that_was_given_shows_in_no_message_not_even_its_beginning(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(given, "_given", set())
    given.keep_secret(S)
    assert shown(f"a {S} b") == "'a *** b'"
    assert S[:6] not in shown("x" * 70 + S)


@pytest.mark.parametrize(
    "value", ["offline", {"key": "val/predictions_long"}, "f" * 64, ["a", 1, None], f"at {COMMIT}"], ids=str
)
def test_a_message_shows_what_is_no_secret_as_it_was_given(value: object) -> None:
    assert shown(value) == repr(value)


LONG = 100_000


@pytest.mark.parametrize("piece", ["x", "a.", "a-", "A_b1", "-eyJ", "key='", " a", "x:", "sk-", "http://"])
def test_a_long_text_takes_time_in_proportion_to_its_length(piece: str) -> None:
    # In proportion to its square it would take longer than anybody waits.
    text = piece * (LONG // len(piece))
    for hide in (without_known_secrets, without_secrets_in, without_secrets_shown):
        assert hide(text)[:3] in (text[:3], given.HIDDEN)
    assert len(shown(text)) <= 80


def test_no_byte_of_a_run_or_its_pages_holds_a_secret_of_the_command_or_the_environment(
    tmp_path: Path,
) -> None:
    script = "import runlog\nwith runlog.init(dir='runs', quiet=True) as run: run.log({'a': 1})\n"
    (tmp_path / "train.py").write_text(script)
    secrets = {"WANDB_API_KEY": f"{S}-1", "HF_TOKEN": f"{S}-2", "PASSWORD": f"{S}-3"}
    command = [sys.executable, "train.py", "--api-key", f"{S}-4", f"token={S}-5", f"https://a:{S}-6@host/x"]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, **secrets}, check=True)
    runlog_viewer.build(tmp_path / "runs")
    (run,) = runlog.runs(tmp_path / "runs")
    assert "train.py --api-key '***'" in run.environment["command"]
    files = [path for path in (tmp_path / "runs").rglob("*") if path.is_file()]
    assert len(files) > 5
    assert [path for path in files if S.encode() in path.read_bytes()] == []
