#!/usr/bin/env python3
"""Fails when a file of the repository holds an absolute path of somebody's machine.

    tests/repository/path_check.py

Such a path works for its author only. Write a path from the repository root, $HOME, ~ or a name such
as FOLDER instead.
"""

import re
import sys

from repository_files import ROOT, repository_files

# The folders where people keep their own files. Not part of a longer path or of a web address. The
# expression does not match its own text: a bracket follows the slash.
MACHINE_PATH = re.compile(rb"(?<![\w.~})-])/(?:work|home|root|Users)/[\w.$-]*")


def violations(files, root):
    """Each path found, as `file:line: text`."""
    found = []
    for file in files:
        for number, line in enumerate(file.read_bytes().split(b"\n"), 1):
            for match in MACHINE_PATH.finditer(line):
                found.append(f"{file.relative_to(root)}:{number}: holds the machine's own path "
                             f"{match.group().decode()}; write it from the repository root, or as "
                             "$HOME or a placeholder")
    return found


def main():
    found = violations(repository_files(), ROOT)
    print("\n".join(found) or "path_check: no file holds a path of one machine")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
