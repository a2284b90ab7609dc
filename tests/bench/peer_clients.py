"""The clients that ours is measured beside, by cloud; run by peers.py for one operation of one of them.

    peer_clients.py NAME OPERATION --cloud s3|gs|az [--mib 1024]

Imports, connects, warms up with a small object, times the operation and prints {"wall": seconds, "cpu": seconds}.
Where the server is and who we are stands in the environment, as each cloud's own tools have it.
"""
import argparse
import io
import json
import os
import resource
import time

BUCKET = "bucket"
WARM_BYTES = 16 << 20
SMALL_BYTES = 4096
KEYS = 100_000
SMALL_COUNT = 1000
PART = 8 << 20


class Boto3:
    def __init__(self):
        import boto3

        self.client = boto3.client("s3", endpoint_url=os.environ["AWS_ENDPOINT_URL"])

    def put(self, key, data):
        self.client.upload_fileobj(io.BytesIO(data), BUCKET, key)

    def get(self, key, size):
        out = io.BytesIO()
        self.client.download_fileobj(BUCKET, key, out)
        return out.getbuffer().nbytes  # it is written in any order

    def put_small(self, key, data):
        self.client.put_object(Bucket=BUCKET, Key=key, Body=data)

    def get_small(self, key, size):
        return len(self.client.get_object(Bucket=BUCKET, Key=key)["Body"].read())

    def list(self):
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
        return sum(len(page["Contents"]) for page in pages)


class Obstore:
    """On S3."""

    def __init__(self):
        import obstore

        self.api = obstore
        self.store = self.open()

    def open(self):
        from obstore.store import S3Store

        return S3Store(BUCKET, endpoint=os.environ["AWS_ENDPOINT_URL"], region=os.environ["AWS_REGION"],
                       access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
                       secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"],
                       virtual_hosted_style_request=False, client_options={"allow_http": True})

    def put(self, key, data):
        self.api.put(self.store, key, data, chunk_size=PART, max_concurrency=8)

    def get(self, key, size):
        """In parallel ranges, as its documentation advises for large objects."""
        starts = list(range(0, size, PART))
        parts = self.api.get_ranges(self.store, key, starts=starts, ends=[min(at + PART, size) for at in starts])
        return sum(len(part) for part in parts)

    def put_small(self, key, data):
        self.api.put(self.store, key, data)

    def get_small(self, key, size):
        return len(self.api.get(self.store, key).bytes())

    def list(self):
        return sum(len(batch) for batch in self.api.list(self.store, chunk_size=1000))


class ObstoreOnGoogle(Obstore):
    """By the XML API: it has no other."""

    def open(self):
        from obstore.store import GCSStore

        # How it is told of an emulator: else it asks the metadata server who we are, even for what needs no credentials.
        account = {"gcs_base_url": os.environ["STORAGE_EMULATOR_HOST"], "disable_oauth": True,
                   "client_email": "", "private_key": "", "private_key_id": ""}
        return GCSStore(BUCKET, service_account_key=json.dumps(account), client_options={"allow_http": True})


class ObstoreOnAzure(Obstore):
    def open(self):
        from obstore.store import AzureStore

        settings = os.environ["AZURE_STORAGE_CONNECTION_STRING"].strip(";").split(";")
        account = dict(setting.split("=", 1) for setting in settings)
        return AzureStore(BUCKET, endpoint=account["BlobEndpoint"], account_name=account["AccountName"],
                          account_key=account["AccountKey"], client_options={"allow_http": True})


class Pyarrow:
    def __init__(self):
        from pyarrow import fs

        self.fs = fs
        scheme, _, host = os.environ["AWS_ENDPOINT_URL"].partition("://")
        self.files = fs.S3FileSystem(endpoint_override=host, scheme=scheme, region=os.environ["AWS_REGION"],
                                     access_key=os.environ["AWS_ACCESS_KEY_ID"],
                                     secret_key=os.environ["AWS_SECRET_ACCESS_KEY"])

    def put(self, key, data):
        with self.files.open_output_stream(f"{BUCKET}/{key}") as out:
            out.write(data)

    def get(self, key, size):
        with self.files.open_input_file(f"{BUCKET}/{key}") as source:
            return len(source.read_buffer())

    put_small = put
    get_small = get

    def list(self):
        found = self.files.get_file_info(self.fs.FileSelector(BUCKET, recursive=True))
        return sum(info.is_file for info in found)  # it makes up folders, too


