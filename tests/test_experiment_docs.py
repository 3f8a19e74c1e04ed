"""The guide's example is a valid experiment, and the commands it names exist."""

import re
from pathlib import Path

from click.testing import CliRunner

from detente.cli import main
from detente.experiment.read import read
from tests import scenario_data

GUIDE = Path(__file__).parents[1] / "docs" / "experiments.md"


def test_the_example_of_the_guide_can_be_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    scenario_data.write(tmp_path)
    text = (tmp_path / "small.yaml").read_text("utf-8")
    (tmp_path / "baseline.yaml").write_text(text.replace("end: 2026-07-06", "end: 2028-07-03"))
    given = {"missions.NAME.reserve": "missions.watch.troops", "track: dialogue": "track: talks"}
    for old, new in given.items():
        assert old in block
        block = block.replace(old, new)
    (tmp_path / "guide.yaml").write_text(block.replace("[parameters.hostility.*, actors.*.insecurity]", "actors.*"))
    study = read(str(tmp_path / "guide.yaml"))
    assert len(study.settings) == 8
    assert [factor.path for factor in study.factors] == ["actors.ALF.personnel", "parameters.choice.precision"]


def test_the_commands_of_the_guide_exist() -> None:
    words = set(re.findall(r"detente ((?:experiment [a-z]+)|sensitivity|discover)", GUIDE.read_text("utf-8")))
    assert {"experiment run", "experiment check", "sensitivity", "discover"} <= words
    for command in sorted(words):
        assert CliRunner().invoke(main, [*command.split(), "--help"]).exit_code == 0, command
