"""Writes sigv4_suite.json (AWS's published test suite, from a checkout of awslabs/aws-c-auth) and sigv4_botocore.json (what
botocore makes of odd keys). Run by hand when either changes: make_vectors.py AWS_C_AUTH_FOLDER"""

import datetime
import json
import pathlib
import sys
import unittest.mock
from urllib.parse import quote

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.utils import percent_encode

HERE = pathlib.Path(__file__).parent
NOT_S3 = ("relative-normalized", "slash-dot-slash-normalized", "slash-normalized", "dot-normalized", "slashes-normalized")


def suite_case(folder):
    context = json.loads((folder / "context.json").read_text())
    head, _, body = (folder / "request.txt").read_text().partition("\n\n")
    lines = head.split("\n")
    method, _, rest = lines[0].partition(" ")
    path, _, query = rest.rsplit(" ", 1)[0].partition("?")
    headers = []
    for line in lines[1:]:
        if line.startswith(" "):  # a folded line is a space, RFC 9112 section 5.2
            headers[-1][1] += " " + line.strip()
        elif line:
            headers.append(line.split(":", 1))
    canonical = (folder / "header-canonical-request.txt").read_text()
    for line in canonical.split("\n"):
        if line.startswith("x-amz-content-sha256:"):
            headers.append(line.split(":", 1))
    credentials = context["credentials"]
    host = next(value for name, value in headers if name == "Host")
    url = "https://" + host + quote(path, safe="/%") + ("?" + quote(query, safe="%=&") if query else "")
    return {
        "name": folder.name,
        "method": method,
        "url": url,
        "headers": [header for header in headers if header[0] != "Host"],
        "token": "" if context.get("omit_session_token") else credentials.get("token", ""),
        "payload_hash": canonical.rsplit("\n", 1)[1],
        "canonical_request": canonical,
        "signature": (folder / "header-signature.txt").read_text().strip(),
    }


def odd_keys():
    for code in [*range(1, 0x7F), 0xE9, 0x3B1, 0x4E2D, 0x1F600, 0xFFFD]:
        yield f"a{chr(code)}b"
    for text in ["", "/", "//", "a//b", "a/../b", "./a", "a/./", "..", "?", "#", "a?b=c&d", "%41", "%", "%zz", "a+b c", "~user",
                 "naïve/ключ/鍵", "e\u0301", "\u202e", " lead", "trail ", "a" * 300, "a/" * 100, "key=value", "a&b", "a;b", "a,b",
                 "(1)[2]{3}", "'\"`", "x:y@z!", "$HOME", "*", "a\\b", "\t", "\r\n", "ckpt-epoch=0-step=1.ckpt", "😀/😀.bin"]:
        yield text
    for first in "!*'() +%&=":
        for second in "/?#~:;@":
            yield f"k{first}{second}{first}"


def botocore_cases():
    credentials = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
    now = datetime.datetime(2026, 2, 12, 20, 12, 48, tzinfo=datetime.timezone.utc)
    queries = [[], [["uploads", ""]], [["partNumber", "2"], ["uploadId", "a/b+c=="]]]
    for number, key in enumerate(odd_keys()):
        query = queries[number % 3]
        target = "/" + percent_encode(key, safe="/~")
        if query:
            target += "?" + "&".join(f"{percent_encode(n, safe='~')}={percent_encode(v, safe='~')}" for n, v in sorted(query))
        request = AWSRequest(method="PUT", url="http://127.0.0.1:9000/bucket" + target, headers={"x-amz-checksum-crc32c": "AAAAAA=="})
        request.context["payload_signing_enabled"] = False
        request.context["client_config"] = None
        signer = botocore.auth.S3SigV4Auth(credentials, "s3", "eu-west-3")
        with unittest.mock.patch("botocore.auth.get_current_datetime", lambda *a, **k: now), \
                unittest.mock.patch.object(signer, "_should_sha256_sign_payload", lambda request: False):
            signer.add_auth(request)
        yield {"key": key, "query": query, "target": target,
               "signature": request.headers["Authorization"].rsplit("Signature=", 1)[1]}


def main():
    suite = pathlib.Path(sys.argv[1]) / "tests/aws-signing-test-suite/v4"
    cases = [suite_case(folder) for folder in sorted(suite.iterdir()) if not folder.name.endswith(NOT_S3)]
    (HERE / "sigv4_suite.json").write_text(json.dumps(cases, indent=1) + "\n")
    lines = [json.dumps(case) for case in botocore_cases()]
    (HERE / "sigv4_botocore.json").write_text("[\n" + ",\n".join(lines) + "\n]\n")


main()
