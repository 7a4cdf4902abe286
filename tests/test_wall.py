"""The wall between the wings: index knows nothing of Discord."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def imported(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            yield node.module


@pytest.mark.parametrize("path", sorted((ROOT / "index").rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_in_index_imports_the_bot(path):
    packages = {name.split(".")[0] for name in imported(path)}

    assert packages.isdisjoint({"bot", "discord", "training", "tests"})
