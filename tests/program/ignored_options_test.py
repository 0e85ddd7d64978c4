#!/usr/bin/env python3
"""Options and files that would have no effect are refused by name, and predict leaves nothing when it is ended."""

import random
import signal
import subprocess
import time

import small_run
from small_run import run_well


class IgnoredOptionsTest(small_run.RunTest):
    def setUp(self):
        self.genome = ("--fasta", self.folder / "genome.fa", "--gff", self.folder / "genome.gff")
        self.split = ("evaluate", "--run", self.run_folder, "--corpus", self.corpus)

    def test_genes_of_a_file_are_those_of_its_cds_rows(self):
        found = run_well("evaluate", "--genes", self.folder / "genome.gff", *self.genome)
        self.assertIn("against", found)
        rows = (self.folder / "genome.gff").read_text()
        for name, text in (("empty", ""), ("gene", rows.replace("\tCDS\t", "\tgene\t"))):
            path = self.folder / f"{name}.gff"
            path.write_text(text)
            self.fails(65, f"{name}.gff: has no CDS row", "evaluate", "--genes", path, *self.genome)

    def test_genes_of_a_file_need_no_model(self):
        words = ("evaluate", "--genes", self.folder / "genome.gff", *self.genome)
        for option in ("min-length", "window", "overlap", "strands", "genetic-code", "circular", "checkpoint", "average",
                       "weights"):  # fmt: skip
            self.fails(64, f"--{option} goes with --run", *words, f"--{option}", 3)
        self.fails(64, "--ensemble goes with --run", *words, "--ensemble", self.run_folder)
        self.fails(64, '--beam is for corpora of kind "', *words, "--beam", 3)

    def test_a_split_has_no_options_of_genes(self):
        for option in ("test", "test-records", "genes", "fasta", "window", "overlap", "strands", "min-length",
                       "genetic-code", "circular"):  # fmt: skip
            self.fails(64, f"--{option} goes with --gff, not with a split", *self.split, f"--{option}", 1)

    def test_a_run_is_no_corpus(self):
        self.fails(64, "the folder holds a run and no corpus", "evaluate", "--run", self.run_folder, "--corpus",
                   self.run_folder)  # fmt: skip

    def test_there_is_one_thing_to_predict(self):
        self.fails(64, "--corpus and --fasta exclude each other", "predict", "--run", self.run_folder, "--corpus",
                   self.corpus, "--fasta", self.folder / "genome.fa", "--out", self.folder / "no")  # fmt: skip

    def test_threads_have_a_limit(self):
        self.fails(64, "--threads is 4097; allowed are at most 4096", *self.split, "--threads", 4097)
        self.fails(64, "--threads is 4097; allowed are at most 4096", "predict", "--run", self.run_folder, "--fasta",
                   self.folder / "genome.fa", "--out", self.folder / "no", "--threads", 4097)  # fmt: skip

    def test_parts_of_no_run_are_not_taken(self):
        self.fails(64, "there is no run to take these parameters from", "train", "--corpus", self.corpus, "--run",
                   self.folder / "parts", "--steps", 1, "--set", "train.start_parts=rnn.*")  # fmt: skip

    def test_a_signal_removes_unfinished_files(self):
        draw = random.Random(3)
        fasta = self.folder / "long.fa"
        fasta.write_text(">long\n" + "".join(draw.choices("ACGT", k=3_000_000)) + "\n")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            program = subprocess.Popen([small_run.LOCKSTEP, "predict", "--run", self.run_folder, "--fasta", fasta,
                                        "--out", self.folder / "out.gff3"], stderr=subprocess.DEVNULL)  # fmt: skip
            deadline = time.monotonic() + 60
            while not list(self.folder.glob(".tmp-*out.gff3")) and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(0.1)
            program.send_signal(number)
            self.assertEqual(program.wait(timeout=60), -number)
            self.assertEqual(list(self.folder.glob(".tmp-*")), [])


if __name__ == "__main__":
    small_run.main()
