"""Random nested states, each a function of its seed: every kind of value, shared and equal objects, views, odd tensors."""

import collections
import random

import torch

DTYPES = ("uint8 int8 int16 int32 int64 float16 float32 float64 complex64 complex128 bool bfloat16 uint16 uint32 uint64 "
          "float8_e4m3fn float8_e5m2").split()


class Maker:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.seen = []

    def text(self):
        letters = self.random.choice(("ab", "weight.bias_0123", "\u00e9\u4e16\U0001f600", "\x00\n\r'\"\\"))
        return "".join(self.random.choice(letters) for _ in range(self.random.choice((0, 1, 2, 5, 30, 300))))

    def integer(self):
        size = self.random.choice((1, 8, 16, 31, 32, 63, 64, 100, 2000))
        return self.random.randint(-(2**size), 2**size)

    def scalar(self):
        pick = self.random.random
        makers = (lambda: None, lambda: self.random.random() < 0.5, self.integer, lambda: self.random.choice((0.0, -0.0, float("inf"), pick(), 1e300)),
                  self.text, lambda: self.random.randbytes(self.random.choice((1, 2, 40))), lambda: complex(pick(), pick()),
                  lambda: getattr(torch, self.random.choice(DTYPES)), lambda: torch.device("cuda", self.random.randint(0, 3)),
                  lambda: torch.Size(self.random.randint(0, 9) for _ in range(self.random.randint(0, 4))))
        return self.random.choice(makers)()

    def tensor(self):
        made = self.plain_tensor()
        if self.random.random() < 0.2:
            made.note = self.value(1)
        return made

    def plain_tensor(self):
        dtype = getattr(torch, self.random.choice(DTYPES))
        shape = [self.random.randint(0, 4) for _ in range(self.random.randint(0, 4))]
        tensor = torch.tensor([self.random.randint(0, 2) for _ in range(torch.Size(shape).numel())]).reshape(shape).to(dtype)
        kind = self.random.randint(0, 5)
        if kind == 0 and shape:
            return tensor.transpose(0, -1)
        if kind == 1 and tensor.numel() > 1:
            return tensor.reshape(-1)[1:]
        if kind == 2 and dtype.is_floating_point and tensor.element_size() > 1:
            return torch.nn.Parameter(tensor, requires_grad=self.random.random() < 0.5)
        return tensor

    def key(self):
        return self.random.choice((self.text, self.integer, lambda: (1, self.text()), lambda: self.random.random(), lambda: torch.float16))()

    def value(self, depth):
        if self.seen and self.random.random() < 0.15:
            return self.random.choice(self.seen)
        made = self.new(depth)
        self.seen.append(made)
        return made

    def new(self, depth):
        pick = self.random.random()
        if depth == 0 or pick < 0.35:
            return self.scalar()
        if pick < 0.5:
            return self.tensor()
        items = [self.value(depth - 1) for _ in range(self.random.choice((0, 1, 2, 3, 5)))]
        if pick < 0.6:
            return items
        if pick < 0.7:
            return tuple(items)
        if pick < 0.75:
            return {self.key() for _ in items}
        if pick < 0.78:
            return collections.Counter(self.text() for _ in items)
        if pick < 0.8:
            return frozenset(self.text() for _ in items)
        if pick < 0.9:
            made = collections.OrderedDict((self.key(), item) for item in items)
            if self.random.random() < 0.3:
                made._metadata = collections.OrderedDict(version=1)
            return made
        return {self.key(): item for item in items}


def state(seed):
    return Maker(seed).new(5) if seed % 10 else {"many": list(range(seed * 7)), "state": Maker(seed).new(4)}
