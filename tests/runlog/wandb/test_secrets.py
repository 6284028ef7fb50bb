"""A key that a script gives is in nothing that is written or printed, whichever way it is given."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from runlog import wandb
from runlog.secrets import given
from runlog_viewer import build

KEYS = {
    way: f"{letter}0123456789abcdef0123456789abcdef0123456"
    for way, letter in zip(
        ("login", "settings", "variable", "option", "positional", "source", "config", "setup"),
        "abcdefgh",
        strict=True,
    )
}

SCRIPT = """
import argparse, os, sys
import numpy
from runlog import wandb

parser = argparse.ArgumentParser()
parser.add_argument("--wandb_api_key")
parser.add_argument("secret")
args = parser.parse_args()
wandb.login(key=sys.argv[-1])
wandb.login(key=os.environ["LOGIN_KEY"], relogin=True, host="https://example.org")
wandb.setup(wandb.Settings(api_key=os.environ["SETUP_KEY"]))
settings = wandb.Settings(api_key=os.environ["SETTINGS_KEY"], base_url="https://example.org")
print(settings, repr(settings), settings.to_dict())
given = [*sys.argv[1:], *(value for name, value in os.environ.items() if name.endswith("_KEY"))]
run = wandb.init(
    config=args, settings=settings, notes=f"notes {given}", name=f"name {given[-1]}", tags=given,
    group=given[0], save_code=True, monitor_gym=given[-1], job_type=given[-1], entity=given[-1],
)
wandb_key = "f0123456789abcdef0123456789abcdef0123456"
secret = os.environ["CONFIG_KEY"]
wandb.config.update({"nested": {"api_key": secret}, "token": secret})
wandb.config["password"] = secret
given.remove(secret)
wandb.config["all"] = given
wandb.summary["given"] = given
wandb.summary.update({"nested": {"given": given}})
wandb.log({"text": f"said {given}", "list": given, "odd": {"x": set(given)}, "caption": 1})
table = wandb.Table(columns=["text", "list"], data=[[str(given), given]])
wandb.log({"table": table, "html": wandb.Html(f"<p>{given}</p>")})
wandb.log({"smiles": wandb.Molecule.from_smiles("C", caption=str(given))})
wandb.log({"image": wandb.Image(numpy.zeros((2, 2)), caption=str(given))})
wandb.alert(title=str(given), text=f"alert {given}")
wandb.termlog(f"log {given}")
wandb.termwarn(f"warn {given}")
run.name, run.notes, run.tags, run.group = f"later {given}", f"later {given}", given, given[-1]
artifact = wandb.Artifact("a", description=str(given), metadata={"given": given, "api_key": given[0]})
artifact.add(table, "table")
wandb.log_artifact(artifact, aliases=given)
run.log_code(os.path.dirname(__file__))
print(run, run.config, dict(wandb.summary), run.settings)
wandb.finish()
"""


@pytest.fixture(autouse=True)
def _forget(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(given, "_given", set())


def places_of(keys: dict[str, str], folder: Path) -> list[tuple[str, str]]:
    """Return where a key stands in what lies in a folder, names of files included."""
    found = []
    for path in folder.rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for way, key in keys.items():
            if key.encode() in content or key in str(path):
                found.append((way, path.relative_to(folder).as_posix()))
    return found


def test_a_key_is_in_nothing_that_is_written_or_printed(tmp_path: Path) -> None:
    (tmp_path / "script").mkdir()
    (tmp_path / "script" / "train.py").write_text(SCRIPT)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path / "script", check=True)
    subprocess.run(["git", "add", "train.py"], cwd=tmp_path / "script", check=True)
    variables = {f"{way.upper()}_KEY": KEYS[way] for way in ("login", "settings", "config", "setup")}
    done = subprocess.run(
        [sys.executable, "script/train.py", "--wandb_api_key", KEYS["option"], KEYS["positional"]],
        cwd=tmp_path,
        env={**os.environ, **variables, "WANDB_API_KEY": KEYS["variable"], "WANDB_CONSOLE": "wrap"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    build(tmp_path / "runs")
    (run,) = tmp_path.glob("runs/*/run.db")
    assert (run.parent / "files" / "code" / "train.py").exists()
    assert "WARNING warn" in (run.parent / "files" / "console.txt").read_text()
    assert places_of(KEYS, tmp_path / "runs") == []
    assert [way for way, key in KEYS.items() if key in done.stdout + done.stderr] == []


def test_a_key_that_is_written_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"x{KEYS['login']}y")
    assert places_of(KEYS, tmp_path) == [("login", "a.txt")]


def test_names_that_only_sound_like_secrets_keep_their_values() -> None:
    config = {
        "eos_token": "</s>",
        "pad_token": "<|endoftext|>",
        "eos_token_id": 2,
        "max_tokens": 128,
        "tokenizer": "bert",
        "sort_key": "loss",
        "passes": 3,
        "authors": ["a"],
        "monkey": "k" * 30,
        "hub_token": None,
    }
    with wandb.init(config=config) as run:
        assert dict(run.config) == config


@pytest.mark.parametrize(
    "name", ["api_key", "WANDB_API_KEY", "wandb.key", "hf_token", "password", "db_passwd"]
)
def test_what_goes_by_the_name_of_a_secret_is_not_kept(name: str) -> None:
    with wandb.init(config={name: "abcdef0123456789abcdef"}) as run:
        run.config.update({"nested": {name: "abcdef0123456789abcdef"}})
        assert dict(run.config) == {name: "***", "nested": {name: "***"}}


ARGUMENTS = {
    "mode": {"mode": KEYS["login"]},
    "reinit": {"reinit": KEYS["login"]},
    "resume": {"resume": KEYS["login"]},
    "resume_from": {"resume_from": KEYS["login"]},
    "settings": {"settings": KEYS["login"]},
    "settings with it": {"settings": {"mode": KEYS["login"]}},
    "config as a file": {"config": KEYS["login"]},
    "config": {"config": [KEYS["login"]]},
}


@pytest.mark.parametrize("arguments", ARGUMENTS.values(), ids=ARGUMENTS)
def test_an_error_shows_no_key_that_stands_where_something_else_must(arguments: dict[str, object]) -> None:
    with pytest.raises(wandb.Error, match=r"but .*\*\*\*") as caught:
        wandb.init(**arguments)
    assert KEYS["login"] not in str(caught.value)
