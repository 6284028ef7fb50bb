"""What ``--help`` says: each command with an example that the command understands."""

import re
import shlex
from pathlib import Path

import pytest

from runlog import cli

ROOT = Path(__file__).parents[3]
DOCUMENTS = [ROOT / "README.md", *set((ROOT / "docs").glob("*.md")) - {ROOT / "docs/changelog.md"}]

PARSER, COMMANDS = cli._parser("runlog")


def test_there_are_the_commands_of_each_module() -> None:
    assert {"view", "export", "import", "ls", "archive"} <= set(COMMANDS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_ends_with_an_example_that_it_understands(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    said = " ".join(capsys.readouterr().out.split())
    name, *arguments = shlex.split(said.partition("example: ")[2])
    assert (name, arguments[0]) == ("runlog", command)
    assert len(arguments) > 1
    PARSER.parse_args(arguments)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_documents_show_each_command(command: str) -> None:
    assert any(re.search(rf"\brunlog {command}\b", path.read_text()) for path in DOCUMENTS)
