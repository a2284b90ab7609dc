"""A test case without an assertion can't fail."""

import re

from tree import files, read, report

CASE = re.compile(r"^\s*(TEST_CASE|TEMPLATE_TEST_CASE|SCENARIO)\b", re.MULTILINE)
ASSERTION = re.compile(r"\b(REQUIRE|CHECK|FAIL)\w*\s*\(|\b(check|expect|require)_\w+")


def problems(path):
    text = read(path)
    starts = [match.start() for match in CASE.finditer(text)]
    for begin, end in zip(starts, starts[1:] + [len(text)]):
        if not ASSERTION.search(text[begin:end]):
            line = text.count("\n", 0, begin) + 1
            yield f"{path}:{line}: a test case without an assertion"


report([problem for path in files(".cpp") if path.parts[0] == "tests" for problem in problems(path)])
