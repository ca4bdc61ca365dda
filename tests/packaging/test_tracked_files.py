"""What is committed works for whoever checks it out, wherever that is."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="only a checkout knows what is tracked")
def test_no_tracked_file_names_a_folder_of_one_machine() -> None:
    ours = {str(ROOT), str(Path.home())} - {"/"}
    folders = re.compile(
        "|".join([*(re.escape(f"{folder}/") for folder in ours), r"(?<!\w)/(?:home|Users)/\w+/"])
    )
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)  # noqa: S607
    named = [
        f"{name}: {match[0]}"
        for name in listed.stdout.decode().rstrip("\0").split("\0")
        if (file := ROOT / name).is_file()
        if (match := folders.search(file.read_text(errors="replace")))
    ]

    assert named == []
