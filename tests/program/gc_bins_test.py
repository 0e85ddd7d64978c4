#!/usr/bin/env python3
"""prepare dna --gc-bins: a genome whose sequences differ in GC content is read as its corpus is, on any number of ranks
and from both strands; corpora and runs that do not fit each other are refused."""

import json

import small_run
from predict_ranks_test import mpirun
from predict_test import logits_of
from small_run import NEEDS_H5PY, OVERLAP, WINDOW, h5py, run_well

BINS = 4
LETTERS = "ACGTN"


class GcBinsTest(small_run.RunTest):
    @classmethod
    def make_corpus(cls):
        small_run.make_mixed_genome(cls.folder)
        cls.said = cls.prepare("corpus", "--gc-bins", BINS)

    @classmethod
    def prepare(cls, out, *more, window=WINDOW, overlap=OVERLAP):
        return run_well("prepare", "dna", "--fasta", cls.folder / "mixed.fa", "--gff", cls.folder / "mixed.gff",
                        "--out", cls.folder / out, "--window", window, "--overlap", overlap, *more)  # fmt: skip

    def sequences(self):
        """The sequences of mixed.fa by name."""
        records = (self.folder / "mixed.fa").read_text().split(">")[1:]
        return {record.split()[0]: "".join(record.split("\n")[1:]) for record in records}

    def predict(self, name, *more, fasta="mixed.fa", window=WINDOW):
        logits = self.folder / f"{name}.h5"
        run_well("predict", "--run", self.run_folder, "--fasta", self.folder / fasta, "--logits", logits, "--out",
                 self.folder / f"{name}.gff3", "--features", "runs", "--window", window, "--overlap", OVERLAP, *more)
        return logits

    def bin_of(self, bases):
        """The bin that --gc-bins 4 gives a sequence, before rare bins are joined."""
        known = [base for base in bases if base != "N"]
        if not known:
            return BINS // 2
        share = sum(base in "CG" for base in known) / len(known)
        return min(BINS - 1, max(0, int((share - 0.25) * 2 * BINS)))

    @NEEDS_H5PY
    def test_ids_are_those_of_the_rule(self):
        # Sequences are cut apart, so a window as long as the longest one has a whole sequence.
        self.prepare("whole", "--like", self.run_folder, "--train", "1-", window=20000, overlap=0)
        bins = json.loads((self.run_folder / "corpus.json").read_text())["task"]["gc_bins"]
        self.assertEqual(len(bins), BINS)
        with h5py.File(self.folder / "whole" / "train-00000.h5") as shard:
            offsets, inputs = shard["offsets"][()], shard["inputs"][()]
        found = [list(inputs[begin:end]) for begin, end in zip(offsets, offsets[1:])]
        wanted = [[LETTERS.index(base) + 5 * bins[self.bin_of(bases)] for base in bases]
                  for bases in self.sequences().values()]  # fmt: skip
        self.assertEqual(found, wanted)
        self.assertGreater(len({ids[0] // 5 for ids in found}), 1, "sequences of several bins")

    @NEEDS_H5PY
    def test_logits_of_a_genome_are_those_of_its_corpus(self):
        self.prepare("all", "--like", self.run_folder, "--test", "1-")
        of_corpus = self.folder / "all.h5"
        run_well("predict", "--run", self.run_folder, "--corpus", self.folder / "all", "--logits", of_corpus)
        with h5py.File(self.predict("genome", "--strands", "one")) as genome, h5py.File(of_corpus) as corpus:
            self.assertEqual(list(genome["offsets"]), list(corpus["offsets"]))
            for i, (first, second) in enumerate(zip(logits_of(genome), logits_of(corpus))):
                self.assertTrue((first == second).all(), f"window {i}")
        run_well("evaluate", "--run", self.run_folder, "--corpus", self.folder / "all")

    @NEEDS_H5PY
    def test_both_strands_of_a_genome_give_the_same_scores(self):
        lines = [f">{name}\n{bases[::-1].translate(str.maketrans('ACGT', 'TGCA'))}\n"
                 for name, bases in self.sequences().items()]  # fmt: skip
        (self.folder / "other.fa").write_text("".join(lines))
        turn = [0, 2, 1]  # the classes of the other strand
        both, other = (self.predict(f"strands-{fasta}", "--strands", "both", fasta=fasta, window=20000)
                       for fasta in ("mixed.fa", "other.fa"))  # fmt: skip
        with h5py.File(both) as first, h5py.File(other) as second:
            for plus, minus in zip(logits_of(first), logits_of(second)):
                self.assertTrue((plus == minus[::-1, turn]).all())

    def test_the_same_genes_on_any_number_of_ranks(self):
        words = ("--run", self.run_folder, "--fasta", self.folder / "mixed.fa")
        found, figures = set(), set()
        for ranks in (1, 2, 3):
            paths = [self.folder / f"genes-{ranks}.{kind}" for kind in ("gff3", "fa", "bedgraph")]
            outputs = [word for pair in zip(("--out", "--nucleotides", "--track"), paths) for word in pair]
            code, _, err = mpirun(ranks, "predict", *words, *outputs)
            self.assertEqual(code, 0, err)
            found.add(tuple(path.read_bytes() for path in paths))
        for ranks in (1, 3):
            code, out, err = mpirun(ranks, "evaluate", *words, "--gff", self.folder / "mixed.gff", "--json")
            self.assertEqual(code, 0, err)
            figures.add(out)
        self.assertEqual(len(found), 1)
        self.assertEqual(len(figures), 1, figures)
        gff = found.pop()[0].decode()
        self.assertIn("##sequence-region gap 1 150", gff)

    def test_corpus_and_run_are_verified(self):
        run_well("verify", self.corpus)
        run_well("verify", self.run_folder)

    def test_it_says_which_shares_are_trained_on(self):
        self.assertIn("training bases by the GC share of their sequence in percent: gc<37.5 3000, ", self.said)

    def test_options_that_do_not_go_together_are_refused(self):
        files = ("--fasta", self.folder / "mixed.fa", "--gff", self.folder / "mixed.gff", "--out", self.folder / "no")
        for code, message, *more in (
            (64, "--gc-bins is 1; allowed are 0 (off) and 2 to 50", "--gc-bins", 1),
            (64, "--gc-bins is 51;", "--gc-bins", 51),
            (64, "--gc-bins does not go with --like", "--gc-bins", 4, "--like", self.run_folder),
            (64, "--labels does not go with --like", "--labels", "frame", "--like", self.run_folder),
            (66, "has no corpus.json", "--like", self.folder),
            (64, "not with --task classify", "--task", "classify", "--gc-bins", 4),
        ):
            self.fails(code, message, "prepare", "dna", *files, *more)
        self.fails(64, "--gc-bins does not go with --synthetic", "prepare", "dna", "--synthetic", 1000, "--gc-bins", 4,
                   "--out", self.folder / "no")  # fmt: skip
        self.assertFalse((self.folder / "no").exists())

    def test_corpora_of_another_rule_are_refused(self):
        self.prepare("plain")
        self.prepare("other", "--gc-bins", BINS, "--test", "3001-", "--train", "1-3000")
        evaluate = ("evaluate", "--run", self.run_folder, "--corpus")
        self.fails(64, f"prepare the corpus again with --like {self.run_folder}", *evaluate, self.folder / "plain")
        self.fails(64, f"prepare the corpus again with --like {self.run_folder}", *evaluate, self.folder / "other")
        # Bases in bins have names of their own, so of the embedding nothing can be taken.
        sizes = [f"model.{key}={small_run.CONFIG[f'model.{key}']}" for key in ("hidden_size", "embedding_size")]
        sets = [word for key in (*sizes, f"train.start_from={self.run_folder}") for word in ("--set", key)]
        run_well("train", "--corpus", self.folder / "plain", "--run", self.folder / "started", "--steps", 1, *sets)
        self.assertIn("drawn anew: embedding.weight", (self.folder / "started" / "log.txt").read_text())


if __name__ == "__main__":
    small_run.main()
