#!/usr/bin/env python3
"""lockstep predict and evaluate on 1, 2 and 3 ranks with 1 to 4 threads, more than the run has slots: the same
output to the byte, and one message for all ranks where something is wrong."""

import os
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import small_run
import whistled_speech
from build_parts import has_speech
from small_run import run_well

ENVIRONMENT = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   OMPI_MCA_mpi_yield_when_idle="1", OMPI_MCA_rmaps_base_oversubscribe="1",
                   OMPI_MCA_hwloc_base_binding_policy="none")  # fmt: skip
SHAPES = [(1, 1), (2, 4), (3, 2)]  # ranks, threads; the runs have 2 to 4 slots


def mpirun(ranks, *words):
    """Exit code, output and errors of all ranks."""
    command = ["mpirun", "-n", str(ranks), small_run.LOCKSTEP, *map(str, words)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


class OnRanks:
    """Verbs on all shapes. Has folder and run_folder."""

    def on_shapes(self, verb, *words, files=()):
        """The output, and the bytes of each option of `files`, are the same on all shapes; returns one of them."""
        found = []
        for ranks, threads in SHAPES:
            named = {option: self.folder / f"{self.id()}-{ranks}-{threads}{option}" for option in files}
            outputs = [word for pair in named.items() for word in pair]
            code, out, err = mpirun(ranks, verb, "--run", self.run_folder, *words, *outputs, "--threads", threads)
            self.assertEqual(code, 0, err)
            found.append((out if not files else "", [path.read_bytes() for path in named.values()]))
            self.assertEqual(found[0], found[-1], f"{ranks} ranks, {threads} threads")
        return found[0]

    def fails_once(self, code, message, *words):
        for ranks in (1, 3):
            found, _, err = mpirun(ranks, *words)
            self.assertEqual(found, code, err)
            self.assertEqual(err.count(message), 1, err)
            self.assertEqual(err.count("error:"), 1, err)


class Genomes(OnRanks, small_run.RunTest):
    def test_a_genome_gives_the_same_rows_and_logits(self):
        _, files = self.on_shapes("predict", "--fasta", self.folder / "genome.fa", "--features", "runs",
                                  files=("--out", "--logits"))  # fmt: skip
        self.assertGreater(len(files[0]), 100)

    def test_a_genome_gives_the_same_genes(self):
        outputs = ("--out", "--proteins", "--nucleotides", "--track")
        _, files = self.on_shapes("predict", "--fasta", self.folder / "genome.fa", files=outputs)
        self.assertIn(b"##sequence-region", files[0])
        self.assertIn(b"track type=bedGraph", files[3])

    def test_two_outputs_cannot_be_one_file(self):
        self.fails_once(64, "--out and --track name the same file", "predict", "--run", self.run_folder, "--fasta",
                        self.folder / "genome.fa", "--out", "same", "--track", "same")

    def test_a_split_gives_the_same_logits(self):
        self.on_shapes("predict", "--corpus", self.corpus, "--split", "train", files=("--logits",))

    def test_evaluate_gives_the_same_figures(self):
        figures = set()
        for ranks, threads in SHAPES:
            words = ("--run", self.run_folder, "--corpus", self.corpus, "--split", "train", "--threads", threads)
            code, out, err = mpirun(ranks, "evaluate", *words)
            self.assertEqual(code, 0, err)
            figures.add(out)
        self.assertEqual(len(figures), 1, figures)

    def test_a_bad_letter_far_on_ends_all_ranks_with_one_message(self):
        bad = self.folder / "bad.fa"
        bad.write_text(">a\n" + "".join(random.Random(1).choices("ACGT", k=50000)) + "\nAC!T\n")
        out = self.folder / "bad.gff3"
        self.fails_once(65, f"{bad}:3: column 3", "predict", "--run", self.run_folder, "--fasta", bad, "--out", out)
        self.assertFalse(out.exists())

    def test_a_missing_file_ends_all_ranks_with_one_message(self):
        self.fails_once(66, "no.fa: No such file", "predict", "--run", self.run_folder, "--fasta",
                        self.folder / "no.fa", "--out", self.folder / "no.gff3")  # fmt: skip

    def test_a_damaged_record_ends_all_ranks_with_one_message(self):
        shard = self.corpus / "train-00000.h5"
        whole = shard.read_bytes()
        self.addCleanup(shard.write_bytes, whole)
        small_run.flip_byte(shard, len(whole) // 2)
        words = ("--run", self.run_folder, "--corpus", self.corpus, "--split", "train")
        self.fails_once(65, "train-00000.h5", "evaluate", *words)

    def test_processes_that_do_not_know_each_other_are_refused(self):
        step = dict(ENVIRONMENT, SLURM_JOB_ID="7", SLURM_NTASKS="4", SLURM_STEP_NUM_TASKS="4", SLURM_PROCID="2")
        out = self.folder / "refused"
        for words in (("predict", "--run", self.run_folder, "--fasta", self.folder / "genome.fa", "--out", out),
                      ("evaluate", "--run", self.run_folder, "--corpus", self.corpus),
                      ("prepare", "dna", "--synthetic", 100000, "--out", out),
                      *([("prepare", "speech", "--synthetic", 10, "--out", out)] * has_speech(small_run.LOCKSTEP)),
                      ("check", "--corpus", self.corpus), ("inspect", self.corpus), ("verify", self.corpus)):
            done = subprocess.run([small_run.LOCKSTEP, *map(str, words)], env=step, capture_output=True, text=True)
            self.assertEqual(done.returncode, 64, done.stderr)
            self.assertIn("SLURM_STEP_NUM_TASKS is 4", done.stderr)
            self.assertFalse(out.exists(), words)

    def test_verbs_of_one_process_say_so_once_under_mpirun(self):
        out = self.folder / "parallel"
        for words in (("prepare", "dna", "--synthetic", 100000, "--out", out), ("verify", self.corpus)):
            code, _, err = mpirun(3, *words)
            self.assertEqual(code, 64, err)
            self.assertEqual(err.count("works in one process"), 1, err)
            self.assertFalse(out.exists())

    def test_a_second_import_into_a_folder_is_refused_while_the_first_lives(self):
        out = self.folder / "twice"
        words = [small_run.LOCKSTEP, "prepare", "dna", "--synthetic", "30000000", "--out", str(out)]
        first = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.addCleanup(first.wait)
        self.addCleanup(first.kill)
        lock = out / ".lock"
        while not lock.exists() or not lock.read_text():
            self.assertIsNone(first.poll())
        self.fails(64, "is being made by another process", *words[1:])
        first.kill()
        first.wait()
        run_well("prepare", "dna", "--synthetic", 100000, "--out", out)
        self.assertFalse(lock.exists())


class Recordings(OnRanks, unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not has_speech(small_run.LOCKSTEP):
            raise unittest.SkipTest("this build has no speech")
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        whistled_speech.make(cls.folder, "train", 40, 1)
        cls.names = list(whistled_speech.make(cls.folder, "test", 7, 2))
        cls.corpus, cls.run_folder = cls.folder / "corpus", cls.folder / "run"
        run_well("prepare", "speech", "--manifest", cls.folder / "train.tsv", "--test-manifest",
                 cls.folder / "test.tsv", "--mel-bins", 23, "--out", cls.corpus)  # fmt: skip
        settings = {"model.hidden_size": 16, "data.stack": 4, "data.stride": 3, "batch.sequences": 8, "batch.slots": 2}
        run_well("train", "--corpus", cls.corpus, "--run", cls.run_folder, "--steps", 30,
                 *(word for key, value in settings.items() for word in ("--set", f"{key}={value}")))  # fmt: skip
        (cls.folder / "words.txt").write_text("\n".join(whistled_speech.WORDS) + "\n")
        cls.wavs = [str(cls.folder / f"{name}.wav") for name in cls.names]

    def predict(self, *words, **more):
        command = [small_run.LOCKSTEP, "predict", "--run", str(self.run_folder), *map(str, words)]
        done = subprocess.run(command, capture_output=True, text=True, **more)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_recordings_give_the_same_words_and_times(self):
        self.on_shapes("predict", "--audio", *self.wavs, "--format", "jsonl", files=("--out",))

    def test_a_split_gives_the_same_words_with_a_word_list(self):
        self.on_shapes("predict", "--corpus", self.corpus, "--words", self.folder / "words.txt", files=("--out",))

    def test_a_list_a_manifest_and_standard_input_name_the_same_recordings(self):
        named = self.predict("--audio", *self.wavs)
        names = self.folder / "names.txt"
        names.write_text("\r\n".join(self.wavs) + "\n\n")
        self.assertEqual(self.predict("--audio-list", names), named)
        self.assertEqual(self.predict("--audio", "-", input="\n".join(self.wavs)), named)
        self.assertEqual(self.predict("--audio", "-", input="\ufeff" + "\r".join(self.wavs)), named)
        found = self.predict("--manifest", self.folder / "test.tsv")
        self.assertEqual([line.split("\t")[1:] for line in found.splitlines()],
                         [line.split("\t")[1:] for line in named.splitlines()])  # fmt: skip

    def test_evaluate_gives_the_same_rates(self):
        for decoder in ((), ("--words", self.folder / "words.txt")):
            outputs = set()
            for ranks, threads in SHAPES:
                words = ("--run", self.run_folder, "--corpus", self.corpus, "--threads", threads, *decoder)
                code, out, err = mpirun(ranks, "evaluate", *words)
                self.assertEqual(code, 0, err)
                outputs.add(out)
            self.assertEqual(len(outputs), 1, outputs)


if __name__ == "__main__":
    small_run.main()
