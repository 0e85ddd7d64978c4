"""Proteins from files to states: the same bits on 1, 2 and 3 ranks and across a stop, with both heads; figures that
agree with those computed here from the predictions; proteins and their coding DNA alike; and wrong input."""

import json
import os
import random
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import Program

RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
HELIX, STRAND = set("AELMQKRH"), set("VIYCWFT")
CODONS = dict(zip(RESIDUES, ("GCT TGC GAT GAA TTC GGT CAC ATC AAA CTG ATG AAC CCG CAG CGT AGC ACC GTT TGG TAT").split()))
SETTINGS = [word for setting in (
    "model.hidden_size=12", "model.embedding_size=6", "batch.sequences=8", "batch.slots=5", "train.seed=3",
    "schedule.learning_rate=0.02", "checkpoint.every=7", "validation.every=10", "log.every=1", "model.dropout=0.1",
    ) for word in ("--set", setting)]  # fmt: skip


def protein(number):
    """A protein and its states, by the majority of kinds among a residue and its neighbours."""
    draw = random.Random(number)
    residues = "M" + "".join(draw.choice(RESIDUES) for _ in range(draw.randrange(1, 40)))
    states = ""
    for i in range(len(residues)):
        near = residues[max(0, i - 1) : i + 2]
        helix, strand = (sum(r in kind for r in near) for kind in (HELIX, STRAND))
        states += "H" if helix > 1 else "E" if strand > 1 else "C"
    return residues, states


PROTEINS = [(f"p{n}", *protein(n)) for n in range(80)]


def fasta(rows):
    return [f">{name}\n{letters}\n" for name, letters in rows]


