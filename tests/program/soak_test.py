"""One run after another through a drawn sequence of bad days: killed ranks, launchers and supervisors, signals, stopped
ranks, stop files, time limits, storage that fails, fills up or kills, damaged checkpoints; each start on other ranks,
threads and launcher. The same command goes on each time, and the end is that of a run that nothing ever happened to.

    soak_test.py LOCKSTEP LIBRARY [--starts N] [--steps N] [--seed S]

LIBRARY is tests/support/storage_faults.c, built. Prints its seed; --seed repeats its draws. Each start must end with a
code that docs/exit_codes.md has for what happened to it, leave no process, and lose no checkpoint."""

import argparse
import collections
import os
import random
import signal
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import kill_test
import storage_faults
from job import Job
from kill_test import expect, number_of_lines
from program import Program, checkpoints_of

DONE, NO_ROOM, IO, STOPPED, LOST = 0, 73, 74, 75, 76
KILLED_LAUNCHER = 137
FAULTS_IN_A_RUN = 8
MOST_STEPS = 60  # until something happens
MOST_CALLS = 4000  # of storage until it fails: some hundred steps
CARRIED = {"model.cell": "lstm", "model.bidirectional": "false", "model.layers": 2, "model.dropout": 0.2,
           "train.bptt_steps": 17}  # fmt: skip


class Soak(kill_test.Campaign):
    def __init__(self, program, folder, draws):
        super().__init__(program, folder, draws)
        self.starts = 0
        self.ends = collections.Counter()  # of (fault, exit code)

    def start(self, variant, run, settings=(), environment=()):
        """On ranks, threads and by a launcher of its own."""
        self.starts += 1
        ranks, launcher = self.draws.choice((1, 2, 2, 3, 4)), self.draws.choice(("mpirun", "local"))
        words = [*self.words(variant, run), "--set", f"train.threads={self.draws.choice((1, 1, 2))}"]
        words += [word for setting in ["train.stall_seconds=2", *settings] for word in ("--set", setting)]
        job = Job(self.program.path, words, ranks=ranks, launcher=launcher, environment=environment)
        job.by = launcher
        return job

    def steps_later(self, job, run):
        """After some steps of this start; false when it has ended before."""
        lines = number_of_lines(run) + self.draws.randrange(1, MOST_STEPS)
        return job.wait_for_handlers() and job.wait_until(lambda: number_of_lines(run) >= lines)

    def run_to_the_end(self, variant, faults):
        run = f"{self.folder}/run {self.starts} {variant}"
        for _ in range(faults):
            self.bad_day(self.draws.choice(BAD_DAYS), variant, run)
            if os.path.exists(f"{run}/done.json"):
                break
        job = self.start(variant, run)
        code, text = job.finish()
        expect(code == DONE, f"exit code {code} at the end:\n{text}")
        job.seconds_until_gone()
        self.compare(variant, run)
        junk = [name for _, _, names in os.walk(run) for name in names if name.startswith(".tmp-")]
        expect(not junk, f"left behind in {run}: {junk}")

    def bad_day(self, day, variant, run):
        before = checkpoints_of(run)[-1:]
        job, allowed, may_go_back = day(self, variant, run)
        code, text = job.finish()
        self.ends[day.__name__.replace("_", " "), code] += 1
        expect(code in allowed, f"{day.__name__}: exit code {code}, allowed {sorted(allowed)}:\n{text}")
        expect(code == DONE or text.strip(), f"{day.__name__}: ended with {code} and no word")
        job.seconds_until_gone()
        after = checkpoints_of(run)[-1:]
        expect(may_go_back or after >= before, f"{day.__name__}: checkpoint {before} was lost, {after} is there")

    def report(self):
        print(f"{self.starts} starts:")
        for (day, code), count in sorted(self.ends.items()):
            print(f"  {day}: {count} ended with {code}")


def killed(soak, variant, run):
    job = soak.start(variant, run)
    if soak.steps_later(job, run):
        target = soak.draws.choice(kill_test.TARGETS)
        for process in soak.victims(job, target):
            process.send(signal.SIGKILL)
    return job, {DONE, LOST, KILLED_LAUNCHER}, False