class Fsspec:
    """What all of fsspec's file systems do alike."""

    def __init__(self):
        self.files = self.open()

    def put(self, key, data):
        self.files.pipe_file(f"{BUCKET}/{key}", data)

    def get(self, key, size):
        return len(self.files.cat_file(f"{BUCKET}/{key}"))

    put_small = put
    get_small = get

    def list(self):
        return len(self.files.find(BUCKET))


class S3fs(Fsspec):
    def open(self):
        import s3fs

        return s3fs.S3FileSystem(endpoint_url=os.environ["AWS_ENDPOINT_URL"], key=os.environ["AWS_ACCESS_KEY_ID"],
                                 secret=os.environ["AWS_SECRET_ACCESS_KEY"], use_listings_cache=False)


class Gcsfs(Fsspec):
    def open(self):
        # Else it asks Google's control plane, by gRPC, what kind of bucket that is: before each call, as nobody answers here.
        os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"
        import gcsfs

        return gcsfs.GCSFileSystem(endpoint_url=os.environ["STORAGE_EMULATOR_HOST"], token="anon",
                                   use_listings_cache=False)


class Adlfs(Fsspec):
    def open(self):
        import adlfs

        return adlfs.AzureBlobFileSystem(connection_string=os.environ["AZURE_STORAGE_CONNECTION_STRING"],
                                         use_listings_cache=False)


class S3torchconnector:
    def __init__(self):
        from s3torchconnectorclient._mountpoint_s3_client import MountpointS3Client

        self.client = MountpointS3Client(region=os.environ["AWS_REGION"], endpoint=os.environ["AWS_ENDPOINT_URL"],
                                         force_path_style=True)

    def put(self, key, data):
        stream = self.client.put_object(BUCKET, key)
        stream.write(data)
        stream.close()

    def get(self, key, size):
        """As its reader does it: joined in memory."""
        return len(b"".join(self.client.get_object(BUCKET, key)))

    put_small = put
    get_small = get

    def list(self):
        return sum(len(page.object_info) for page in self.client.list_objects(BUCKET))


CLASSES = {
    "s3": {"obstore": Obstore, "s3torchconnector": S3torchconnector, "pyarrow": Pyarrow, "boto3": Boto3, "s3fs": S3fs},
    "gs": {"obstore": ObstoreOnGoogle, "gcsfs": Gcsfs},
    "az": {"obstore": ObstoreOnAzure, "adlfs": Adlfs},
}


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def key_of(size):
    return f"object-{size}"


def make_work(peer, operation, size):
    """(warm-up, what is timed); what comes back is counted, so that nobody is fast by doing nothing."""

    def expect(due, count):
        if count != due:
            raise SystemExit(f"{due} were due, {count} came")

    if operation == "list":
        return (lambda: expect(SMALL_BYTES, peer.get_small(key_of(SMALL_BYTES), SMALL_BYTES)),
                lambda: expect(KEYS, peer.list()))
    put = operation.startswith("put")
    method = getattr(peer, operation)

    def once(length):
        data = os.urandom(length) if put else None
        return (lambda: method(key_of(length), data)) if put else (
            lambda: expect(length, method(key_of(length), length)))

    if operation.endswith("_small"):
        small = once(SMALL_BYTES)
        return small, lambda: [small() for _ in range(SMALL_COUNT)]
    return once(WARM_BYTES), once(size)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name")
    parser.add_argument("operation")
    parser.add_argument("--cloud", choices=list(CLASSES), required=True)
    parser.add_argument("--mib", type=int, default=1024)
    arguments = parser.parse_args()
    peer = CLASSES[arguments.cloud][arguments.name]()
    warm_up, timed = make_work(peer, arguments.operation, arguments.mib << 20)
    warm_up()
    cpu, wall = cpu_seconds(), time.perf_counter()
    timed()
    print(json.dumps({"wall": time.perf_counter() - wall, "cpu": cpu_seconds() - cpu}))


if __name__ == "__main__":
    main()
