"""kill -9 of a rank, of all ranks, of mpirun, at random moments: the same command goes on each time, on any number of
ranks, and the end is that of a run that nobody killed: same parameters, same metrics, each step once.

    kill_test.py LOCKSTEP [--kills N] [--seed S]

Prints its seed; --seed repeats its draws. Of many kills at least 30 % must hit a checkpoint half written, which is seen
by the temporary file that is left. Checkpoints that were whole before a kill must be whole after it."""

import argparse
import os
import random
import signal
import statistics
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from job import Job
from program import Program, checkpoints_of, metrics_of, state_of

TARGETS = ("rank 0", "a rank", "all ranks", "mpirun")
STEPS = 60
COMMON = {
    "batch.sequences": 8,
    "schedule.learning_rate": 0.01,
    "checkpoint.every": 1,
    "checkpoint.keep": 2,
    "log.every": 1,
    "validation.every": 7,
    "train.steps": STEPS,
}
VARIANTS = (
    {"model.cell": "gru", "model.hidden_size": 24, "model.layers": 2, "model.dropout": 0.3},
    {"model.cell": "lstm", "model.hidden_size": 40, "schedule.name": "plateau", "schedule.patience": 1},
    {"model.cell": "gru", "model.bidirectional": "true", "optimizer.name": "rmsprop", "clip.mode": "adaptive",
     "data.random_strand": "true"},
    {"model.cell": "rnn_tanh", "optimizer.name": "sgd", "optimizer.momentum": 0.9, "checkpoint.every": 3,
     "checkpoint.keep": 1},
)  # fmt: skip