class ProteinTest(CorpusCase):
    settings = SETTINGS

    def write_flip(self, change=lambda name, residues, states, mask: (residues, states, mask)):
        """The files as FLIP keeps them: the first residue of each protein does not count."""
        rows = [(name, *change(name, residues, states, "0" + "1" * (len(residues) - 1)))
                for name, residues, states in PROTEINS]  # fmt: skip
        kind = lambda n: "test" if n >= 60 else "train"
        self.write("s.fa", fasta((name, residues) for name, residues, _, _ in rows))
        self.write("l.fa", [f">{name} SET={kind(n)} VALIDATION={50 <= n < 60}\n{states}\n"
                            for n, (name, _, states, _) in enumerate(rows) if states])  # fmt: skip
        self.write("m.fa", fasta((name, mask) for name, _, _, mask in rows))
        return ["--sequences", f"{self.folder}/s.fa", "--labels", f"{self.folder}/l.fa", "--mask",
                f"{self.folder}/m.fa"]  # fmt: skip

    def prepare(self, *files, out="corpus", code=0):
        return PROGRAM.run("prepare", "protein", *(files or self.write_flip()), "--out", f"{self.folder}/{out}",
                           code=code)  # fmt: skip

    def predict(self, name, *more, fasta="s.fa", run="run", ranks=0, code=0):
        text = PROGRAM.run("predict", "--run", f"{self.folder}/{run}", "--fasta", f"{self.folder}/{fasta}", "--out",
                           f"{self.folder}/{name}", "--checkpoint", "newest", *more, ranks=ranks, code=code)  # fmt: skip
        return text if code else self.read(name)

    def read(self, name):
        with open(f"{self.folder}/{name}") as file:
            return file.read()

    def states(self, text):
        lines = text.splitlines()
        return {name[1:]: states for name, states in zip(lines[::2], lines[1::2])}

    def test_the_same_bits_on_any_number_of_ranks_and_across_a_stop(self):
        self.prepare()
        found = self.check_same_bits(24)
        self.assertEqual(found["labels"], sum(len(r) - 1 for _, r, _ in PROTEINS[60:]))
        self.check_predictions("whole")

    def test_the_same_bits_with_states_scored_together(self):
        self.prepare()
        self.settings = [*SETTINGS, "--set", "model.head=crf"]
        self.check_same_bits(16)
        self.check_predictions("whole")

    def check_predictions(self, run):
        """Three files that do not depend on ranks and threads."""
        files = []
        for ranks, threads in ((0, 1), (2, 3), (3, 1)):
            out = f"{ranks}.fa"
            self.predict(out, "--threads", threads, "--probabilities", f"{self.folder}/{ranks}.tsv", run=run, ranks=ranks)
            files.append((self.read(out), self.read(f"{ranks}.tsv")))
        self.assertEqual(files[0], files[1])
        self.assertEqual(files[0], files[2])

    def test_q3_is_that_of_the_predictions(self):
        self.prepare()
        self.train("run", 0, 60)
        report = self.evaluate("run", 0)
        predicted = self.states(self.predict("out.fa"))
        right = counted = 0
        for name, _, states in PROTEINS[60:]:
            self.assertEqual(len(predicted[name]), len(states))
            right += sum(a == b for a, b in zip(predicted[name][1:], states[1:]))
            counted += len(states) - 1
        self.assertAlmostEqual(report["q3"], right / counted, places=12)
        self.assertGreater(report["q3"], report["majority_accuracy"])
        text = PROGRAM.run("evaluate", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/corpus")
        self.assertIn("Q3 ", text)
        self.check_cut_proteins()
        self.check_ensemble()

    def check_cut_proteins(self):
        """Q3 is that of whole proteins, as in the table below it, also where training cuts them."""
        self.train("cut", 0, 5, "--set", "data.cut_steps=9")
        report = self.evaluate("cut", 0)
        predicted = self.states(self.predict("cut.fa", run="cut"))
        right = sum(a == b for name, _, states in PROTEINS[60:] for a, b in zip(predicted[name][1:], states[1:]))
        self.assertEqual(report["correct"], right)
        self.assertEqual(report["q3"], report["accuracy"])
        text = PROGRAM.run("evaluate", "--run", f"{self.folder}/cut", "--corpus", f"{self.folder}/corpus")
        self.assertIn("of pieces of 9 steps", text)

    def probabilities(self, name, *more, run="run", ranks=0):
        self.predict(f"{name}.fa", "--probabilities", f"{self.folder}/{name}.tsv", *more, run=run, ranks=ranks)
        rows = [line.split("\t") for line in self.read(f"{name}.tsv").splitlines()]
        return [[float(p) for p in row[4:]] for row in rows if row[1].isdigit()]

    def check_ensemble(self):
        """The mean of the probabilities of two runs, one with a CRF; the same on any ranks; judged as what it is."""
        self.train("other", 0, 20, "--set", "model.head=crf", "--set", "model.hidden_size=7")
        both = ["--ensemble", f"{self.folder}/other:newest"]
        found = self.probabilities("both", *both, ranks=2)
        self.assertEqual(found, self.probabilities("both1", *both, "--threads", 2))
        first, second = self.probabilities("one"), self.probabilities("two", run="other")
        self.assertEqual(len(found), sum(len(residues) for _, residues, _ in PROTEINS))
        for mean, a, b in zip(found, first, second, strict=True):
            for p, q, r in zip(mean, a, b, strict=True):
                self.assertAlmostEqual(p, (q + r) / 2, delta=2e-4)
        report, states = self.evaluate("run", 3, *both), self.states(self.read("both.fa"))
        right = [a == b for name, _, known in PROTEINS[60:] for a, b in zip(states[name][1:], known[1:])]
        self.assertAlmostEqual(report["q3"], sum(right) / len(right), places=12)

    def test_dna_gives_what_its_protein_gives(self):
        self.prepare()
        self.train("run", 0, 10)
        self.write("cds.fa", fasta((name, "".join(CODONS[r] for r in residues) + "TAA") for name, residues, _ in PROTEINS))
        expected = self.predict("protein.fa", "--probabilities", f"{self.folder}/p.jsonl")
        self.assertEqual(self.predict("dna.fa", "--dna", fasta="cds.fa"), expected)
        lines = [json.loads(line) for line in self.read("p.jsonl").splitlines()]
        self.assertEqual({line["name"]: line["states"] for line in lines}, self.states(expected))
        for line, (_, residues, _) in zip(lines, PROTEINS):
            self.assertEqual(line["residues"], residues)
            for i, state in enumerate(line["states"]):
                each = {kind: found[i] for kind, found in line["probabilities"].items()}
                self.assertAlmostEqual(sum(each.values()), 1, delta=2e-4)
                self.assertEqual(each[state], max(each.values()))
        self.assertIn("is no base", self.predict("x.fa", "--dna", code=65))
        self.assertIn("--genetic-code goes with --dna", self.predict("x.fa", "--genetic-code", 4, code=64))
        self.assertIn("--gff", PROGRAM.run("predict", "--help") + "--gff")
        self.assertIn("--proteins goes with --fasta and a run of kind dna",
                      self.predict("x.fa", "--proteins", "y.fa", code=64))  # fmt: skip
        done = PROGRAM.run("predict", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/corpus", "--logits",
                           f"{self.folder}/x.h5", "--ensemble", f"{self.folder}/run", code=64)  # fmt: skip
        self.assertRegex(done, "--ensemble goes with .*--text and a run of kind text, .*--fasta and a run of kind protein")
        self.write("short.fa", [">a\nATGAA\n"])
        self.assertIn("no multiple of 3", self.predict("x.fa", "--dna", fasta="short.fa", code=65))
        self.assertFalse(os.path.exists(f"{self.folder}/x.fa"))

    def test_dna_that_is_read_as_proteins_is_told(self):
        self.prepare()
        self.train("run", 0, 1)
        for letters, told in (("ACGTTGCA\nNNACGT", True), ("ACGTTGCAW", False)):
            with open(f"{self.folder}/letters.fa", "w") as file:
                file.write(f">a\n{letters}\n")
            text = PROGRAM.run("predict", "--run", f"{self.folder}/run", "--fasta", f"{self.folder}/letters.fa")
            self.assertEqual("is it DNA? --dna translates it first" in text, told)

    def test_columns_and_fasta_of_a_split_each_make_the_same_samples(self):
        flat = [f"{r} {'he_'['HEC'.index(s)]}\n" for _, residues, states in PROTEINS[:3]
                for r, s in [("<>", "C"), *zip(residues, states)]]  # fmt: skip
        flat = ["<>\n" if line.startswith("<>") else line for line in flat]
        columns = self.write("train", flat)
        sequences = self.write("t.fa", fasta((n, r) for n, r, _ in PROTEINS[:3]))
        labels = self.write("tl.fa", fasta((n, s) for n, _, s in PROTEINS[:3]))
        self.prepare("--train", columns, "--states", 3, out="a")
        self.prepare("--train", sequences, "--train-labels", labels, "--states", 3, out="b")
        shown = [PROGRAM.run("inspect", f"{self.folder}/{out}") for out in "ab"]
        for out in shown:
            self.assertIn(str(sum(len(r) for _, r, _ in PROTEINS[:3])), out)

    def test_wrong_files_are_refused_with_the_record(self):
        def refused(words, change, out="bad"):
            self.assertIn(words, self.prepare(*self.write_flip(change), out=out, code=65))
            self.assertFalse(os.path.exists(f"{self.folder}/{out}/corpus.json"))

        only = lambda new: lambda name, *all: new(*all) if name == "p7" else all
        length = len(PROTEINS[7][1])
        refused(f'record "p7" has {length} residues, but {length + 1} labels', only(lambda r, s, m: (r, s + "H", m)))
        refused('record "p7" has no labels', only(lambda r, s, m: (r, "", m)))
        refused('record "p7": letter 1, "1", is no residue', only(lambda r, s, m: ("1" + r[1:], s, m)))
        refused('record "p7": letter 1 of its mask', only(lambda r, s, m: (r, s, "x" + m[1:])))
        files = self.write_flip()
        missing = [word.replace("m.fa", "none.fa") for word in files]
        self.assertIn("none.fa", self.prepare(*missing, code=66))
        self.assertIn("do not go together", self.prepare(*files, "--train", files[1], code=64))
        self.assertIn("without labels", self.prepare("--train", files[1], code=64))
        self.assertIn("allowed is 3", self.prepare(*files, "--states", 8, code=64))
        self.assertIn("--genetic-code is 7", self.prepare(*files, "--dna", "--genetic-code", 7, code=64))


if __name__ == "__main__":
    PROGRAM = CorpusCase.program = Program(sys.argv.pop(1))
    unittest.main()
