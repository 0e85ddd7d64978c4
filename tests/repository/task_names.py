#!/usr/bin/env python3
"""Fails when the core names a task: it knows models, heads and schemas, never what a corpus is about.

    tests/repository/task_names.py [ROOT]

Worker, trainer, the reading of corpora and the verbs serve every task; a name in them is where the next task would have to be
added by hand. Heads, losses and decoders, importers and launch/tasks/ may name what they are for.
"""

import pathlib
import re
import sys

CORE = ["data/batch", "data/corpus", "data/stream", "worker/models", "worker/comm", "worker/params", "worker/kernels",
        "worker/layers", "trainer", "checkpoint", "launch/verbs", "launch/run", "launch/start", "launch/frame"]  # fmt: skip
CORE_FILES = ["worker"]  # the files of this folder, not its folders
NAMES = re.compile(
    r"(?<![A-Za-z])(dna|genomes?|genes?|speech|utterances?|transcripts?|transcription|music|translations?|sentiments?|"
    r"proteins?|ctc|tagger|tagging)(?![a-z])", re.IGNORECASE)  # fmt: skip


def files_of(root):
    for folder in CORE:
        yield from sorted((root / folder).rglob("*"))
    for folder in CORE_FILES:
        yield from sorted((root / folder).glob("*"))


def violations(root):
    """Each name found, as `file:line: text`."""
    root = pathlib.Path(root)
    found = []
    for file in files_of(root):
        if file.suffix not in {".h", ".cc"}:
            continue
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
            for match in NAMES.finditer(line):
                found.append(f"{file.relative_to(root)}:{number}: names the task \"{match.group()}\"; the core knows "
                             "models, heads and schemas only")
    return found


def main():
    root = sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parents[2]
    found = violations(root)
    print("\n".join(found) or "task_names: the core names no task")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
