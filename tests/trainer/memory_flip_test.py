"""A bit that flips again and again in the memory of one rank of a running job ends it with 76 and names the rank; the same command
then goes on to the bits of an undisturbed run. The bit is in the embedding of a symbol that the corpus does not hold:
its values never change, so they can be found in the rank's memory."""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import program
from program import Program, metrics_of, parameters_of, state_of

CONFIG = """
[model]
hidden_size = 24
embedding_size = 6
[batch]
sequences = 16
[train]
check_period = 1
steps = {steps}
[validation]
every = 1000000
[checkpoint]
every = 50
keep = 0
[log]
every = 100
"""
STEPS = 600


def ranks_of(run):
    """Process ids by rank of the training of a run."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
            if not words[0].endswith(b"lockstep") or run.encode() not in words:
                continue
            with open(f"/proc/{pid}/environ", "rb") as file:
                variables = dict(item.split(b"=", 1) for item in file.read().split(b"\0") if b"=" in item)
            found[int(variables[b"OMPI_COMM_WORLD_RANK"])] = int(pid)
        except (OSError, KeyError):
            continue  # it has ended, or is the launcher
    return found


def flip_everywhere(pid, pattern):
    """Flips the lowest bit of the first byte wherever a process holds `pattern`; returns how often."""
    flips = 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "r+b", buffering=0) as memory:
        for line in maps:
            words = line.split()
            if not words[1].startswith("rw") or (len(words) > 5 and words[5] != "[heap]"):
                continue
            begin, end = (int(word, 16) for word in words[0].split("-"))
            try:
                memory.seek(begin)
                data = memory.read(end - begin)
            except OSError:
                continue
            at = data.find(pattern)
            while at >= 0:
                memory.seek(begin + at)
                memory.write(bytes([pattern[0] ^ 1]))
                flips += 1
                at = data.find(pattern, at + 1)
    return flips


class MemoryFlipTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with open(f"{self.folder}/config.toml", "w") as file:
            file.write(CONFIG.format(steps=STEPS))
        PROGRAM.run("prepare", "dna", "--synthetic", 4000, "--window", 50, "--out", f"{self.folder}/corpus")

    def words(self, run):
        return ["train", "--config", f"{self.folder}/config.toml", "--corpus", f"{self.folder}/corpus",
                "--run", f"{self.folder}/{run}"]  # fmt: skip

    def wait_for_checkpoint(self, process, run):
        deadline = time.monotonic() + 60
        while not program.checkpoints_of(run):
            self.assertIsNone(process.poll(), "the run ended early")
            self.assertLess(time.monotonic(), deadline, "no checkpoint within 60 s")
            time.sleep(0.02)

    # A copy of a parameter that is changed after a step has used it is overwritten before the next one does.
    def flip_until_it_ends(self, process, pid, pattern):
        flips = 0
        deadline = time.monotonic() + 120
        while process.poll() is None:
            self.assertLess(time.monotonic(), deadline, "neither found nor done")
            try:
                flips += flip_everywhere(pid, pattern)
            except OSError:
                break  # the rank has ended
            time.sleep(0.01)
        self.assertGreater(flips, 0)

    def disturb(self, rank):
        """Trains on 3 ranks and flips a bit on one of them; gives the exit code and what was said."""
        run = f"{self.folder}/disturbed{rank}"
        command = ["mpirun", "-n", "3", PROGRAM.path, *self.words(f"disturbed{rank}")]
        process = subprocess.Popen(
            command, env=program.ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            start_new_session=True)  # fmt: skip
        self.addCleanup(process.stdout.close)
        try:
            self.wait_for_checkpoint(process, run)
            pattern = parameters_of(run)["embedding.weight"][-1].tobytes()
            self.flip_until_it_ends(process, ranks_of(run)[rank], pattern)
            text, _ = process.communicate(timeout=60)
            return process.returncode, text
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)

    def test_a_flipped_bit_is_found_and_the_resumed_run_is_the_undisturbed_one(self):
        PROGRAM.run(*self.words("whole"), ranks=2)
        whole = f"{self.folder}/whole"
        for rank in RANKS:
            with self.subTest(rank=rank):
                code, text = self.disturb(rank)
                self.assertEqual(code, 76, text)
                error = next(line for line in text.splitlines() if "lockstep: error: " in line)
                for each in range(3):
                    self.assertEqual(f"rank {each} (" in error, each == rank, error)
                run = f"{self.folder}/disturbed{rank}"
                self.assertLess(state_of(run)["step"], STEPS)
                PROGRAM.run(*self.words(f"disturbed{rank}"), ranks=2)
                self.assertEqual(state_of(run)["parameters_hash"], state_of(whole)["parameters_hash"])
                self.assertEqual(metrics_of(run), metrics_of(whole))


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    RANKS = range(3) if "--all-ranks" in sys.argv else [1]
    sys.argv = [word for word in sys.argv if word != "--all-ranks"]
    unittest.main(verbosity=2)
