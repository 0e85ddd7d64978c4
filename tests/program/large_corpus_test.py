"""Memory does not grow with the corpus: a small and a ten times larger synthetic corpus train within the
bound that is printed at start, with the same peak, and hardly wait for data."""

import argparse
import os
import re
import shutil
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, raw_metrics_of

SETTINGS = ["model.layers=2", "model.hidden_size=64", "batch.sequences=32", "log.every=1",
            "validation.every=1000000"]  # fmt: skip


def folder_megabytes(path):
    return sum(os.path.getsize(os.path.join(path, name)) for name in os.listdir(path)) / 1e6


def measure(program, folder, bases, steps):
    """Trains on a corpus of so many bases: its size, bound, peak and share of waiting for data."""
    corpus, run = f"{folder}/corpus", f"{folder}/run"
    program.run("prepare", "dna", "--synthetic", bases, "--out", corpus, timeout=900)
    settings = [word for setting in SETTINGS for word in ("--set", setting)]
    text = program.run("train", "--corpus", corpus, "--run", run, "--steps", steps, *settings)
    with open(f"{run}/log.txt") as log:
        text += log.read()
    found = {
        "corpus_mb": folder_megabytes(corpus),
        "bound_mib": float(re.search(r"memory: at most (\d+) MiB", text)[1]),
        "peak_mib": float(re.search(r"memory: peak ([\d.]+) MiB", text)[1]),
    }
    lines = raw_metrics_of(run)
    seconds = sum(line["seconds"] for line in lines)
    found["wait"] = sum(line["data_wait_share"] * line["seconds"] for line in lines) / seconds
    shutil.rmtree(corpus)
    shutil.rmtree(run)
    print(
        "corpus {corpus_mb:.0f} MB: bound {bound_mib:.0f} MiB, peak {peak_mib:.0f} MiB, "
        "waiting for data {0:.2f} %".format(100 * found["wait"], **found)
    )
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lockstep")
    parser.add_argument("--bases", type=int, nargs=2, default=[15_000_000, 150_000_000])
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--judge-wait", action="store_true", help="on a machine that is not busy")
    arguments = parser.parse_args()
    program = Program(arguments.lockstep)
    with tempfile.TemporaryDirectory() as folder:
        small, large = (measure(program, folder, n, arguments.steps) for n in arguments.bases)
    problems = []
    for found in (small, large):
        if found["peak_mib"] > found["bound_mib"]:
            problems.append("the peak exceeds the printed bound")
        if arguments.judge_wait and found["wait"] > 0.01:
            problems.append("waiting for data takes more than 1 % of the time")
    if large["peak_mib"] > small["peak_mib"] * 1.15 + 8:
        problems.append("memory grows with the corpus")
    if large["bound_mib"] > small["bound_mib"] * 1.15 + 8:
        problems.append("the bound grows with the corpus")
    for problem in problems:
        print("wrong:", problem)
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
