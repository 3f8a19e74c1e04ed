"""What differs between two nested contents, leaf by leaf."""

from __future__ import annotations

from typing import Any


def leaves(content: Any, path: str = "") -> dict[str, Any]:
    """Dotted path -> scalar, for nested mappings and lists; an empty one is a leaf itself."""
    if isinstance(content, dict) and content:
        inner = content.items()
    elif isinstance(content, list) and content:
        inner = enumerate(content)  # type: ignore[assignment]
    else:
        return {path: content}
    return {p: v for key, value in inner for p, v in leaves(value, f"{path}.{key}" if path else str(key)).items()}


def differences(before: Any, after: Any) -> list[str]:
    """One line per leaf that differs: "path: before -> after"."""
    old, new = leaves(before), leaves(after)
    lines = []
    for path in sorted(old.keys() | new.keys()):
        if path not in new:
            lines.append(f"{path}: {_shown(old[path])} -> gone")
        elif path not in old:
            lines.append(f"{path}: new -> {_shown(new[path])}")
        elif old[path] != new[path]:
            lines.append(f"{path}: {_shown(old[path])} -> {_shown(new[path])}")
    return lines


def _shown(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 60 else text[:57] + "…"
