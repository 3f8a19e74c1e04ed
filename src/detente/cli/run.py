"""``detente run``: a scenario becomes a result folder, a fan chart and a summary."""

from __future__ import annotations

import itertools
import platform
import shlex
import subprocess
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from detente.cli import say
from detente.cli.options import with_extensions
from detente.cli.progress import Progress

if TYPE_CHECKING:
    import xarray as xr

    from detente.scenario.diagnostics import Fault
    from detente.scenario.load import Loaded

PACKAGES = ("numpy", "scipy", "mesa", "xarray", "zarr", "matplotlib", "pydantic", "ruamel.yaml")


def changes(sets: Sequence[str]) -> dict[str, str]:
    """``path=value`` words as a mapping. Raises click.BadParameter for a word without "="."""
    pairs = [word.partition("=") for word in sets]
    wrong = [word for word, sign, _ in pairs if not sign or not word]
    if wrong:
        raise click.BadParameter(
            f'"{wrong[0]}" is not path=value, such as missions.NAME.troops=2000', param_hint="--set"
        )
    return {path: value for path, _, value in pairs}


@click.command()
@with_extensions
@click.argument("scenario")
@click.option(
    "--members", "-n", default=1000, show_default=True, type=click.IntRange(1, 10_000_000), help="Paths to simulate."
)
@click.option("--seed", default=1, show_default=True, type=click.IntRange(0, 2**63 - 1), help="Key of all chance.")
@click.option("--weeks", type=click.IntRange(1), help="Stop after so many weeks.")
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 512), help="Processes.")
@click.option("--block", default=512, show_default=True, type=click.IntRange(1), help="Members simulated together.")
@click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help="Change a number; repeatable.")
@click.option("--out", type=click.Path(path_type=Path), help="Result folder; default results/NAME-HASH.")
@click.option("--keep", type=click.Choice(["index", "summary"]), default="index", show_default=True)
@click.option("--force", is_flag=True, help="Replace what is in --out.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(
    scenario: str,
    members: int,
    seed: int,
    weeks: int | None,
    workers: int,
    block: int,
    sets: tuple[str, ...],
    out: Path | None,
    keep: str,
    force: bool,
    as_json: bool,
) -> None:
    """Run SCENARIO (a file or a shipped name) and save the result folder."""
    from detente import storage
    from detente.cli.doubts import warnings
    from detente.experiment.store import free
    from detente.model.stability import require_placed
    from detente.scenario.load import load

    loaded = load(scenario, changes(sets))
    require_placed(loaded)
    doubts = warnings(loaded)
    folder = out or default_folder(loaded, members, seed, weeks, keep)
    _sized(loaded, members, weeks, keep, folder)
    with storage.locked(folder):
        free(folder, force=force or out is None)
        result, spent = _run(loaded, members, seed, weeks, workers, block, keep)
        result.attrs["command"] = reproduce(scenario, members, seed, weeks, sets, keep)
        result.attrs["commit"] = commit()
        told = _saved(result, loaded, folder)
        pictures = _drawn(result, folder)
    if as_json:
        places = {"saved": str(folder), "pictures": [str(path) for path in pictures]}
        say.as_json({**told, "warnings": [one.record() for one in doubts], **places})
        return
    saved = f"{folder}/" + (f"  ({pictures[0]})" if pictures else "")
    _print(result, loaded, saved, spent, doubted(doubts, scenario, sets))


def _sized(loaded: Loaded, members: int, weeks: int | None, keep: str, folder: Path) -> None:
    """Say how large an unusual run is, before it starts. Raises RunError, TooLarge where it does not fit."""
    from detente.experiment import room
    from detente.experiment.run import length_of

    length = length_of(loaded.scenario, weeks)
    if size := room.told(loaded.scenario, length, members):
        say.note(size)
    if keep == "index":
        room.require_memory(loaded.scenario, length, members)
        room.require_disk(folder, room.kept(loaded.scenario, length, members), "Take fewer members or --keep summary.")


def doubted(doubts: Sequence[Fault], scenario: str, sets: Sequence[str]) -> list[str]:
    """A line on warnings with the command that names them; none where there are none."""
    from detente.cli.doubts import counted

    words = ["detente", "check", scenario, *_changed(sets)]
    return [f"{counted(doubts)}: {shlex.join(words)}"] if doubts else []


def _changed(sets: Sequence[str]) -> list[str]:
    """The options that say what differs from the files: changed numbers, mechanisms of one's own."""
    from detente.laws.extensions import IN_FORCE

    options = (("--set", change) for change in sets), (("--with", name) for name in IN_FORCE.get())
    return [word for pair in itertools.chain(*options) for word in pair]


def _run(
    loaded: Loaded, members: int, seed: int, weeks: int | None, workers: int, block: int, keep: str
) -> tuple[xr.Dataset, float]:
    from detente.experiment.run import run
    from detente.experiment.streaming import run_summary

    begun = time.monotonic()
    progress = Progress(loaded.scenario.title)
    simulate = run_summary if keep == "summary" else run
    result = simulate(loaded.scenario, members, seed, weeks, workers, block=block, progress=progress)
    return result, time.monotonic() - begun


