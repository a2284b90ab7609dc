#!/usr/bin/env python3
"""Makes the golden files of this folder with Python's torch and safetensors: python3 make.py (torch 2.14.1 and safetensors 0.8.0
made those that are checked in)."""
import argparse
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


def kinds():
    z, place, device = 1.5 - 2j, torch.Size([2, 3]), torch.device("cuda", 1)
    return {"complex": [z, z, complex("nan"), 1j], "set": [set(), {1}, {"a"}], "set of many": set(range(1500)),
            "counter": [collections.Counter("aab"), collections.Counter()], "size": [place, place, torch.Size([]), torch.Size([1, 2, 3, 4])],
            "dtype": [torch.float32, torch.bfloat16, torch.float32], "device": [device, device, torch.device("cpu"), torch.device("meta")],
            "parameter": [torch.nn.Parameter(base()), torch.nn.Parameter(base(), requires_grad=False)],
            "keys": {1j: 0, torch.float32: 1, place: 2, b"b": 3, (1, (2.5, "x")): 4, device: 5}}


def identity():
    """Equal objects that are not one, and one object in many places."""
    name = "".join(["weight", "s"])
    again = "".join(["weight", "s"])
    blob, cpu, storage = b"".join([b"a", b"b"]), "".join(["c", "pu"]), "".join(["stor", "age"])
    pair = (1, name)
    return {"names": [name, again, name], "blobs": [blob, b"".join([b"a", b"b"]), blob], "pairs": [pair, (1, name), pair],
            "words": [cpu, storage, base(), "cpu", "storage"], name: again}


def composite():
    dense = torch.tensor([[0.0, 2.0, 0.0], [3.0, 0.0, 4.0]])
    torch.manual_seed(0)
    with_state = torch.nn.Parameter(torch.ones(2))
    with_state.note = "kept"
    with_attributes = torch.ones(3)
    with_attributes.tag = [1, 2]
    return {"coo": dense.to_sparse(), "csr": dense.to_sparse_csr(), "csc": dense.to_sparse_csc(),
            "bsr": torch.ones(4, 4).to_sparse_bsr((2, 2)), "meta": torch.empty(2, 3, device="meta"),
            "per_tensor": torch.quantize_per_tensor(dense, 0.5, 3, torch.quint8),
            "per_channel": torch.quantize_per_channel(dense, torch.tensor([0.1, 0.2]), torch.tensor([0, 1]), 0, torch.qint8),
            "nested": torch.nested.nested_tensor([torch.ones(2), torch.zeros(3)]), "parameter with state": with_state,
            "with attributes": with_attributes, "untyped": torch.ones(2).untyped_storage(), "typed": torch.ones(3).storage()}


def noted(tensor, **attributes):
    """Python's own attributes on a tensor, which torch.save keeps in a call around it."""
    for name, value in attributes.items():
        setattr(tensor, name, value)
    return tensor


class Marked(torch.Tensor):
    """A subclass, which weights_only does not know."""


def attributes():
    table, words = base(), ["a", "b"]
    first = noted(table, note="whole", words=words)
    state = OrderedDict(weight=noted(torch.nn.Parameter(base()), tensor_model_parallel=True, partition_dim=0),
                        bias=noted(torch.ones(3), words=words))
    return {"tensor": first, "again": first, "row": noted(table[1], offset=4), "plain row": table[2], "transposed": noted(table.t(), like=first),
            "gradient": noted(torch.ones(2, requires_grad=True), group=("decay", 0.5)),
            "conjugate": noted(torch.ones(3, dtype=torch.complex64).conj(), sign=-1), "untyped": noted(torch.ones(2).to(torch.uint16), bits=16),
            "coo": noted(torch.eye(2).to_sparse(), layout_name="coo"), "scalar": noted(torch.tensor(2.5), unit="s"),
            "frozen": noted(torch.nn.Parameter(torch.ones(2), requires_grad=False), note="kept"), "state_dict": state}


def subclass():
    table = base().as_subclass(Marked)
    return {"marked": table, "noted": noted(torch.ones(2).as_subclass(Marked), note="kept"), "row": table[1]}


def opaque():
    """What weights_only refuses."""
    names = argparse.Namespace(lr=0.1, layers=[1, 2])
    default = collections.defaultdict(list)
    default["a"].append(1)
    return {"frozenset": frozenset([1, 2]), "path": pathlib.PurePosixPath("a/b"), "namespace": [names, names], "default": default,
            "deque": collections.deque(range(1001), maxlen=2000), "type": int, "types": [collections.OrderedDict, collections.OrderedDict],
            "bytearray": bytearray(b"ab\xff"), "range": range(3), "state_dict": model().state_dict(), "key": {frozenset([1]): 1}}


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
    "kinds": kinds(),
    "identity": identity(),
    "composite": composite(),
    "attributes": attributes(),
}

OPAQUE = {"opaque": opaque(), "subclass": subclass()}


def safetensors_dtypes():
    names = ("bool uint8 int8 int16 uint16 int32 uint32 int64 uint64 float16 bfloat16 float32 float64 complex64 "
             "float8_e4m3fn float8_e5m2 float8_e5m2fnuz float8_e4m3fnuz float8_e8m0fnu").split()
    tensors = {name: torch.tensor([1.0, 0.0, 2.0]).to(getattr(torch, name)) for name in names}
    tensors["float4_e2m1fn_x2"] = torch.tensor([[0x12, 0x34], [0x56, 0x78]], dtype=torch.uint8).view(torch.float4_e2m1fn_x2)
    return tensors


# Tensors and metadata. More than one metadata would come in no order: the library keeps them in a hash map.
SAFETENSORS = {
    "nothing": ({}, None),
    "dtypes": (safetensors_dtypes(), None),
    "names": ({"b": base(), "a": torch.ones(2), "B": torch.zeros(1), "a.b": torch.tensor(7), "é\"\\\n\x01\x7f": torch.tensor(True)}, {"format": "pt"}),
    "metadata": ({"x": torch.ones(1)}, {"a \"quoted\" key\t": "héllo \U0001F600 \\ / \x1f"}),
    "shapes": ({"scalar": torch.tensor(1.5), "none": torch.zeros(0), "flat": torch.zeros(2, 0, 3), "ones": torch.ones(1, 2, 1, 3)}, None),
    "state_dict": (dict(model().state_dict()), {"format": "pt"}),
}

if __name__ == "__main__":
    from safetensors.torch import save_file

    for name, (tensors, metadata) in SAFETENSORS.items():
        save_file(tensors, FOLDER / f"{name}.safetensors", metadata=metadata)
    for name, value in (CASES | OPAQUE).items():
        with open(FOLDER / f"{name}.pt", "wb") as file:
            torch.save(value, file)
