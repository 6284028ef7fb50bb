"""Keys, tokens and passwords are kept out of texts: commands, source files, messages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from runlog.secrets.given import HIDDEN, without_given_secrets

# A name is split into its words: `--max-tokens` and `--tokenizer` are none of these.
_SECRET_WORDS = frozenset((
    *("token", "secret", "secrets", "password", "passwords", "passwd", "pwd", "pass", "passphrase"),
    *("passcode", "credential", "credentials", "auth", "authorization", "bearer", "cookie", "pat"),
))  # fmt: skip
_SECRET_ENDS = ("password", "passwd", "apikey", "accesskey")  # of a word, such as PGPASSWORD
# `--sort-key loss` is no secret, `--api-key x` is one; of any other key, what is as long as one is.
_SECRET_KEYS = frozenset((
    *("api", "access", "private", "secret", "signing", "encryption", "ssh", "account", "storage", "license"),
    *("deploy", "service", "client", "master", "wandb", "openai", "hf", "aws", "azure", "auth"),
))  # fmt: skip
_SHORTEST_KEY = 16
_WORD = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z0-9]+(?![a-z])")
# What may begin at each place of a text has a bound: without one, a text of a megabyte takes hours.
_NAMED = re.compile(r"""([A-Za-z_][\w.-]{0,60})(["'\])]*\s*(?:=>|[=:])\s*["']?)([^\s"',;&})\]]+)""")
_QUOTED = re.compile(r"""([A-Za-z_][\w.-]{0,60})(["'\])]*\s*(?:=>|[=:])\s*["'])([\w.~+/-]{16,})(?=["'])""")
_OPTION = re.compile(r"[-+~/]*([A-Za-z_][\w.-]*)(\s*[=:]\s*)(?!//)(.+)", re.DOTALL)
_SCHEME = re.compile(r"\b(Bearer|Basic|Token)\s+[^\s\"']+", re.IGNORECASE)
_USER = re.compile(r"(\b[A-Za-z][A-Za-z0-9+.-]{0,60}://)[^\s/@\"']+@")
# What says by itself that it is one: GitHub, GitLab, Hugging Face, OpenAI, W&B, Slack, AWS, Google, a JWT.
_KNOWN = re.compile(
    r"\b(?:gh[opsur]_|github_pat_|glpat-|hf_|sk-|wandb_v\d_|xox[abprs]-|AKIA|ASIA|AIza|eyJ[\w-]{1,500}\.eyJ)[\w.-]{12,}"
)
# An older key of W&B is like a git commit: only where nobody needs the commit is it taken for a key.
_LIKE_A_COMMIT = re.compile(r"""(["'])(?:local-)?[0-9a-f]{40}\1""")


def without_secrets_shown(text: str) -> str:
    """Return the `repr` of a wrong value with ``***`` for what is, or may be, a secret.

    In a message a name such as ``key`` is most often that of what was logged: it makes no secret of a word.
    """
    text = _LIKE_A_COMMIT.sub(rf"\1{HIDDEN}\1", _KNOWN.sub(HIDDEN, without_given_secrets(text)))
    return _QUOTED.sub(lambda m: f"{m[1]}{m[2]}{HIDDEN}" if is_secret_name(m[1]) else m[0], text)


def without_known_secrets(text: str) -> str:
    """Return a text, such as a source file, with ``***`` for what is a secret by itself, or in quotes."""
    text = _KNOWN.sub(HIDDEN, without_given_secrets(text))
    return _QUOTED.sub(lambda m: f"{m[1]}{m[2]}{HIDDEN}" if is_secret_name(m[1], m[3]) else m[0], text)


def is_secret_name(name: str, value: str = "") -> bool:
    """Return whether what goes by a name (``--api-key``, ``WANDB_API_KEY``, ``db.password``) is a secret.

    Parameters
    ----------
    name
        The name, in any spelling.
    value
        What goes by it, where that is known: a long value of something called a key is one.
    """
    words = [word.lower() for word in _WORD.findall(name)]
    if any(word in _SECRET_WORDS or word.endswith(_SECRET_ENDS) for word in words):
        return True
    if not words or words[-1] not in ("key", "keys"):
        return False
    return not _SECRET_KEYS.isdisjoint(words) or len(value) >= _SHORTEST_KEY


def without_secrets(arguments: Sequence[str]) -> list[str]:
    """Return the arguments of a command with ``***`` in place of each key, token and password."""
    shown: list[str] = []
    name = ""
    for argument in arguments:
        # The value of the option before it; `--token --verbose` has none.
        if name and is_secret_name(name, argument) and not argument.startswith("--"):
            shown.append(HIDDEN)
            name = ""
            continue
        name = argument.lstrip("-") if argument.startswith("-") and "=" not in argument else ""
        shown.append(without_secrets_in(argument))
    return shown


def without_secrets_in(text: str) -> str:
    """Return a text with ``***`` in place of each key, token and password that shows as one."""
    text = without_given_secrets(text)
    option = _OPTION.fullmatch(text)
    if option and is_secret_name(option[1], option[3]):
        return text[: option.start(3)] + HIDDEN
    text = _USER.sub(rf"\1{HIDDEN}@", text)
    text = _SCHEME.sub(rf"\1 {HIDDEN}", text)
    text = _NAMED.sub(lambda m: m[1] + m[2] + (HIDDEN if is_secret_name(m[1], m[3]) else m[3]), text)
    return _KNOWN.sub(HIDDEN, text)
