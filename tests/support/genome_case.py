"""A test case with corpora of random genomes in one folder per class, whose runs are trained in legs."""

import os
import random
import tempfile
import unittest

from program import metrics_of, state_of

SETTINGS = [
    "model.hidden_size=8", "model.embedding_size=4", "model.dropout=0.2", "batch.sequences=16", "batch.slots=6",
    "data.random_strand=true", "schedule.learning_rate=0.02", "checkpoint.every=1000", "log.every=1",
]  # fmt: skip


class GenomeCase(unittest.TestCase):
    program = None  # the Program; to be set before the tests run

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = folder.name

    @classmethod
    def write(cls, name, text):
        with open(f"{cls.folder}/{name}", "w") as file:
            file.write(text)

    @classmethod
    def write_genomes(cls, bases):
        """A FASTA file of one record and its annotation for each name and length; the options that name them all."""
        draw = random.Random(3)
        words = []
        for name, count in bases.items():
            sequence = "".join(draw.choices("ACGT", k=count))
            cls.write(f"{name}.fa", f">{name}\n{sequence}\n")
            cls.write(f"{name}.gff", f"##gff-version 3\n{name}\tx\tCDS\t10\t{count // 2}\t.\t+\t0\tID=c\n")
            words += ["--fasta", f"{cls.folder}/{name}.fa", "--gff", f"{cls.folder}/{name}.gff"]
        return words

    def train(self, run, ranks, steps, settings, threads=1, code=0, corpus="corpus"):
        words = [word for setting in SETTINGS + settings for word in ("--set", setting)]
        return self.program.run("train", "--corpus", f"{self.folder}/{corpus}", "--run", f"{self.folder}/{run}",
                                "--threads", threads, "--steps", steps, *words, ranks=ranks, code=code)  # fmt: skip

    def result(self, name, settings, *legs):
        """Trains in legs of (ranks, threads, until step); gives hash, epoch and metrics."""
        run = os.path.basename(tempfile.mkdtemp(prefix=name, dir=self.folder))
        for number, (ranks, threads, steps) in enumerate(legs):
            self.train(run, ranks, steps, settings, threads)
            state = state_of(f"{self.folder}/{run}")
            if number + 1 < len(legs):
                self.assertGreater(state["epoch_step"], 0, "stopped in the middle of an epoch")
        return state["parameters_hash"], state["epoch"], metrics_of(f"{self.folder}/{run}")
