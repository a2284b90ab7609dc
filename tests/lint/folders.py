"""Every folder says in a README.md what it is for, and its first line is a title. Below tests/ that holds for each kind of
test; the folders in it are parts of the tree that it mirrors, or data."""

from tree import ROOT, files, read, report

EXEMPT = (".ci", "subprojects")  # their content is defined by a tool


def problems():
    folders = {str(path.parent) for path in files() if len(path.parts) > 1}
    for folder in sorted(folders):
        parts = folder.split("/")
        if parts[0] in EXEMPT or parts[0] == "tests" and len(parts) > 2:
            continue
        readme = ROOT / folder / "README.md"
        if not readme.is_file():
            yield f"{folder}: has no README.md that says what it is for"
        elif not read(f"{folder}/README.md").startswith("# "):
            yield f"{folder}/README.md: does not begin with a title"


report(list(problems()))
