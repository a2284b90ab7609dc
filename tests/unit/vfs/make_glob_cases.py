"""Writes glob_cases.inc: patterns, paths and what fsspec's glob_translate says of them.

    python3 make_glob_cases.py > glob_cases.inc
"""

import json
import re

from fsspec.utils import glob_translate

PATTERNS = [
    "*", "**", "?", "a", "a*", "*a", "a?", "?a*", "a/b", "a/*", "*/b", "a/**", "**/b", "a/**/b", "**/*", "**/a/**", "*/",
    "a/", "a/*/", "[ab]", "[!ab]", "[a-c]x", "[c-a]", "[]x]", "[!]x]", "[]", "[!]", "[a", "a]", "[-a]", "[a-]", "[a-c-e]",
    "[^a]", "[*]", "[?]x", "[[]", "{a,b}", "a.b", "a+b", "(a)", "a|b", "^a$", "a\\b", "*.ckpt", "**/*.ckpt", "step=*/last.*",
    ".*", "*.*", "x*y*z", "é?", "[é-ü]", "a//b", "a/**/", "***", "a/***b",
]
PATHS = [
    "", "a", "b", "c", "ab", "ba", "aa", "xa", "ax", "bx", "cx", "x", "]", "]x", "-", "d", "e", "[", "[]", "[!]", "[a", "a]", "!",
    "a/", "a/b", "a/c", "b/a", "a/b/c", "a/x/b", "a/x/y/b", "a/x/", "x/a/b", "a//b", "/a", "^", "^a$", "*", "?x", "{a,b}", "a.b",
    "a+b", "(a)", "a|b", "a\\b", "m.ckpt", "r/m.ckpt", "r/s/m.ckpt", "step=10/last.ckpt", "step=10/best.ckpt", ".hidden",
    "a/.hidden", ".a/b", "xyz", "x1y2z", "x1y2", "é", "éa", "éé", "ö", "a\nb",
]


def verdict(pattern):
    try:
        regex = re.compile(glob_translate(pattern))
    except ValueError:
        return None
    return [path for path in PATHS if regex.match(path)]


print("// Made by make_glob_cases.py: the verdicts are fsspec's.")
print("const std::vector<std::string> kPaths{" + ", ".join(json.dumps(p, ensure_ascii=False) for p in PATHS) + "};")
print("const std::vector<GlobCase> kCases{")
for pattern in PATTERNS:
    matching = verdict(pattern)
    texts = ", ".join(json.dumps(p, ensure_ascii=False) for p in matching or [])
    print(f"    {{{json.dumps(pattern, ensure_ascii=False)}, {'false' if matching is None else 'true'}, {{{texts}}}}},")
print("};")
