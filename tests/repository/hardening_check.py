#!/usr/bin/env python3
"""Fails when the program of the build tree, or a library that it is built into, lacks one of the protections that
LOCKSTEP_HARDEN switches on: a fault that a hostile file finds should end the program instead of doing what the file
wants.

    tests/repository/hardening_check.py PROGRAM
"""

import re
import subprocess
import sys


def readelf(*words):
    return subprocess.run(["readelf", "-W", *words], check=True, capture_output=True, text=True, timeout=100).stdout


def missing(header, segments, dynamic, symbols):
    """What the program lacks, by what `readelf` prints of its header, segments, dynamic section and symbols."""
    stack = re.search(r"GNU_STACK.*", segments)
    found = {
        "position-independent code (PIE)": re.search(r"Type:\s+DYN", header),
        "a stack that holds no code": stack and not re.search(r"\bRWE\b", stack[0]),
        "tables of the loader that are read-only (RELRO)": "GNU_RELRO" in segments,
        "all symbols found at the start (BIND_NOW)": re.search(r"BIND_NOW|FLAGS_1.*\bNOW\b", dynamic),
        "the stack protector": "__stack_chk_fail" in symbols,
        "checked C functions (fortify)": re.search(r"\b__(?:mem|str|read|pread|snprintf|vsnprintf|sprintf)\w*_chk\b", symbols),
        "checked access to vectors (_GLIBCXX_ASSERTIONS)": "__glibcxx_assert_fail" in symbols,
    }
    return [name for name, there in found.items() if not there]


def main():
    program = sys.argv[1]
    lacking = missing(readelf("-h", program), readelf("-l", program), readelf("-d", program), readelf("--dyn-syms", program))
    for name in lacking:
        print(f"{program}: has no {name}; see LOCKSTEP_HARDEN in CMakeLists.txt")
    if not lacking:
        print("hardening_check: the program has all protections")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
