"""Mutations of texts, trees and files: what a hand, an editor, a spreadsheet or a bad disk leaves behind."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

#: words printed bare, as YAML reads them, in the place of a value
BARE = (
    *("~", "true", "no", ".inf", "-.inf", ".nan", "0", "-0.0", "1e-320", "1e308", "-1e308", "9" * 400, "0x1f", "1_000"),
    *("2024-13-45", "2024-02-30", "0001-01-01", "9999-12-31", "12:30:45", "=", "!!binary aGk=", "!!python/none x"),
    *("[]", "{}", "[~]", "{a: b}", "[[[[[]]]]]", "*nobody", "&here x", "<<", "? x", "|", ">-", "'", '"', "-", "1.5.2"),
    *(r'"\ud800"', r'"\e]0;x"', r'"\0"', r'"\x41\n"'),
)
#: texts in the place of a value or a key
NASTY = (
    *(
        "",
        " ",
        "\t",
        "\n",
        "a\nb",
        "$5m to $9m",
        "$$",
        r"\frac{1}{2}",
        "#let x",
        "*b* _i_",
        "<script>",
        "&amp;",
        "%s{}",
    ),
    *(
        "科索沃",
        "한국",
        "देव",
        "🕊\ufe0f",
        "العربية",
        "\u202eabc",
        "\x1b[31m",
        "\x00",
        "\ud800",
        "\ufeff",
        "é",
        "e\u0301",
    ),
    *("W" * 4000, "a b " * 2000, "../../etc/passwd", "=1+1", "@x", "null", "1,5", "1.4bn", "ALF", "BET-ALF", "ALF-ALF"),
)
NUMBERS = (0, 1, -1, 2, 1e-9, 1e-3, 0.5, 1e3, 1e6, 1e9, 1e12, 1e100, -1e6, 2**31, 2**63, 10**30, True, 0.1 + 0.2)
#: bits of text for mutations of tokens
TOKENS = (
    *BARE,
    *":,[]{}&*!|>'\"%@`#?-",
    ": ",
    "- ",
    "\n",
    "\n  ",
    "\t",
    "---",
    "...",
    "\r",
    "\x85",
    "\u2028",
    "\\",
    "<<: ",
)

_BARE = re.compile(r'"\\u0001((?:[^"\\]|\\.)*)"')


def tree_of(text: str) -> Any:
    """A YAML text as plain mappings, lists and values."""
    return YAML(typ="safe", pure=True).load(text)


def written(tree: Any) -> str:
    """A tree as YAML: JSON with a line for every entry, values that begin with \\x01 printed bare."""
    text = json.dumps(tree, indent=1, default=str, ensure_ascii=False)
    return _BARE.sub(lambda found: json.loads(f'"{found[1]}"'), text)


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every entry below ``tree``, as what holds it and its key or number there."""
    keys = list(tree) if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    return [place for key in keys for place in ((tree, key), *places(tree[key]))]


def value(rng: random.Random) -> Any:
    """A value of any kind."""
    return rng.choice((lambda: "\x01" + rng.choice(BARE), lambda: rng.choice(NASTY), lambda: rng.choice(NUMBERS)))()


def _swap(rng: random.Random, holder: Any, key: Any, everywhere: list[tuple[Any, Any]]) -> None:
    holder[key] = value(rng)


def _drop(rng: random.Random, holder: Any, key: Any, everywhere: list[tuple[Any, Any]]) -> None:
    del holder[key]


def _scale(rng: random.Random, holder: Any, key: Any, everywhere: list[tuple[Any, Any]]) -> None:
    if isinstance(holder[key], int | float):
        holder[key] *= rng.choice((-1, 0, 1e-6, 0.5, 2, 10, 1e3, 1e6))
    else:
        _swap(rng, holder, key, everywhere)


def _wrap(rng: random.Random, holder: Any, key: Any, everywhere: list[tuple[Any, Any]]) -> None:
    held = holder[key]
    holder[key] = rng.choice(([held], [held, held], {"value": held}, {"label": held}, [], {}, str(held)))


def _transplant(rng: random.Random, holder: Any, key: Any, everywhere: list[tuple[Any, Any]]) -> None:
    other, name = rng.choice(everywhere)
    if name in other if isinstance(other, dict) else name < len(other):
        holder[key] = json.loads(json.dumps(other[name], default=str))


