"""What the modules share: places, and failures in words."""

import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
CACHE = ROOT / ".cache"
REGION = "us-east-1"


class Failure(Exception):
    """What stops the tool, in words for its user."""


class Missing(Failure):
    """A server that is not installed."""


def say(text):
    print(f"servers: {text}", file=sys.stderr, flush=True)
