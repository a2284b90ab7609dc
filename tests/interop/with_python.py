"""Runs a script with the Python that $CAIRN_PYTHON names: with_python.py SCRIPT [ARGUMENT...]"""

import os
import sys

python = os.environ.get("CAIRN_PYTHON") or sys.executable
os.execvp(python, [python, *sys.argv[1:]])
