"""The benchmarks run, and what they prove in long runs holds in a short one."""

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
