"""What both scripts share: the tool, comparison of values, and the model that checkpoint_tool.cpp has too."""

import json
import os
import subprocess
import sys
import tempfile
import unittest
import warnings

try:
    import torch
except ImportError:
    print("this Python has no torch; set CAIRN_PYTHON to one that has")
    sys.exit(1 if os.environ.get("CI") == "true" else 77)

TOOL = sys.argv[1]
warnings.filterwarnings("ignore", category=UserWarning)
torch.set_num_threads(1)
os.environ["OMP_NUM_THREADS"] = "1"  # of the tool: the same order of additions

OPTIMIZERS = {
    "SGD": lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9, weight_decay=0.01, nesterov=True, foreach=False),
    "Adam": lambda p: torch.optim.Adam(p, lr=0.01, betas=(0.8, 0.99), weight_decay=0.1, amsgrad=True, foreach=False),
    "AdamW": lambda p: torch.optim.AdamW(p, lr=0.01, weight_decay=0.3, foreach=False),
    "RMSprop": lambda p: torch.optim.RMSprop(p, lr=0.01, alpha=0.9, momentum=0.5, centered=True, weight_decay=0.01, foreach=False),
    "RMSprop, not centered": lambda p: torch.optim.RMSprop(p, lr=0.01, momentum=0.5, weight_decay=0.01, foreach=False),
    "Adagrad": lambda p: torch.optim.Adagrad(
        p, lr=0.1, lr_decay=0.01, weight_decay=0.01, initial_accumulator_value=0.1, foreach=False
    ),
    "LBFGS": lambda p: torch.optim.LBFGS(p, lr=0.5, max_iter=3, history_size=4),
}


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Linear(4, 8, bias=False)  # its gradient before a norm would be noise
        self.norm = torch.nn.BatchNorm1d(8)
        self.last = torch.nn.Linear(8, 2)

    def forward(self, x):
        return self.last(torch.tanh(self.norm(self.first(x))))


def elements(tensor):
    flat = tensor.detach().resolve_conj().resolve_neg().reshape(-1).contiguous()
    return bytes(flat.view(torch.uint8).tolist())


def described(tensor):
    return (tensor.dtype, tensor.shape, tensor.stride(), tensor.requires_grad, tensor.is_conj(), tensor.is_neg())


def difference(left, right, where="root"):
    """Where two values differ first, and how; None if they are the same to the last bit."""
    if isinstance(left, torch.Tensor) and isinstance(right, torch.Tensor):
        if described(left) != described(right):
            return f"{where}: {described(left)} is not {described(right)}"
        return None if elements(left) == elements(right) else f"{where}: {left} is not {right}"
    if type(left) is not type(right):
        return f"{where}: {type(left)} is not {type(right)}"
    if isinstance(left, dict):
        if list(left) != list(right):
            return f"{where}: keys {list(left)} are not {list(right)}"
        return next(filter(None, (difference(left[key], right[key], f"{where}[{key!r}]") for key in left)), None)
    if isinstance(left, (list, tuple)):
        if len(left) != len(right):
            return f"{where}: {len(left)} items are not {len(right)}"
        return next(filter(None, (difference(*pair, f"{where}[{i}]") for i, pair in enumerate(zip(left, right)))), None)
    return None if left == right else f"{where}: {left!r} is not {right!r}"


def as_json(value):
    """What `checkpoint-tool dump` prints of a value."""
    if isinstance(value, torch.Tensor):
        numbers = value.detach().to(torch.float64).reshape(-1).tolist()
        return {"dtype": str(value.dtype).removeprefix("torch."), "shape": list(value.shape), "elements": numbers}
    if isinstance(value, dict):
        return {str(key): as_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [as_json(item) for item in value]
    return value


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def url(self, name):
        return "file://" + self.path(name)

    def tool(self, *arguments):
        run = subprocess.run([TOOL, *arguments], capture_output=True, text=True)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def refusal(self, *arguments):
        run = subprocess.run([TOOL, *arguments], capture_output=True, text=True)
        self.assertEqual(run.returncode, 1, run.stdout)
        return run.stderr

    def dump(self, name):
        return json.loads(self.tool("dump", self.url(name)))

    def load(self, name, **options):
        return torch.load(self.path(name), weights_only=True, **options)

    def check_same(self, left, right):
        self.assertIsNone(difference(left, right))
