"""The benchmarks run, and what they prove in long runs holds in a short one."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


@pytest.mark.slow
def test_mixed_load_with_snapshots_swapped_leaves_nobody_unanswered():
    words = ["benchmarks/bot_load.py", "--minutes", "0.2", "--sentences", "2000"]

    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert ", 0 unanswered" in done.stdout
    assert "refused" not in done.stdout


@pytest.mark.slow
def test_engines_are_measured_side_by_side(tmp_path):
    figures = tmp_path / "figures.json"
    words = ["benchmarks/engine.py", "--sizes", "300,900", "--questions", "15", "--patience", "5"]
    words += ["--engines", "ours,ours-ranking,fts5,rank-bm25", "--json", str(figures)]

    done = subprocess.run(
        [sys.executable, *words], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )

    assert done.returncode == 0, done.stdout + done.stderr
    measured = json.loads(figures.read_text(encoding="utf-8"))
    assert [round(size["sentences"], -2) for size in measured["sizes"]] == [300, 900]
    for size in measured["sizes"]:
        for race in size["races"].values():
            found = {name: one["overlap"] for name, one in race["engines"].items()}
            assert found["ours"] == found["ours-ranking"] == found["rank-bm25"] == 1
            assert race["judged"]["apart"] < 1e-12
    assert "One more article" in done.stdout
