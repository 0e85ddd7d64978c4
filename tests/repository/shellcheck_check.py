#!/usr/bin/env python3
"""Runs shellcheck over every shell script of the repository, and fails on anything that it finds: most of what lets a
hostile name of a file run as a command is something that it knows.

    tests/repository/shellcheck_check.py
"""

import shutil
import subprocess
import sys

from repository_files import ROOT, repository_files

SHEBANG = (b"#!/usr/bin/env bash", b"#!/bin/bash", b"#!/bin/sh")


def scripts():
    """Files that begin as shell scripts do, wherever they are."""
    return [path.relative_to(ROOT) for path in repository_files() if path.read_bytes().startswith(SHEBANG)]


def main():
    if shutil.which("shellcheck") is None:
        print("skipped: no shellcheck; install it with launch/setup --tests")
        return 77
    found = scripts()
    done = subprocess.run(["shellcheck", "-x", *found], cwd=ROOT, check=False)
    print(f"shellcheck_check: {len(found)} scripts")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
