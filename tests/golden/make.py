#!/usr/bin/env python3
"""Makes the golden files of this folder with Python's torch: python3 make.py (torch 2.14.1 made those that are checked in)."""
import collections
import pathlib

import torch

OrderedDict = collections.OrderedDict
FOLDER = pathlib.Path(__file__).parent


def base():
    return torch.arange(12, dtype=torch.float32).reshape(3, 4)


def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.Flatten(), torch.nn.Linear(16, 3))


def training():
    net = model()
    optimizer = torch.optim.AdamW(net.parameters())
    net(torch.rand(2, 1, 4, 4)).sum().backward()
    optimizer.step()
    scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, [3])
    state = scheduler.state_dict()
    state["milestones"] = dict(state["milestones"])
    return {"epoch": 3, "state_dict": net.state_dict(), "optimizer_states": [optimizer.state_dict()], "lr_schedulers": [state]}


def dtypes():
    names = ("uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128 bool bfloat16 uint16 uint32 uint64 "
             "float8_e4m3fn float8_e5m2 float8_e5m2fnuz float8_e4m3fnuz float8_e8m0fnu").split()
    return {name: torch.tensor([1.0, 0.0, 2.0]).to(getattr(torch, name)) for name in names}


def shared():
    items = [1]
    return {"a": items, "b": items, "c": (items, items)}


INTEGERS = [0, 1, 255, 256, 65535, 65536, -1, 2**31 - 1, 2**31, -2**31, -2**31 - 1, 2**63 - 1, -2**63, 2**63, 2**64 - 1, -2**100]
CASES = {
    "integers": INTEGERS,
    "scalars": [None, True, False, 0.0, -0.0, 1.5, float("inf"), float("nan"), 5e-324, "", "a", "héllo", "\U0001F600", "x" * 300],
    "bytes": {"a": b"\x00\xff\x80abc", "b": b"a", "c": b"abc", "d": "abc", "e": "a"},
    "nested": {"a": [1, [2, [3]], ()], "t": (1,), "t2": (1, 2), "t4": (1, 2, 3, 4), 1: "int", 2.5: "f", None: 0, (1, "x"): 2},
    "empty": {},
    "ordered": OrderedDict(a=1, b=OrderedDict(), c=OrderedDict(x=base())),
    "dict1000": dict.fromkeys(range(1000)),
    "dict1001": dict.fromkeys(range(1001)),
    "ordered1001": OrderedDict.fromkeys(range(1001)),
    "list1001": list(range(1001)),
    "tensor": base(),
    "views": (lambda t: {"all": t, "row": t[1], "column": t[:, 1], "transposed": t.t(), "wide": torch.ones(1).expand(3, 5),
                         "scalar": torch.tensor(3.0), "again": t})(base()),
    "dtypes": dtypes(),
    "math_bits": [torch.ones(3, dtype=torch.complex64).conj(), torch.ones(3, dtype=torch.complex64).conj().imag],
    "shapes": [torch.ones(2, requires_grad=True), torch.zeros(0), torch.zeros(2, 0, 3), torch.zeros(1, 2, 1, 3)],
    "state_dict": model().state_dict(),
    "training": training(),
    "shared": shared(),
}

if __name__ == "__main__":
    for name, value in CASES.items():
        with open(FOLDER / f"{name}.pt", "wb") as file:
            torch.save(value, file)