class Campaign:
    def __init__(self, program, folder, draws):
        self.program = program
        self.folder = folder
        self.draws = draws
        self.corpus = f"{folder}/corpus"
        program.run("prepare", "dna", "--synthetic", 8000, "--window", 50, "--out", self.corpus)
        self.references = {}
        self.kills = 0
        self.kills_by_target = dict.fromkeys(TARGETS, 0)
        self.kills_inside_a_save = 0
        self.seconds_to_end = []
        self.killed_at = 0
        self.restart_seconds = []  # from a kill to the next step that is on the disk

    def words(self, variant, run):
        settings = [f"{key}={value}" for key, value in {**COMMON, **VARIANTS[variant]}.items()]
        words = ["train", "--corpus", self.corpus, "--run", run]
        return words + [word for setting in settings for word in ("--set", setting)]

    def reference(self, variant):
        """The run that nobody kills, on one rank."""
        if variant not in self.references:
            run = f"{self.folder}/whole {variant}"
            self.program.run(*self.words(variant, run))
            self.references[variant] = (state_of(run), metrics_of(run))
        return self.references[variant]

    def start(self, variant, run):
        ranks = self.draws.choice((1, 2, 2, 3, 4))
        return Job(self.program.path, self.words(variant, run), ranks=ranks, launcher="mpirun")

    def run_to_the_end(self, variant, kills):
        """One run, killed so many times."""
        run = f"{self.folder}/killed {self.kills} {variant}"
        for _ in range(kills):
            if checkpoints_of(run):
                self.program.run("verify", run)
            self.kill_once(self.start(variant, run), run)
        job = self.start(variant, run)
        newest = checkpoints_of(run)[-1:]
        if job.wait_until(lambda: checkpoints_of(run)[-1:] > newest):
            self.restart_seconds.append(time.monotonic() - self.killed_at)
        code, text = job.finish()
        expect(code == 0, f"exit code {code} at the end:\n{text}")
        job.seconds_until_gone()
        self.compare(variant, run)

    def kill_once(self, job, run):
        target = self.draws.choice(TARGETS)
        aims_at_save = self.draws.random() < 0.9
        began = time.monotonic()
        steps_before = number_of_lines(run)
        if aims_at_save:  # after a random number of steps, the next temporary file
            steps = steps_before + self.draws.randrange(1, 12)
            lives = job.wait_until(lambda: number_of_lines(run) >= steps)
            lives = lives and job.wait_until(lambda: has_temporary(run))
        else:
            delay = self.draws.uniform(0, 1.5)
            lives = job.wait_until(lambda: time.monotonic() > began + delay)
        if not lives:
            code, text = job.finish()
            expect(code == 0, f"ended with {code} before it was killed:\n{text}")
            return
        victims, whole = self.victims(job, target), checkpoints_of(run)[-1:]
        for process in victims:
            process.send(signal.SIGKILL)
        self.killed_at = time.monotonic()
        code, text = job.finish()
        self.seconds_to_end.append(job.seconds_until_gone())
        if code == 0:  # it came to its end before the kill
            return
        expect(code in (76, 137) and "damaged" not in text, f"exit code {code}, {target} killed:\n{text}")
        expect(checkpoints_of(run)[-1:] >= whole, f"checkpoint {whole} was lost: {names_in(run)}")
        self.kills += 1
        self.kills_by_target[target] += 1
        self.kills_inside_a_save += has_temporary(run)

    def victims(self, job, target):
        if target == "mpirun":
            return [launcher] if (launcher := job.launcher()) else []
        ranks = job.rank_processes()
        if target == "all ranks":
            return list(ranks.values())
        wanted = 0 if target == "rank 0" else self.draws.randrange(job.ranks)
        return [ranks[wanted]] if wanted in ranks else []

    def compare(self, variant, run):
        whole_state, whole_metrics = self.reference(variant)
        state = state_of(run)
        for field in ("parameters_hash", "step", "sequences", "has_best", "best_loss", "best_step", "plateau",
                      "clip_history", "validations_since_best"):  # fmt: skip
            expect(state[field] == whole_state[field], f"{field} of {run}: {state[field]}, not {whole_state[field]}")
        steps = [line["step"] for line in metrics_of(run) if line["kind"] == "step"]
        expect(steps == list(range(1, STEPS + 1)), f"steps in metrics.jsonl of {run}: {steps}")
        expect(metrics_of(run) == whole_metrics, f"metrics.jsonl of {run} differs from the whole run's")
        self.program.run("verify", run)
        expect(not has_temporary(run), f"a temporary file is left in {run}")

    def report(self):
        inside = self.kills_inside_a_save / max(1, self.kills)
        targets = ", ".join(f"{name} {count}" for name, count in self.kills_by_target.items())
        print(f"{self.kills} kills ({targets}), {self.kills_inside_a_save} ({100 * inside:.0f} %) inside a save; "
              f"the last process was gone after at most {max(self.seconds_to_end, default=0):.2f} s")
        if self.restart_seconds:  # none where each start was killed before it had finished a step
            print(f"from a kill to the next step on the disk {statistics.median(self.restart_seconds):.2f} s (median), "
                  f"{max(self.restart_seconds):.2f} s (most)")  # fmt: skip
        return inside


def expect(holds, text):
    if not holds:
        sys.exit(f"failed: {text}")


def names_in(folder):
    return os.listdir(folder) if os.path.isdir(folder) else []


def has_temporary(run):
    return any(name.startswith(".tmp-") for name in names_in(f"{run}/checkpoints"))


def number_of_lines(run):
    try:
        with open(f"{run}/metrics.jsonl", "rb") as file:
            return file.read().count(b"\n")
    except FileNotFoundError:
        return 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lockstep")
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}", flush=True)
    draws = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory(prefix="lockstep kill ") as folder:
        campaign = Campaign(Program(os.path.abspath(arguments.lockstep)), folder, draws)
        variant = draws.randrange(len(VARIANTS))
        while campaign.kills < arguments.kills:
            campaign.run_to_the_end(variant % len(VARIANTS), min(4, arguments.kills - campaign.kills))
            variant += 1
        inside = campaign.report()
    # The share is a matter of luck where there are few kills.
    expect(arguments.kills < 50 or inside >= 0.3, "too few kills inside a save")


if __name__ == "__main__":
    main()