def _rename(rng: random.Random, holder: Any, key: Any, everywhere: list[tuple[Any, Any]]) -> None:
    if isinstance(holder, dict):
        names = [str(name) for _, name in everywhere if isinstance(name, str)]
        held = holder.pop(key)
        holder[rng.choice((rng.choice(NASTY), rng.choice(names), str(key) + "x", str(key).lower()))] = held


def _more(rng: random.Random, holder: Any, key: Any, everywhere: list[tuple[Any, Any]]) -> None:
    if isinstance(holder, dict):
        holder[f"{key}_2"] = json.loads(json.dumps(holder[key], default=str))
    else:
        holder.insert(key, holder[key])


_CHANGES = (_swap, _swap, _scale, _scale, _drop, _wrap, _transplant, _rename, _more)


def of_tree(rng: random.Random, text: str) -> str:
    """``text`` read, changed in one to three entries, and written again; half of the time in its numbers alone."""
    tree = tree_of(text)
    changes = rng.choice((_CHANGES, (_scale,)))
    for _ in range(rng.choice((1, 1, 2, 3))):
        everywhere = places(tree)
        numbers = [place for place in everywhere if isinstance(place[0][place[1]], int | float)]
        if everywhere:
            chosen = rng.choice(numbers if changes == (_scale,) and numbers else everywhere)
            rng.choice(changes)(rng, *chosen, everywhere)
    return written(tree)


def of_tokens(rng: random.Random, text: str) -> str:
    """``text`` with a token put in, replaced or taken out, or a line moved, doubled or indented anew."""
    for _ in range(rng.randint(1, 3)):
        if rng.random() < 0.6:
            found = rng.choice(list(re.finditer(r"[\w.]+|\S", text)) or [re.search("", text)])
            start, stop = rng.choice((found.span(), (found.start(), found.start())))
            text = text[:start] + rng.choice(("", *TOKENS, rng.choice(NASTY))) + text[stop:]
        else:
            lines = text.split("\n")
            at = rng.randrange(len(lines))
            line = lines[at]
            lines[at : at + 1] = rng.choice(([], [line, line], [" " + line], [line[1:]], ["\t" + line], [line, "- x"]))
            text = "\n".join(lines)
    return text


def of_bytes(rng: random.Random, raw: bytes) -> bytes:
    """``raw`` cut, with a bit turned, bytes put in or swapped, or in another encoding."""
    at = rng.randrange(len(raw)) if raw else 0
    changes: tuple[Callable[[], bytes], ...] = (
        lambda: raw[:at],
        lambda: raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :] if raw else b"x",
        lambda: raw[:at] + rng.randbytes(rng.randint(1, 8)) + raw[at:],
        lambda: raw[at:] + raw[:at],
        lambda: raw + raw,
        lambda: b"\xef\xbb\xbf" + raw,
        lambda: raw.decode("utf-8", "replace").encode(rng.choice(("utf-16", "utf-32", "latin-1")), "replace"),
    )
    return rng.choice(changes)()


def of_text(rng: random.Random, text: str) -> bytes:
    """One of the above."""
    kind = rng.random()
    if kind < 0.6:
        return of_tree(rng, text).encode("utf-8", "surrogatepass")
    if kind < 0.85:
        return of_tokens(rng, text).encode("utf-8", "surrogatepass")
    return of_bytes(rng, text.encode())


def of_folder(rng: random.Random, folder: Path) -> str:
    """Damage one file of ``folder`` as a bad disk or a bad copy does; what was done."""
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    path, raw = (one := rng.choice(files)), one.read_bytes()
    what = rng.choice(("deleted", "empty", "cut", "bit", "garbage", "other", "folder", "more"))
    if what in ("deleted", "folder"):
        path.unlink()
    if what == "folder":
        path.mkdir()
    at = rng.randrange(len(raw)) if raw else 0
    turned = raw[:at] + bytes([raw[at] ^ 1 << rng.randrange(8)]) + raw[at + 1 :] if raw else b"\0"
    contents = {"empty": b"", "cut": raw[:at], "bit": turned, "garbage": rng.randbytes(max(len(raw), 8)),
                "other": rng.choice(files).read_bytes() if what == "other" else b"", "more": raw + b"x"}  # fmt: skip
    if what in contents:
        path.write_bytes(contents[what])
    return f"{path.relative_to(folder)} {what}"