def default_folder(loaded: Loaded, members: int, seed: int, weeks: int | None, keep: str = "index") -> Path:
    """results/NAME-HASH, where the hash is that of everything the result depends on; a summary has one of its own."""
    from hashlib import sha256

    key = f"{loaded.hash} {members} {seed} {weeks} {version('detente')}"
    kept = "" if keep == "index" else f"-{keep}"
    return Path("results") / f"{loaded.scenario.name}-{sha256(key.encode()).hexdigest()[:8]}{kept}"


def reproduce(
    scenario: str, members: int, seed: int, weeks: int | None, sets: Sequence[str], keep: str = "index"
) -> str:
    """The command that makes the same numbers again."""
    words = ["detente", "run", scenario, "--members", str(members), "--seed", str(seed)]
    words += ["--weeks", str(weeks)] if weeks else []
    words += ["--keep", keep] if keep != "index" else []
    return shlex.join([*words, *_changed(sets)])


def commit() -> str:
    """The commit of the checkout this package runs from; empty where there is none."""
    here = Path(__file__).resolve().parent
    try:
        told = subprocess.run(["git", "-C", here, "rev-parse", "HEAD"], capture_output=True, text=True, timeout=5)
    except (OSError, subprocess.SubprocessError):
        return ""
    return told.stdout.strip() if told.returncode == 0 else ""


def _saved(result: xr.Dataset, loaded: Loaded, folder: Path) -> dict[str, Any]:
    """Write the folder; the told summary is what --json prints."""
    from detente.analysis import summary
    from detente.experiment import store
    from detente.experiment.digest import digest

    attrs = result.attrs
    told: dict[str, Any] = {"scenario": attrs["scenario"], "members": attrs["members"], "weeks": attrs["weeks"]}
    told |= {"seed": attrs["seed"], "digest": attrs.get("digest") or digest(result), **summary.summary(result)}
    told["processor"] = attrs["processor"]
    made = provenance(result, loaded)
    weekly = summary.csv_text(summary.table(result))
    store.save(result, folder, {**made, "digest": told["digest"]}, described(loaded), weekly)
    return told


def _drawn(result: xr.Dataset, folder: Path) -> list[Path]:
    """The fan chart, as PNG and SVG in the folder; none of a summary."""
    if "tension" not in result:
        return []
    from detente.cli.drawing import drawn
    from detente.figures import fan

    place = shlex.quote(str(folder))
    return drawn(lambda: fan.write(result, folder / "fan"), folder, f"detente figure fan {place} -o fan.png")


def provenance(result: xr.Dataset, loaded: Loaded) -> dict[str, Any]:
    """``run.json``: what went into the result, enough to make it again and to say why a number changed."""
    from detente.laws.extensions import fingerprint

    attrs = result.attrs
    kept = ("scenario", "scenario_hash", "seed", "members", "weeks", "formula_version", "detente_version", "commit")
    return {
        **{name: attrs[name] for name in (*kept, "command")},
        "sets": dict(loaded.sets),
        "with": fingerprint(loaded.scenario.in_use()),
        "inputs": [{"name": file.name, "sha256": file.sha256} for file in loaded.files],
        "python": platform.python_version(),
        "processor": attrs["processor"],
        "packages": {name: version(name) for name in PACKAGES},
        "written": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def described(loaded: Loaded) -> dict[str, Any]:
    """``scenario.json``: the scenario, where each of its numbers comes from, and which were left at a default."""
    from detente.scenario.suppositions import supposed

    return {
        "scenario": loaded.scenario.model_dump(mode="json", exclude_defaults=True),
        "parameters": [leaf_record(leaf) for leaf in loaded.leaves()],
        "defaults": [entry.path for entry in supposed(loaded.scenario)],
    }


def leaf_record(leaf: Any) -> dict[str, Any]:
    """A leaf as JSON."""
    return {name: getattr(leaf, name) for name in ("path", "value", "unit", "low", "high", "spread")} | {
        "source": list(leaf.source),
        "grade": leaf.grade,
        "file": leaf.file,
        "line": leaf.line,
    }


def _print(result: xr.Dataset, loaded: Loaded, saved: str, spent: float, doubted: Sequence[str]) -> None:
    from detente.analysis import summary
    from detente.analysis.wording import counted

    attrs = result.attrs
    size = f"{counted(int(attrs['members']), 'member')} × {counted(int(attrs['weeks']), 'week')}"
    click.echo(f"{attrs['title']} · {size} · seed {attrs['seed']} · {spent:.1f} s")
    for line in summary.lines(result):
        click.echo(f"  {line}")
    if attrs["counterfactual"]:
        click.echo("  Counterfactual: this scenario changes the record.")
    for line in doubted:
        click.echo(f"  {line}")
    name = loaded.scenario.name
    say.ending([saved], [f"detente compare {name} OTHER   (detente scenarios list)"])
