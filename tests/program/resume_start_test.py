"""Resuming costs hardly more than starting, however far the run has come: the position in the data is computed, not
read up to. Each start trains one step; fresh ones and late ones take turns."""

import argparse
import os
import shutil
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import Program, metrics_of, state_of

# A step takes so many windows that a few of them are an epoch.
SETTINGS = ["model.layers=1", "model.hidden_size=4", "model.embedding_size=2", "model.bidirectional=false",
            "batch.sequences=2048", "batch.slots=16", "validation.every=1000000", "checkpoint.every=1000000",
            "log.every=1"]  # fmt: skip
ALLOWED = 1.0  # seconds more than a fresh start


class Starts:
    def __init__(self, program, folder):
        self.program = program
        self.folder = folder

    def train(self, run, steps, ranks):
        """Seconds from the command to its end."""
        settings = [word for setting in SETTINGS for word in ("--set", setting)]
        begin = time.monotonic()
        self.program.run("train", "--corpus", f"{self.folder}/corpus", "--run", run, "--steps", steps, *settings,
                         ranks=ranks, timeout=900)  # fmt: skip
        return time.monotonic() - begin

    def one_step_more(self, far, ranks):
        """Seconds of a start that resumes a copy of `far` for one step; a fresh one where far is None."""
        run = f"{self.folder}/run"
        step = 0
        if far:
            shutil.copytree(far, run)
            step = state_of(run)["step"]
        seconds = self.train(run, step + 1, ranks)
        shutil.rmtree(run)
        return seconds


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lockstep")
    parser.add_argument("--bases", type=int, default=30_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    program = Program(arguments.lockstep)
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        starts = Starts(program, folder)
        program.run("prepare", "dna", "--synthetic", arguments.bases, "--out", f"{folder}/corpus", timeout=900)
        reached = []
        for steps in (10, 60):
            run = f"{folder}/far-{steps}"
            starts.train(run, steps, 2)
            epoch = metrics_of(run)[-1]["epoch"]
            reached.append((f"step {steps}, epoch {epoch}", run))
        for ranks in (0, 2):
            seconds = {name: [] for name in ["fresh", *(name for name, _ in reached)]}
            for _ in range(arguments.repeats):
                for name, run in [("fresh", None), *reached]:
                    seconds[name].append(starts.one_step_more(run, ranks))
            medians = {name: statistics.median(values) for name, values in seconds.items()}
            print(f"{ranks or 1} ranks:", ", ".join(f"{name} {value:.2f} s" for name, value in medians.items()))
            failed |= any(value > medians["fresh"] + ALLOWED for value in medians.values())
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
