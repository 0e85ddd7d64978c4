#!/usr/bin/env python3
"""Fails when a link of a Markdown file leads to a file or a section that the repository does not have.

    tests/repository/link_check.py

Links into the web are not looked at. A section is named as code hosts do: its heading in lower case, without
punctuation, blanks as hyphens.
"""

import re
import sys

from repository_files import ROOT, repository_files

LINK = re.compile(r"\]\(([^)#\s]*)(?:#([^)\s]+))?\)")
CODE = re.compile(r"`[^`]*`")


def sections(text):
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def violations(files, root):
    """Each broken link, as `file:line: text`."""
    found = []
    for file in files:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for path, section in LINK.findall(CODE.sub("", line)):
                if re.match(r"\w+:", path):
                    continue
                target = (file.parent / path).resolve() if path else file
                if not target.exists():
                    found.append(f"{file.relative_to(root)}:{number}: links to {path}, which does not exist")
                elif section and section not in sections(target.read_text(encoding="utf-8")):
                    found.append(f"{file.relative_to(root)}:{number}: links to the section {section} of "
                                 f"{target.relative_to(root)}, which has none of that name")  # fmt: skip
    return found


def main():
    files = [file for file in repository_files() if file.suffix == ".md"]
    found = violations(files, ROOT)
    print("\n".join(found) or f"link_check: all links of {len(files)} files lead somewhere")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
