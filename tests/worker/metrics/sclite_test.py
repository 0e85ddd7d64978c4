#!/usr/bin/env python3
"""Compares our error counts with NIST's sclite (Debian package sctk) on random pairs of utterances.

    tests/worker/metrics/sclite_test.py ERROR_COUNTS

ERROR_COUNTS prints `correct substitutions deletions insertions` for each pair of lines of two files.
Few different words make many alignments of one cost, where the rule for ties shows; some utterances
are empty, some are equal. Exits with 77, which ctest reports as skipped, where sclite is missing.
"""

import os
import random
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
PAIRS = 600


def find_sclite():
    """Debian keeps the tools behind one command, other systems have them in the path."""
    if shutil.which("sctk"):
        return ["sctk", "sclite"]
    return ["sclite"] if shutil.which("sclite") else None


def random_words(generator, vocabulary):
    return [generator.choice(vocabulary) for _ in range(generator.choice([0, 1, 2, 3, 5, 8, 13, 30]))]


def damaged(generator, words, vocabulary):
    """The words with some left out, changed or doubled."""
    result = []
    for word in words:
        kind = generator.random()
        if kind < 0.1:
            continue
        result.append(generator.choice(vocabulary) if kind < 0.25 else word)
        if kind > 0.9:
            result.append(generator.choice([word, generator.choice(vocabulary)]))
    return result


def random_pairs():
    generator = random.Random(7)
    for number in range(PAIRS):
        vocabulary = [f"w{i}" for i in range(generator.choice([2, 3, 5, 20]))]
        reference = random_words(generator, vocabulary)
        independent = random_words(generator, vocabulary)
        yield reference, [damaged(generator, reference, vocabulary), independent, reference][number % 3]


def write(path, lines):
    with open(path, "w", encoding="ascii") as file:
        file.writelines(line + "\n" for line in lines)


def sclite_counts(sclite, folder, pairs):
    """(correct, substitutions, deletions, insertions) of each pair, from sclite's alignments."""
    for name, side in (("ref", 0), ("hyp", 1)):
        write(os.path.join(folder, name + ".trn"),
              [f"{' '.join(pair[side])} (s-{i:05d})" for i, pair in enumerate(pairs)])
    command = sclite + ["-r", "ref.trn", "trn", "-h", "hyp.trn", "trn", "-i", "spu_id", "-s",
                        "-o", "pralign", "stdout"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    found = re.findall(r"^id: \(s-(\d+)\)\nScores: \(#C #S #D #I\) (\d+) (\d+) (\d+) (\d+)",
                       done.stdout, re.MULTILINE)
    counts = {int(number): tuple(map(int, rest)) for number, *rest in found}
    return [counts[i] for i in range(len(pairs))]


def our_counts(program, folder, pairs):
    names = [os.path.join(folder, name) for name in ("references", "hypotheses")]
    for side, name in enumerate(names):
        write(name, [" ".join(pair[side]) for pair in pairs])
    done = subprocess.run([program, *names], capture_output=True, text=True, check=True)
    return [tuple(map(int, line.split())) for line in done.stdout.splitlines()]


def main():
    sclite = find_sclite()
    if sclite is None:
        print("skipped: sclite is missing; install it with launch/setup --tests")
        return SKIPPED
    pairs = list(random_pairs())
    with tempfile.TemporaryDirectory() as folder:
        theirs = sclite_counts(sclite, folder, pairs)
        ours = our_counts(os.path.abspath(sys.argv[1]), folder, pairs)
    if len(ours) != len(pairs):
        sys.exit(f"{len(pairs)} pairs went in, {len(ours)} came out")
    wrong = [(pair, a, b) for pair, a, b in zip(pairs, ours, theirs) if a != b]
    for (reference, hypothesis), a, b in wrong[:5]:
        print(f"reference:  {' '.join(reference)}\nhypothesis: {' '.join(hypothesis)}\n"
              f"correct, substitutions, deletions, insertions: ours {a}, sclite {b}")
    total = [sum(column) for column in zip(*theirs)]
    print(f"{len(pairs)} pairs, {len(wrong)} differ; sclite counts {total}")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
