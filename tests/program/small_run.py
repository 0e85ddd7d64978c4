"""A small genome, its corpus and a run trained on it, for tests that drive the program.

    tests/program/predict_test.py build/release/lockstep

Genes are told from their surroundings by their letters alone, so that a few steps of training
find them.
"""

import json
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

try:
    import h5py
except ImportError:
    h5py = None

NEEDS_H5PY = unittest.skipIf(h5py is None, "h5py is missing; install it with launch/setup --tests")

WINDOW, OVERLAP = 100, 10
RECORDS = {"chr1": 9000, "odd=name": 3050}
GENE_EVERY, GENE_AT, GENE_BASES = 1000, 400, 290
EVERY = 10  # steps between checkpoints
STEPS = 40
CONFIG = {"model.hidden_size": 6, "model.embedding_size": 5, "batch.sequences": 16,
          "batch.slots": 4, "checkpoint.every": EVERY, "checkpoint.keep": 0,
          "validation.every": EVERY, "log.every": 1, "schedule.learning_rate": 0.05}

LOCKSTEP = None  # path of the program; set by main


def run(*words):
    """Runs `lockstep WORDS`; returns exit code, standard output, standard error."""
    command = [LOCKSTEP, *(str(word) for word in words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


def run_well(*words):
    code, out, err = run(*words)
    if code != 0:
        raise AssertionError(f"lockstep {' '.join(map(str, words))} ended with {code}: {err}")
    return out


def make_genome(folder):
    """Writes genome.fa and genome.gff: genes of mostly G on one strand, mostly C on the other."""
    draw = random.Random(1)
    fasta, gff = [], ["##gff-version 3"]
    for name, bases in RECORDS.items():
        letters = [draw.choice("ACGTN" if i % 97 == 0 else "ACGT") for i in range(bases)]
        for gene, begin in enumerate(range(GENE_AT, bases - GENE_BASES, GENE_EVERY)):
            strand, letter = ("+", "G") if gene % 2 == 0 else ("-", "C")
            for i in range(begin, begin + GENE_BASES):
                letters[i] = letter if draw.random() < 0.9 else draw.choice("ACGT")
            place = f"{begin + 1}\t{begin + GENE_BASES}\t.\t{strand}\t0"
            gff.append(f"{name.replace('=', '%3D')}\tmade\tCDS\t{place}\tID={name}{gene}")
        text = "".join(letters)
        fasta += [f">{name} made by a test"] + [text[i:i + 70] for i in range(0, bases, 70)]
    (folder / "genome.fa").write_text("\n".join(fasta) + "\n")
    (folder / "genome.gff").write_text("\n".join(gff) + "\n")


def make_mixed_genome(folder):
    """Writes mixed.fa and mixed.gff: a sequence with 30 % G and C, one without any base that is known, and those of
    genome.fa."""
    draw = random.Random(2)
    poor = "".join(draw.choices("ACGT", weights=[35, 15, 15, 35], k=3000))
    rows = "".join(f"poor\tmade\tCDS\t{begin}\t{begin + 299}\t.\t+\t0\tID=poor{begin}\n" for begin in (500, 1700))
    (folder / "mixed.fa").write_text(f">poor\n{poor}\n>gap\n{'N' * 150}\n" + (folder / "genome.fa").read_text())
    (folder / "mixed.gff").write_text((folder / "genome.gff").read_text() + rows)


def prepare(folder, out, *more):
    run_well("prepare", "dna", "--fasta", folder / "genome.fa", "--gff", folder / "genome.gff",
             "--out", out, "--window", WINDOW, "--overlap", OVERLAP, *more)


def train(folder, steps=STEPS):
    """Exit code, output and errors of training run/ on corpus/."""
    settings = [word for key, value in CONFIG.items() for word in ("--set", f"{key}={value}")]
    return run("train", "--corpus", folder / "corpus", "--run", folder / "run", "--steps", steps,
               *settings)


class RunTest(unittest.TestCase):
    """Each class has a folder of its own with genome, corpus/ and run/, which is trained on the corpus."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        cls.corpus, cls.run_folder = cls.folder / "corpus", cls.folder / "run"
        make_genome(cls.folder)
        cls.make_corpus()
        code, _, err = train(cls.folder)
        assert code == 0, err

    @classmethod
    def make_corpus(cls):
        prepare(cls.folder, cls.corpus, "--shard-bytes", 4000)

    def checkpoint(self, step):
        return self.run_folder / "checkpoints" / f"step-{step:012}.h5"

    def fails(self, code, message, *words):
        """The program ends with `code`, and what it says holds `message`."""
        found, _, err = run(*words)
        self.assertIn(message, err)
        self.assertEqual(found, code, err)

    def evaluation(self):
        words = ("evaluate", "--run", self.run_folder, "--corpus", self.corpus, "--json")
        return json.loads(run_well(*words))


def flip_byte(path, offset):
    """Flips a byte; a negative offset counts from the end."""
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x10
    path.write_bytes(data)


def main():
    global LOCKSTEP
    if len(sys.argv) < 2:
        sys.exit("give the path of the program: tests/program/<name>_test.py build/release/lockstep")
    LOCKSTEP = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(module="__main__", verbosity=2)
