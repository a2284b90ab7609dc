"""The savers and loaders that ours is measured beside; run by checkpoint_peers.py for one operation of one of them.

    checkpoint_peer_clients.py NAME save|load URL [--mib 1024]

Imports, connects, warms up with a small state, times the operation and prints {"wall": seconds, "cpu": seconds,
"memory": bytes beyond what was there before}. The server is found in the environment, as AWS's tools find it.
"""
import argparse
import json
import os
import time

import peer_clients
import torch

TENSOR_MIB = 16


def make_state(mib):
    """Tensors of 16 MiB, as a large model has them; of bits that nothing can shrink."""
    generator = torch.Generator().manual_seed(mib)
    layers = {f"layer{i}.weight": torch.rand(TENSOR_MIB * 1024, 256, generator=generator)
              for i in range(mib // TENSOR_MIB)}
    return {"state_dict": layers, "step": 1}


def key_of(url):
    return url.removeprefix(f"s3://{peer_clients.BUCKET}/")


class Torch:
    """torch.save and torch.load on a local file."""

    def save(self, url, state):
        torch.save(state, url)

    def load(self, url):
        return torch.load(url, weights_only=True)["state_dict"]


class TorchMapped(Torch):
    def load(self, url):
        return torch.load(url, weights_only=True, mmap=True)["state_dict"]


class Lightning:
    """As its Trainer saves and loads: over fsspec and s3fs."""

    def __init__(self):
        import fsspec
        from lightning_fabric.utilities import cloud_io

        # Where s3fs finds the server, for paths that name no more than the bucket.
        fsspec.config.conf["s3"] = {"endpoint_url": os.environ["AWS_ENDPOINT_URL"]}
        self.io = cloud_io

    def save(self, url, state):
        self.io._atomic_save(state, url)

    def load(self, url):
        return self.io._load(url, weights_only=True)["state_dict"]


class S3torchconnector:
    def __init__(self):
        from s3torchconnector import S3Checkpoint, S3ClientConfig

        self.files = S3Checkpoint(region=os.environ["AWS_REGION"], endpoint=os.environ["AWS_ENDPOINT_URL"],
                                  s3client_config=S3ClientConfig(force_path_style=True))

    def save(self, url, state):
        with self.files.writer(url) as out:
            torch.save(state, out)

    def load(self, url):
        with self.files.reader(url) as source:
            return torch.load(source, weights_only=True)["state_dict"]


class Safetensors:
    """safetensors in memory, sent and fetched by obstore."""

    def __init__(self):
        import safetensors.torch

        self.format = safetensors.torch
        self.client = peer_clients.Obstore()  # of the bucket that both know

    def save(self, url, state):
        self.client.put(key_of(url), self.format.save(state["state_dict"]))

    def load(self, url):
        return self.format.load(bytes(self.client.api.get(self.client.store, key_of(url)).bytes()))


class Runai(Safetensors):
    """Run:ai's streamer, which loads safetensors only; they are saved as above."""

    def __init__(self):
        super().__init__()
        os.environ.setdefault("RUNAI_STREAMER_S3_USE_VIRTUAL_ADDRESSING", "0")
        from runai_model_streamer import SafetensorsStreamer

        self.streamer = SafetensorsStreamer

    def load(self, url):
        with self.streamer() as streamer:
            streamer.stream_file(url)
            # Tensors that are kept have to be copied: their memory is used again.
            return {name: tensor.clone() for name, tensor in streamer.get_tensors()}


CLASSES = {"torch": Torch, "torch mmap": TorchMapped, "lightning": Lightning, "s3torchconnector": S3torchconnector,
           "safetensors": Safetensors, "runai": Runai}


def memory(name):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(name))


def make_work(peer, operation, url, mib):
    if operation == "save":
        state = make_state(mib)
        return lambda: peer.save(url, state)

    def load():
        count = len(peer.load(url))
        if count != mib // TENSOR_MIB:
            raise SystemExit(f"{mib // TENSOR_MIB} tensors were due, {count} came")

    return load


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", choices=list(CLASSES))
    parser.add_argument("operation", choices=["save", "load"])
    parser.add_argument("url")
    parser.add_argument("--mib", type=int, default=1024)
    arguments = parser.parse_args()
    torch.set_num_threads(os.cpu_count())
    peer = CLASSES[arguments.name]()
    work = make_work(peer, arguments.operation, arguments.url, arguments.mib)
    make_work(peer, "save", arguments.url + ".small", TENSOR_MIB)()
    make_work(peer, "load", arguments.url + ".small", TENSOR_MIB)()
    with open("/proc/self/clear_refs", "w") as peak:
        peak.write("5")
    before, cpu, wall = memory("VmRSS"), peer_clients.cpu_seconds(), time.perf_counter()
    work()
    cost = {"wall": time.perf_counter() - wall, "cpu": peer_clients.cpu_seconds() - cpu, "memory": memory("VmHWM") - before}
    print(json.dumps(cost))


if __name__ == "__main__":
    main()
