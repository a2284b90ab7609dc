"""What peers.py and checkpoint_peers.py have in common: options, virtual environments, one measurement."""
import json
import pathlib
import subprocess
import sys


def add_options(parser):
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build"))
    parser.add_argument("--venvs", type=pathlib.Path)
    parser.add_argument("--install", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--mib", type=int, default=1024)
    parser.add_argument("--peers", type=lambda text: text.split(","))
    parser.add_argument("--limit", type=int, default=120, help="seconds for one operation of one client")


def install(venvs, names, packages):
    """A virtual environment for each name; `packages` has the arguments of one or more calls of pip."""
    for name in names:
        subprocess.run([sys.executable, "-m", "venv", venvs / name], check=True)
        for words in packages[name]:
            subprocess.run([venvs / name / "bin/pip", "install", "--quiet", *words], check=True)


def measure(name, operation, command, limit, environment=None):
    """What the process printed last, or None."""
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        print(f"{name} {operation}: not done in {limit} s", file=sys.stderr)
        return None
    if done.returncode == 0:
        return json.loads(done.stdout.splitlines()[-1])
    print(f"{name} {operation}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
    return None
