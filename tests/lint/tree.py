"""The files of the project, and how a lint test reports."""

import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
GENERATED = {".git", ".venv", ".cache", "__pycache__", "packagecache"}


def files(*suffixes):
    """Paths relative to the root, sorted: what git tracks or would track; without git all but generated folders."""
    asked = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.splitlines()
    except (OSError, subprocess.CalledProcessError):
        listed = list(walk())
    return sorted(
        pathlib.PurePosixPath(name)
        for name in set(listed)
        if (not suffixes or name.endswith(suffixes)) and (ROOT / name).is_file()
    )


def walk():
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [name for name in folders if name not in GENERATED and not name.startswith("build")]
        for name in names:
            yield (pathlib.Path(folder) / name).relative_to(ROOT).as_posix()


def read(path):
    return (ROOT / path).read_text(encoding="utf-8", errors="replace")


def public_headers():
    """What is installed: the lists NAME_headers = files(…) of the libraries' meson.build."""
    found = set()
    for folder in ("vfs", "checkpoint/format", "checkpoint", "trainer"):
        for listed in re.findall(r"^\w+_headers = files\((.*?)\)", read(f"{folder}/meson.build"), re.MULTILINE | re.DOTALL):
            found |= {pathlib.PurePosixPath(folder, name) for name in re.findall(r"'([^']+)'", listed)}
    return found


def report(findings):
    """Prints what was found and ends the process: 0 if nothing was."""
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
