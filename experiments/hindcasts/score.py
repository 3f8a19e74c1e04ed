"""Score the forecasts on the targets that the evidence card rests on, and write them down.

    python experiments/hindcasts/score.py [TARGET ...] [--list] [--fresh] [--pages]

The observation files are looked for in DETENTE_OBSERVATIONS (default: ../shared/observations beside the repository).
Writes reports/hindcast/TARGET.json, one per target, and from all that are there the overview (README.md) and figures.
A target whose record was made with the code, file and windows at hand is left as it is: an interrupted run goes on
where it stopped. --fresh makes every record again, --pages only overview and figures.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import detente
from detente.evidence.code import FORECASTS, code
from detente.evidence.documentation import overview
from detente.evidence.forecasts.targets import Window
from detente.figures import skill as figure
from detente.figures.save import save
from detente.figures.sheet import sheet
from detente.storage import sha256

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "reports" / "hindcast"
COMMAND = "make evidence"
THEATRE = "Western Balkans"
FOOTNOTE = (
    "* This designation is without prejudice to positions on status, and is in line with UNSCR 1244/1999 and the ICJ "
    "Opinion on the Kosovo declaration of independence."
)
KEDS, GPR = "keds_dyad_week_1989_2000.csv", "ai_gpr_wb_derived_monthly_1985_2019.csv"
NAIVE = ("persistence", "climatology", "ar1", "smoothing")
SEED = 1
#: the target of all pairs together
ALL = "all_week"


#: a training window with its test window, FROM:TO
Windows = tuple[str, str]
LATE: dict[str, Windows] = {
    KEDS: (":1997-12-31", "1998-01-01:2000-12-31"),
    GPR: (":2007-12-31", "2008-01-01:2019-12-31"),
}
EARLY: Windows = (":1994-12-31", "1995-01-01:1997-12-31")
#: by hand: how often the windows of all pairs had been looked at when their record was made
LOOKED = (
    "1995 to 1997 and 1998 to 2000: all pairs, at least once each for four forms of the law in a prototype, from which "
    "the form was taken (constant background with and without the laws, slow background, three regimes).",
    "1998 to 2000: two pairs by week and by month with the former filter, once at each renewal of records (three).",
    "End of 1997 and end of April 1999: labels of regimes in nowcasts, twice each, while a floor under the quiet level "
    "was set that has been set again since, on data up to 1994.",
    "End of April 1999: a nowcast in a test, for whether it stands above the usual.",
    "Risk index, 2008 to 2019: with the former filter, once at each renewal of records (three).",
    "All pairs, and the risk index, with the filter as it is: once, and nothing was changed after it; a record of the "
    "same code, file and windows repeats that score.",
)


@dataclass(frozen=True)
class Target:
    """A series, or ``all`` pairs of a file together, with windows and horizons.

    ``published`` holds the CRPS of the naive forecasts as handed out with the data, by horizon.
    """

    label: str
    short: str
    file: str
    dyad: str
    every: Literal["week", "month"]
    published: dict[int, tuple[float, float, float, float]] = field(default_factory=dict)
    horizons: tuple[int, ...] = ()
    before: tuple[Windows, ...] = ()

    @property
    def windows(self) -> tuple[Windows, ...]:
        """Fitting windows with their testing windows."""
        return (*self.before, LATE[self.file])

    @property
    def ahead(self) -> tuple[int, ...]:
        """Horizons, in intervals."""
        return self.horizons or tuple(self.published)

    def key(self, folder: Path) -> dict[str, Any]:
        """What a record is only good for."""
        return {
            "file": self.file,
            "sha256": sha256(folder / self.file),
            "dyad": self.dyad,
            "every": self.every,
            "asked": {
                "windows": [[str(Window.of(one)) for one in both] for both in self.windows],
                "horizons": list(self.ahead),
            },
            "seed": SEED,
            "code": code(FORECASTS),
        }


TARGETS = {
    "srb_kos_week": Target(
        "Serbia–Kosovo* Albanians, weekly reports",
        "Serbia–Kosovo* Albanians",
        KEDS,
        "SRB-KOS",
        "week",
        {1: (0.771, 0.994, 0.753, 0.602), 4: (0.832, 1.037, 0.956, 0.634)},
    ),
    "srb_kos_month": Target(
        "Serbia–Kosovo* Albanians, monthly reports",
        "Serbia–Kosovo* Albanians",
        KEDS,
        "SRB-KOS",
        "month",
        {1: (0.480, 1.912, 0.666, 0.571), 3: (0.553, 2.058, 1.135, 0.757)},
    ),
    "bih_week": Target(
        "Bosnian government–Bosnian Serbs, weekly reports",
        "Bosnian gov.–Bosnian Serbs",
        KEDS,
        "BIH_GOV-BIH_SRB",
        "week",
        {1: (0.477, 0.311, 0.311, 0.350)},
    ),
    "bih_month": Target(
        "Bosnian government–Bosnian Serbs, monthly reports",
        "Bosnian gov.–Bosnian Serbs",
        KEDS,
        "BIH_GOV-BIH_SRB",
        "month",
        {1: (0.746, 1.102, 0.710, 0.693)},
    ),
    "wb_core_month": Target(
        "Serbia, Kosovo*, Bosnia and Herzegovina, monthly risk index",
        "Risk index, Serbia, Kosovo*, Bosnia",
        GPR,
        "WB_core",
        "month",
        {1: (0.212, 0.183, 0.175, 0.166), 3: (0.220, 0.186, 0.185, 0.179), 12: (0.223, 0.198, 0.199, 0.205)},
    ),
    "srb_kos_risk_month": Target(
        "Serbia and Kosovo*, monthly risk index",
        "Risk index, Serbia, Kosovo*",
        GPR,
        "SRB_KOS",
        "month",
        {1: (0.183, 0.161, 0.153, 0.145)},
    ),
    ALL: Target(
        "All pairs together, weekly reports",
        "All pairs",
        KEDS,
        "all",
        "week",
        horizons=(1, 4),
        before=(EARLY,),
    ),
}


def observations() -> Path:
    """The folder of observation files."""
    return Path(os.environ.get("DETENTE_OBSERVATIONS", ROOT.parent / "shared" / "observations"))


def current(path: Path, target: Target, folder: Path) -> bool:
    """Whether the record at ``path`` was made with the code, file and windows at hand."""
    if not path.is_file():
        return False
    held = json.loads(path.read_text(encoding="utf-8"))
    key = target.key(folder)
    return {name: held.get(name) for name in key} == key


def make(target: Target, folder: Path, tell: Callable[..., None]) -> dict[str, Any]:
    """Score one target."""
    begun, together = time.monotonic(), target.dyad == "all"
    found = detente.hindcast(
        folder / target.file,
        target.dyad,
        *zip(*target.windows, strict=True),
        horizons=target.ahead,
        every=None if together else target.every,
        ablations=together,
        seed=SEED,
        tell=tell,
    ).record
    published = {str(h): dict(zip(NAIVE, values, strict=True)) for h, values in target.published.items()}
    about = {
        "label": target.label,
        "short": target.short,
        "theatre": THEATRE,
        "asked": target.key(folder)["asked"],
        **({"looked_at": list(LOOKED)} if together else {}),
        "published": published,
        "footnotes": [FOOTNOTE] if "*" in target.label else [],
        "version": version("detente"),
        "made": date.today().isoformat(),
        "seconds": round(time.monotonic() - begun),
    }
    return {**about, **found}


def write(path: Path, text: str) -> None:
    """All of a file or nothing: an interrupted run leaves no half of one."""
    part = path.with_name(f".{path.name}.part")
    part.write_text(text, encoding="utf-8")
    part.replace(path)


def pages() -> None:
    """Overview and figures from the records that are there, in the order of TARGETS."""
    there = [FOLDER / f"{name}.json" for name in TARGETS if (FOLDER / f"{name}.json").is_file()]
    if not there:
        sys.exit("no record yet: nothing to draw")
    records = [json.loads(path.read_text(encoding="utf-8")) for path in there]
    write(FOLDER / overview.FILE, overview.page(records, COMMAND))
    source = figure.provenance(records, COMMAND)
    for suffix in (".png", ".svg"):
        shown = figure.collect(records)
        save(sheet(figure.draw, shown, source), FOLDER / f"skill{suffix}", source, title=shown.title, force=True)
        for kind in ("pit", "reliability"):
            data = figure.multiples(records, kind)
            drawn = sheet(figure.draw_multiples, data, source)
            save(drawn, FOLDER / f"{kind}{suffix}", source, title=data.title, force=True)
    print(f"Saved reports/hindcast/{overview.FILE}, skill, pit and reliability from {len(records)} of {len(TARGETS)}")


def main(arguments: list[str]) -> None:
    """Make what is asked for."""
    flags = {a for a in arguments if a.startswith("--")}
    asked = [a for a in arguments if not a.startswith("--")] or list(TARGETS)
    wrong = sorted((flags - {"--list", "--fresh", "--pages"}) | (set(asked) - set(TARGETS)))
    if wrong:
        sys.exit(f"unknown: {', '.join(wrong)}. Targets: {', '.join(TARGETS)}\n{__doc__}")
    folder = observations()
    missing = [name for name in dict.fromkeys(TARGETS[a].file for a in asked) if not (folder / name).is_file()]
    if missing and not flags & {"--list", "--pages"}:
        sys.exit(f"not found in {folder}: {', '.join(missing)}. Set DETENTE_OBSERVATIONS to the folder that holds them")
    FOLDER.mkdir(parents=True, exist_ok=True)
    if "--list" in flags:
        for name in asked:
            print(f"{name:20s} {'current' if current(FOLDER / f'{name}.json', TARGETS[name], folder) else 'to do'}")
        return
    for number, name in enumerate(asked if "--pages" not in flags else [], start=1):
        one(name, f"{number} of {len(asked)}", folder, "--fresh" in flags)
    pages()


def one(name: str, place: str, folder: Path, fresh: bool) -> None:
    """One target, unless its record is current."""
    path = FOLDER / f"{name}.json"
    if not fresh and current(path, TARGETS[name], folder):
        print(f"{place}  {name}: current", file=sys.stderr)
        return

    def tell(what: str, done: int | None = None, total: int = 0, unit: str = "") -> None:
        told = what if done is None else f"{what}, {done} of {total} {unit}"
        print(f"{place}  {name}: {told}", file=sys.stderr, flush=True)

    found = make(TARGETS[name], folder, tell)
    write(path, json.dumps(found, ensure_ascii=False, indent=1) + "\n")
    print(
        f"{place}  {name}: {found['seconds']} s. {'; '.join(overview.findings([found]))}",
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
