"""Which files ranks open. What all ranks need is read by rank 0 alone, steps and validations after the first
epoch open none, and what rank 0 cannot read ends all ranks with one message and one exit code.

    tests/program/opened_files_test.py build/release/lockstep build/release/tests/libstorage_faults.so
"""

import collections
import os
import re
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import storage_faults
from program import ENVIRONMENT, Program, state_of

PROGRAM = None
RANKS = 3
SHARD_BYTES = 12000  # about 90 samples of 64 bases
# Each rank with a record of its own; its exit code is kept, which mpirun tells of one rank only. No rank leaves before
# all codes are there (for 20 s at most), because mpirun kills the others when the first one has failed.
RANK = """
trap : TERM
rank=$OMPI_COMM_WORLD_RANK
rm -f "$0.$rank.code"
export FAULTS_RECORD="$0.$rank"
"$@"
code=$?
echo $code > "$0.$rank.code"
turn=0
while [ "$(ls "$0".*.code | wc -l)" -lt "$OMPI_COMM_WORLD_SIZE" ] && [ $turn -lt 200 ]; do
  sleep 0.1
  turn=$((turn + 1))
done
exit $code
"""


class OpenedFilesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(dir="/var/tmp")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = holder.name
        cls.corpus = f"{cls.folder}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 60000, "--window", 64, "--shard-bytes", SHARD_BYTES, "--out", cls.corpus)
        cls.shards = len([name for name in os.listdir(cls.corpus) if name.startswith("train-")])
        assert cls.shards >= 8, cls.shards

    def words(self, run, epochs, *settings):
        words = ["train", "--corpus", self.corpus, "--run", f"{self.folder}/{run}"]
        for setting in (f"train.epochs={epochs}", "model.hidden_size=8", "batch.sequences=64", "batch.slots=8", *settings):
            words += ["--set", setting]
        return words

    def start(self, words, base, environment, code=0, ranks=RANKS):
        """Runs `lockstep words` on some ranks; what it says. `base`: of the records' paths."""
        command = ["mpirun", "-n", str(ranks), "sh", "-c", RANK, f"{self.folder}/{base}", PROGRAM.path, *words]
        done = subprocess.run(command, env=ENVIRONMENT | environment, capture_output=True, text=True, timeout=100, check=False)
        self.assertEqual(done.returncode, code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    def opened(self, words, base):
        """For each rank how often it opened which file of the corpus."""
        self.start(words, base, storage_faults.recording(self.corpus, f"{self.folder}/launcher.opened"))
        found = []
        for rank in range(RANKS):
            with open(f"{self.folder}/{base}.{rank}") as record:
                paths = re.findall(r"^open .* (\S+)$", record.read(), re.MULTILINE)
            found.append(collections.Counter(os.path.basename(path) for path in paths))
        return found

    def train(self, name, epochs, *settings):
        return self.opened(self.words(name, epochs, *settings), f"{name}.opened")

    def test_no_file_is_opened_twice_in_four_epochs_with_validations(self):
        found = self.train("epochs", 4, "validation.every=5")
        for number, rank in enumerate(found):
            self.assertEqual(max(rank.values()), 2 if number == 0 else 1, rank)  # rank 0: for the tables, too
            shards = [name for name in rank if name.startswith("train")]
            self.assertGreaterEqual(len(shards), self.shards - 1)  # the last one is small
            self.assertIn("valid-00000.h5", rank)

    def test_nor_with_several_windows_where_rank_0_reads_tables_beside(self):
        settings = ("data.window_sequences=200", "validation.every=5")
        found = self.train("windows", 4, *settings)
        for rank in found[1:]:
            self.assertEqual(set(rank.values()), {1}, rank)
        # For their records once, for their tables at most once in each epoch.
        self.assertLessEqual(max(found[0].values()), 1 + 5)
        self.assertGreater(max(found[0].values()), 1)
        self.assertEqual(self.hash_of("windows"), self.hash_alone("windows", 4, *settings))

    def hash_of(self, run):
        return state_of(f"{self.folder}/{run}")["parameters_hash"]

    def hash_alone(self, run, epochs, *settings):
        PROGRAM.run(*self.words(f"{run}-alone", epochs, *settings))
        return self.hash_of(f"{run}-alone")

    def test_rank_0_alone_opens_what_all_need(self):
        words = self.words("index", 1)
        evaluate = ["evaluate", "--run", f"{self.folder}/index", "--corpus", self.corpus]
        check = ["check", "--corpus", self.corpus, "--set", "model.hidden_size=8", "--steps", "1"]
        for base, verb in (("train", words), ("evaluate", evaluate), ("check", check)):
            found = self.opened(verb, f"index.{base}")
            self.assertEqual([rank["corpus.json"] for rank in found], [1, 0, 0], verb)

    def fail_to_read(self, only, act, code, words):
        """All ranks end with this code when rank 0 fails to read; what is said."""
        plan = storage_faults.environment(self.corpus, act, 1, lasting=True, operations="read", only=only, rank=0)
        base = f"failed-{only}-{act}"
        text = self.start(words, base, plan, code)
        for rank in range(RANKS):
            with open(f"{self.folder}/{base}.{rank}.code") as file:
                self.assertEqual(int(file.read()), code, text)
        self.assertEqual(text.count("error:"), 1, text)
        return text

    def test_what_rank_0_cannot_read_is_told_by_all_alike(self):
        words = self.words("failed", 1)
        text = self.fail_to_read("corpus.json", "EIO", 74, words)
        self.assertRegex(text, "corpus.json.*Input/output error")
        text = self.fail_to_read("train-00003.h5", "EIO", 74, words)
        self.assertRegex(text, r"rank 0 on \S+, which reads the tables for all: .*train-00003.h5.*Input/output error")

    def test_nor_tables_of_a_later_window(self):
        for shard in range(self.shards - 1):
            words = self.words(f"later{shard}", 1, "data.window_sequences=200", "log.every=1")
            text = self.fail_to_read(f"train-{shard:05}.h5", "EIO", 74, words)
            self.assertRegex(text, rf"rank 0 on \S+, which reads the tables for all: .*train-{shard:05}.h5")

    def test_damaged_tables_are_told_by_all_alike(self):
        path = f"{self.corpus}/train-00002.h5"
        with open(path, "rb") as file:
            whole = file.read()
        self.addCleanup(lambda: self.write(path, whole))
        self.write(path, bytes([whole[0] ^ 1]) + whole[1:])
        text = self.start(self.words("damaged", 1), "damaged", {}, 65)
        self.assertRegex(text, r"rank 0 on \S+, which reads .*train-00002.h5: tables and headers")
        for rank in range(RANKS):
            with open(f"{self.folder}/damaged.{rank}.code") as file:
                self.assertEqual(file.read(), "65\n", text)

    def write(self, path, content):
        with open(path, "wb") as file:
            file.write(content)


if __name__ == "__main__":
    PROGRAM, storage_faults.LIBRARY = (os.path.abspath(sys.argv.pop(1)) for _ in range(2))
    PROGRAM = Program(PROGRAM)
    unittest.main()
