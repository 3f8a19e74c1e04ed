"""``detente.page``: the what-if page as one file, for a mail or a stick, on stored ensembles."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from os import PathLike
from pathlib import Path
from typing import Any

from detente import storage
from detente.api import Tell, silent
from detente.errors import UsageError
from detente.experiment.source import Settings
from detente.prose.templates import said
from detente.serve.files import page_files
from detente.serve.levers import GROUPS
from detente.serve.offer import Offer
from detente.serve.stored import Atlas

#: modules in the order in which they stand in the file; ``asking`` gives way to ``stored``
MODULES = ("dom", "numbers", "words", "levers", "address", "stored", "charts", "cards", "taking", "main")
#: an import of a module of the page: all of it by one name, or some names
IMPORT = re.compile(r'import (?:\* as (?P<whole>\w+)|\{(?P<some>[^}]*)\}) from "\./(?P<module>\w+)\.js";\n')
EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const) (\w+)|(?:async )?function (\w+))", re.MULTILINE)
POLICY = "default-src 'none'; script-src 'sha256-{script}'; style-src 'sha256-{style}'; img-src data: blob:"


def page(
    scenario: str,
    out: str | PathLike[str],
    members: int = 200,
    seed: int = 1,
    workers: int = 1,
    groups: Sequence[str] = (),
    force: bool = False,
    *,
    tell: Tell = silent,
) -> dict[str, Any]:
    """Write the what-if page of a scenario as one file; what comes back says how large it is and how far it is off.

    Ensembles of ``members`` are run along the levers of ``groups`` (all; see :data:`detente.serve.levers.GROUPS`), and
    some for the error of interpolating between them. Raises ScenarioError, UsageError, StorageError.
    """
    target = Path(out)
    if target.suffix.lower() not in (".html", ".htm"):
        raise UsageError("a page is a file ending in .html", "--out")
    if target.exists() and not force:
        raise UsageError(f"{target} exists: replace it with --force, or choose another name", "--out")
    unknown = [name for name in groups if name not in GROUPS]
    if unknown:
        raise UsageError(f"no group {unknown[0]!r}: there are {', '.join(GROUPS)}", "--levers")
    storage.ready(target)
    offered = Offer([scenario]).open(scenario)
    atlas = Atlas(
        offered, Settings(members, seed, None, workers, tell), lambda lever: not groups or lever.group in groups
    )
    if not atlas.places:
        raise UsageError(f"{scenario} has no lever of these groups", "--levers")
    content = atlas.as_dict()
    text = assembled(content)
    storage.write_text(target, text)
    told = {"scenario": scenario, "levers": len(atlas.levers), "ensembles": len(atlas.places) + 1, "members": members}
    return told | {"errors": content["errors"], "bytes": len(text.encode())}


def assembled(content: dict[str, Any]) -> str:
    """The page with its style, its program and what it holds, in one text."""
    files = {name: data.decode() for name, data in page_files().items()}
    style, script = files["page.css"], bundled(files)
    policy = POLICY.format(script=_hash(script), style=_hash(style))
    held = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":")).replace("<", "\\u003c")
    head = f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n<style>{style}</style>'
    program = (
        f'<script type="application/json" id="stored">{held}</script>\n<script type="module">{script}</script>\n</body>'
    )
    whole = files["index.html"].replace('<link rel="stylesheet" href="page.css">', head)
    whole = whole.replace('<script type="module" src="main.js"></script>\n', "").replace("</body>", program)
    return whole.replace(
        "Nothing leaves this machine.",
        " ".join(said("whatif.j2", "interpolated", content["errors"], content["members"])),
    )


def bundled(files: dict[str, str]) -> str:
    """The modules of the page as one program: each a function that gives what it exports."""
    return "\n".join(_module(name, files[f"{name}.js"]) for name in MODULES)


def _module(name: str, text: str) -> str:
    exported = [first or second for first, second in EXPORT.findall(text)]
    body = EXPORT.sub("", IMPORT.sub(_imported, text))
    return f"const module_{name} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();"


def _imported(found: re.Match[str]) -> str:
    module = "stored" if found["module"] == "asking" else found["module"]
    names = found["whole"] or f"{{{found['some'].replace(' as ', ': ')}}}"
    return f"const {names} = module_{module};\n"


def _hash(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
