"""Writes shared_key.json: what azure-storage-blob (PyPI) signs for requests of all kinds. Run by hand when that changes."""

import json
import pathlib
import types
from urllib.parse import quote

from azure.core.pipeline import PipelineContext, PipelineRequest
from azure.core.pipeline.transport import HttpRequest
from azure.storage.blob._shared import authentication

HERE = pathlib.Path(__file__).parent
ACCOUNT = "devstoreaccount1"  # the emulator's, with the key that its documentation publishes
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
CLOUD = "https://devstoreaccount1.blob.core.windows.net"
EMULATOR = "http://127.0.0.1:10000/devstoreaccount1"
COMMON = {"x-ms-date": "Thu, 12 Feb 2026 20:12:48 GMT", "x-ms-version": "2023-11-03"}


def requests():
    yield "GET", CLOUD + "/c/k", {}, 0
    yield "GET", EMULATOR + "/c/k", {"If-Match": '"0x8D"'}, 0
    yield "HEAD", CLOUD + "/c/a%20b/%C3%BC", {}, 0
    yield "PUT", CLOUD + "/c/k", {"x-ms-blob-type": "BlockBlob", "If-None-Match": "*"}, 0
    yield "PUT", EMULATOR + "/c/k?comp=block&blockid=YWJj%2Bg%3D%3D", {"Content-MD5": "1B2M2Y8AsgTpgAmY7PhCfg=="}, 8
    yield "PUT", CLOUD + "/c/k?comp=blocklist", {"Content-Type": "application/xml", "x-ms-blob-content-type": "text/plain"}, 99
    yield "GET", CLOUD + "/c?restype=container&comp=list&prefix=a%2Fb%20%26&maxresults=10&delimiter=%2F", {}, 0
    # The service's order of names is not that of bytes: '_' stands before digits.
    metadata = {"x-ms-meta-" + name: "v" for name in ["run_7", "run7", "run", "runs", "cairn_op", "cairn_crc64", "cairn1"]}
    yield "PUT", CLOUD + "/c/k", {"x-ms-blob-type": "BlockBlob", **metadata}, 3
    copy = {"x-ms-copy-source": CLOUD + "/c/s", "x-ms-copy-source-authorization": "Bearer t", "x-ms-source-if-match": '"e"',
            "x-ms-source-range": "bytes=0-9", "x-ms-requires-sync": "true", "x-ms-content-crc64": "AAAAAAAAAAA="}
    yield "PUT", CLOUD + "/c/k", copy, 0
    for key in ["a+b", "a%b", "a//b", "a/../b", "$root", "x:y@z!", "(1)", "'q'", "a;b=c", "ключ"]:
        yield "PUT", CLOUD + "/c/" + quote(key, safe="/-._~"), {}, 1


def vector(method, url, headers, length):
    headers = {**COMMON, **headers}
    request = HttpRequest(method, url, headers={**headers, "Content-Length": str(length)})
    signed = []
    authentication.sign_string = lambda key, text: signed.append(text) or sign(key, text)
    context = PipelineContext(types.SimpleNamespace())
    authentication.SharedKeyCredentialPolicy(ACCOUNT, KEY).on_request(PipelineRequest(request, context))
    return {"method": method, "url": url, "headers": list(headers.items()), "length": length, "text": signed[0],
            "authorization": request.headers["Authorization"]}


sign = authentication.sign_string
vectors = [json.dumps(vector(*request), ensure_ascii=False) for request in requests()]
(HERE / "shared_key.json").write_text("[\n" + ",\n".join(vectors) + "\n]\n")