def killed_supervisor(soak, variant, run):
    job = soak.start(variant, run)
    if soak.steps_later(job, run):
        parents = [process.parent() for process in job.rank_processes().values()]
        if parents:
            os.kill(soak.draws.choice(sorted(parents)), signal.SIGKILL)
    return job, {DONE, LOST} if job.by == "local" else {DONE, LOST, KILLED_LAUNCHER}, False


def asked_by_signal(soak, variant, run):
    job = soak.start(variant, run)
    if soak.steps_later(job, run):
        ranks = job.rank_processes()
        victim = soak.draws.choice([job.launcher(), *(ranks[rank] for rank in sorted(ranks))])
        if victim:
            victim.send(signal.SIGUSR1)
    return job, {DONE, STOPPED}, False


def asked_by_file(soak, variant, run):
    job = soak.start(variant, run)
    stop = f"{run}/stop"
    if soak.steps_later(job, run):
        open(stop, "w").close()
        job.wait_until(lambda: False)  # so, to its end
    if os.path.exists(stop):  # the run was done before it saw it
        os.remove(stop)
    return job, {DONE, STOPPED}, False


def stopped_rank(soak, variant, run):
    job = soak.start(variant, run)
    if soak.steps_later(job, run):
        ranks = job.rank_processes()
        if ranks:
            ranks[soak.draws.choice(sorted(ranks))].send(signal.SIGSTOP)
    return job, {DONE, LOST}, False


def time_limit(soak, variant, run):
    seconds = soak.draws.choice((1, 2))
    return soak.start(variant, run, [f"train.time_limit={seconds}s"]), {DONE, STOPPED}, False


def failing_storage(soak, variant, run):
    act = soak.draws.choice(("EIO", "ENOSPC", "after:EIO", "short"))
    environment = storage_faults.environment(run, act, soak.draws.randrange(1, MOST_CALLS))
    return soak.start(variant, run, environment=environment.items()), {DONE, NO_ROOM, IO}, False


def full_disk(soak, variant, run):
    environment = storage_faults.environment(run, "ENOSPC", soak.draws.randrange(1, MOST_CALLS), lasting=True,
                                             operations="write")  # fmt: skip
    return soak.start(variant, run, environment=environment.items()), {DONE, NO_ROOM, IO}, False


def killing_storage(soak, variant, run):
    act = soak.draws.choice(("kill-before", "kill-after"))
    environment = storage_faults.environment(run, act, soak.draws.randrange(1, MOST_CALLS))
    return soak.start(variant, run, environment=environment.items()), {DONE, LOST}, False


def damaged_checkpoint(soak, variant, run):
    checkpoints = checkpoints_of(run)
    if len(checkpoints) > 1:  # without another one, nothing would be left to go on from
        path = f"{run}/checkpoints/{checkpoints[-1]}"
        size = os.path.getsize(path)
        with open(path, "r+b") as file:
            if soak.draws.random() < 0.5:
                file.truncate(soak.draws.randrange(size))
            else:
                file.seek(at := soak.draws.randrange(size))
                byte = file.read(1)[0]
                file.seek(at)
                file.write(bytes([byte ^ 1 << soak.draws.randrange(8)]))
    job, allowed, _ = asked_by_signal(soak, variant, run)
    return job, allowed, True


BAD_DAYS = (killed, killed, killed_supervisor, asked_by_signal, asked_by_file, stopped_rank, time_limit,
            failing_storage, failing_storage, full_disk, killing_storage, killing_storage, damaged_checkpoint)  # fmt: skip


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("lockstep")
    parser.add_argument("library")
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--steps", type=int, default=2000, help="of a run; 2000 take some seconds")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    arguments = parser.parse_args()
    storage_faults.LIBRARY = os.path.abspath(arguments.library)
    kill_test.VARIANTS += (CARRIED,)
    kill_test.STEPS = kill_test.COMMON["train.steps"] = arguments.steps
    print(f"seed {arguments.seed}", flush=True)
    draws = random.Random(arguments.seed)
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="lockstep soak ") as folder:
        soak = Soak(Program(os.path.abspath(arguments.lockstep)), folder, draws)
        variant = draws.randrange(len(kill_test.VARIANTS))
        while soak.starts < arguments.starts:
            soak.run_to_the_end(variant % len(kill_test.VARIANTS), min(FAULTS_IN_A_RUN, arguments.starts - 1))
            variant += 1
        soak.report()
    print(f"all ended as runs that nothing happened to; {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
