"""Runs the top README: every fenced program is compiled, every fenced command is run, and what it prints must be what the page
shows. A section (## heading) is a story of its own, in a fresh folder, against an installed copy of the build.

    ```cpp NAME       the file NAME, as are ```python NAME, ```meson NAME and ```cmake NAME
    ```sh             commands, run by bash
    ```text           what the commands before it print; … stands for anything
    ```sh setup       what brings a machine to this point: its programs must exist, and are run by tools/check itself
"""

import argparse
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "package"))
from installed import SOURCE, Failure, Installed, skip  # noqa: E402

FENCE = re.compile(r"^```(\w*) ?(.*?)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES = ("cpp", "python", "meson", "cmake")


@dataclass
class Block:
    language: str
    argument: str
    text: str


def sections(page):
    """Heading -> its fenced blocks. What stands above the first heading is "top"."""
    parts = re.split(r"^## (.+)$", page, flags=re.MULTILINE)
    named = zip(["top", *parts[1::2]], [parts[0], *parts[2::2]])
    return {name: [Block(*match) for match in FENCE.findall(text)] for name, text in named if FENCE.search(text)}


def check_setup(text):
    """Commands that name a file of the checkout name one that can be run."""
    for line in text.splitlines():
        for word in shlex.split(line, comments=True)[:1]:
            if word.startswith("tools/") and not os.access(SOURCE / word, os.X_OK):
                raise Failure(f"{word} is not a program")


def matches(shown, printed):
    pattern = "".join(".*" if part == "…" else re.escape(part) for part in re.split("(…)", shown.strip()))
    return re.fullmatch(pattern, printed.strip(), re.DOTALL) is not None


def run_commands(text, folder, environment):
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    print(f"$ {text}{done.stdout}{done.stderr}", flush=True)
    if done.returncode != 0:
        raise Failure(f"the commands above ended with {done.returncode}")
    return done.stdout


def run_section(blocks, folder, environment):
    printed = None
    for block in blocks:
        if block.language in FILES and block.argument:
            (folder / block.argument).write_text(block.text)
        elif block.language == "sh" and block.argument == "setup":
            check_setup(block.text)
        elif block.language == "sh" and not block.argument:
            printed = run_commands(block.text, folder, environment)
        elif block.language == "text" and printed is not None:
            if not matches(block.text, printed):
                raise Failure(f"the page shows\n{block.text}\nbut it prints\n{printed}")
            printed = None
        else:
            raise Failure(f"a block of {block.language or 'no'} language {block.argument!r} stands where it can't be run")


def can_import_torch(python):
    return subprocess.run([python, "-c", "import torch"], capture_output=True, check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("section", help="its heading, or `complete`: whether --known names all sections that there are")
    parser.add_argument("--known", action="append", default=[])
    parser.add_argument("--python-torch", action="store_true", help="the section imports torch in Python")
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--meson")
    arguments = parser.parse_args()
    found = sections((SOURCE / "README.md").read_text())
    if arguments.section == "complete":
        if sorted(found) != sorted(arguments.known):
            raise Failure(f"README.md has the sections {sorted(found)}, tests/readme/meson.build {sorted(arguments.known)}")
        return
    python = os.environ.get("CAIRN_PYTHON", sys.executable)
    if arguments.python_torch and not can_import_torch(python):
        skip(f"{python} cannot import torch")
    with tempfile.TemporaryDirectory(prefix="cairn-readme-") as name:
        folder = pathlib.Path(name)
        installed = Installed(arguments.meson, arguments.build, ["g++"], folder / "installed")
        environment = installed.environment()
        programs = [installed.prefix / "bin", pathlib.Path(python).parent]
        environment["PATH"] = os.pathsep.join([*map(str, programs), environment["PATH"]])
        work = folder / "work"
        work.mkdir()
        run_section(found[arguments.section], work, environment)


if __name__ == "__main__":
    try:
        main()
    except Failure as failure:
        print(failure)
        sys.exit(1)
