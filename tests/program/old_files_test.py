"""Corpora and runs of release 0.1.0 stay readable: whole, evaluated with the same figures, trained on to the same bits.

    tests/program/old_files_test.py build/release/lockstep [NAMES OF TESTS]

fixtures/release-0.1.0 was written by that release: dna_corpus (format 1) and speech_corpus (format 2) by the commands
of this file, dna_run and speech_run by three steps with SETTINGS. What a run does not need to go on (its log, the file
of its configuration, its lock) is left out. The files are never written again by a newer program: they are the proof.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
from build_parts import has_speech
from program import ENVIRONMENT, flags_of_processor
from speech_corpus import prepare_words

FILES = HERE / "fixtures" / "release-0.1.0"
KINDS = ["dna", "speech"]
SAVED, LAST = 3, 8  # the step of the checkpoints, and the one they are trained to
PREPARE_DNA = ["prepare", "dna", "--synthetic", 640, "--seed", 1, "--window", 32, "--train", "1-512",
               "--valid", "513-640", "--out", "dna_corpus"]  # fmt: skip
SPEECH_TEXTS = ["go", "no"]

COMMON = ["numerics.isa=avx2", "model.hidden_size=3", "model.bidirectional=false", "batch.slots=2", "log.every=1",
          "checkpoint.every=3", "validation.every=3", "schedule.learning_rate=0.01"]  # fmt: skip
SETTINGS = {
    "dna": [*COMMON, "model.cell=gru", "model.embedding_size=3", "model.dropout=0.2", "batch.sequences=4"],
    "speech": [*COMMON, "model.cell=lstm", "model.conv_channels=3", "data.stack=3", "data.stride=2",
               "augment.noise=0.1", "optimizer.name=sgd", "batch.sequences=2"],
}  # fmt: skip
# Printed by release 0.1.0: the hashes of the checkpoints, and those of eight steps without a stop.
SAVED_HASH = {"dna": "fad812dbde210ab58e9c1393656c08cc", "speech": "1f71f52ef80dca63544a609f8b2ea150"}
LAST_HASH = {"dna": "f38e1aeafb548cc2dc832a73be4cc493", "speech": "65765ab3383e5159411bfbf3e47aa4d9"}
LOSS = {"dna": "1.482224688399583", "speech": "3.3026860945426666"}  # of the newest checkpoint on the split "train"
LOCKSTEP = None  # path of the program; set by main


class OldFiles(unittest.TestCase):
    """Each test has a copy of the old files, and runs the program in the folder that holds them."""

    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)
        shutil.copytree(FILES, self.folder, dirs_exist_ok=True)

    def run_well(self, *words, ranks=0):
        launcher = ["mpirun", "-n", str(ranks)] if ranks else []
        command = [*launcher, LOCKSTEP, *map(str, words)]
        done = subprocess.run(command, cwd=self.folder, env=ENVIRONMENT, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.returncode, 0, f"{' '.join(command)}\n{done.stdout}{done.stderr}")
        return done.stdout

    def hash_of(self, kind):
        return self.run_well("inspect", f"{kind}_run", "--field", "parameters_hash").strip()

    def train(self, kind, ranks=0):
        settings = [word for setting in SETTINGS[kind] for word in ("--set", setting)]
        self.run_well("train", "--corpus", f"{kind}_corpus", "--run", f"{kind}_run", "--steps", LAST, *settings,
                      ranks=ranks)  # fmt: skip

    def check_resume(self, ranks):
        for kind in KINDS:
            metrics = self.folder / f"{kind}_run" / "metrics.jsonl"
            before = metrics.read_bytes()
            self.train(kind, ranks)
            self.assertEqual(self.hash_of(kind), LAST_HASH[kind])
            # A run that was begun anew would come to the same hash, with other times in its metrics.
            self.assertEqual(metrics.read_bytes()[:len(before)], before, f"{kind}_run was not resumed")

    def check_same_bytes(self, kind):
        old, new = FILES / f"{kind}_corpus", self.folder / f"{kind}_corpus"
        self.assertEqual(sorted(os.listdir(new)), sorted(os.listdir(old)))
        for file in old.iterdir():
            self.assertTrue((new / file.name).read_bytes() == file.read_bytes(), f"{file.name} has other bytes")

    def test_corpora_and_runs_are_found_whole(self):
        for kind in KINDS:
            for what in (f"{kind}_corpus", f"{kind}_run"):
                lines = self.run_well("verify", what).splitlines()
                self.assertIn(f"{what}/corpus.json: ok", lines)
                self.assertTrue(all(line.endswith(": ok") for line in lines), lines)

    def test_corpora_say_their_formats(self):
        for kind, version in zip(KINDS, (1, 2)):
            index = json.loads((FILES / f"{kind}_corpus" / "corpus.json").read_text())
            self.assertEqual(index["format_version"], version)
            self.assertEqual(self.run_well("inspect", f"{kind}_corpus", "--field", "hash").strip(), index["hash"])

    def test_checkpoints_have_the_parameters_that_were_saved(self):
        for kind in KINDS:
            self.assertEqual(self.run_well("inspect", f"{kind}_run", "--field", "step").strip(), str(SAVED))
            self.assertEqual(self.hash_of(kind), SAVED_HASH[kind])

    def test_runs_are_evaluated_with_the_same_loss(self):
        for kind in KINDS:
            text = self.run_well("evaluate", "--run", f"{kind}_run", "--corpus", f"{kind}_corpus", "--split", "train",
                                 "--checkpoint", "newest", "--json")  # fmt: skip
            self.assertEqual(json.loads(text, parse_float=str)["loss"], LOSS[kind])

    def test_runs_are_resumed_to_the_bits_of_a_run_without_a_stop(self):
        self.check_resume(ranks=0)

    def test_runs_are_resumed_on_two_ranks_to_the_same_bits(self):
        self.check_resume(ranks=2)

    def test_runs_begun_anew_come_to_the_same_bits(self):
        for kind in KINDS:
            shutil.rmtree(self.folder / f"{kind}_run")
            self.train(kind)
            self.assertEqual(self.hash_of(kind), LAST_HASH[kind])

    def test_corpora_are_written_with_the_same_bytes(self):
        for kind in KINDS:
            shutil.rmtree(self.folder / f"{kind}_corpus")
        self.run_well(*PREPARE_DNA)
        if "speech" in KINDS:
            words = prepare_words(self.folder, "speech_corpus", SPEECH_TEXTS)
            self.run_well(*(os.path.relpath(w, self.folder) if isinstance(w, pathlib.Path) else w for w in words))
        for kind in KINDS:
            self.check_same_bytes(kind)


def main():
    global LOCKSTEP
    if len(sys.argv) < 2:
        sys.exit("give the path of the program: tests/program/old_files_test.py build/release/lockstep")
    LOCKSTEP = str(pathlib.Path(sys.argv.pop(1)).resolve())
    if not has_speech(LOCKSTEP):
        KINDS.remove("speech")
    missing = {"avx2", "fma"} - set(flags_of_processor())
    if missing:
        print(f"skipped: the old runs are of AVX2, and this processor has no {' and no '.join(sorted(missing))}")
        sys.exit(77)
    unittest.main(verbosity=2)


if __name__ == "__main__":
    main()
