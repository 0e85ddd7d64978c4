"""Whole checkpoints that a run cannot go on from are refused by everything that reads them, with both sides named,
and stay as they are: they are neither damaged nor to be begun anew over."""

import ctypes
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

import small_run
from small_run import run

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import ENVIRONMENT

TINY = ["--set", "model.hidden_size=4", "--set", "checkpoint.every=1", "--set", "batch.sequences=4"]
NEWEST = "step-000000000002.h5"
HEADER_BYTES, HASHED_BYTES = 512, 504  # docs/checkpoint_format.md
VERSION_AT, BODY_BYTES_AT, BODY_HASH_AT = 8, 16, 24


def mpirun(ranks, *words):
    command = ["mpirun", "-n", str(ranks), small_run.LOCKSTEP, *map(str, words)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Hash128(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def hashes():
    library = ctypes.CDLL("libxxhash.so.0")
    for function, result in ((library.XXH3_64bits, ctypes.c_uint64), (library.XXH3_128bits, Hash128)):
        function.argtypes, function.restype = (ctypes.c_char_p, ctypes.c_size_t), result
    return library


def sealed(header, body):
    """A file of the two with lengths and hashes as they should be."""
    library, header = hashes(), bytearray(header)
    struct.pack_into("<Q", header, BODY_BYTES_AT, len(body))
    found = library.XXH3_128bits(bytes(body), len(body))
    struct.pack_into("32s", header, BODY_HASH_AT, f"{found.high:016x}{found.low:016x}".encode())
    struct.pack_into("<Q", header, HASHED_BYTES, library.XXH3_64bits(bytes(header[:HASHED_BYTES]), HASHED_BYTES))
    return bytes(header) + bytes(body)


def rewrite(path, change_header=lambda header: None, change_arrays=None):
    with open(path, "rb") as file:
        header, body = bytearray(file.read(HEADER_BYTES)), file.read()
    change_header(header)
    if change_arrays:
        with tempfile.NamedTemporaryFile() as image:
            image.write(body)
            image.flush()
            with small_run.h5py.File(image.name, "r+") as arrays:
                change_arrays(arrays)
            with open(image.name, "rb") as file:
                body = file.read()
    with open(path, "wb") as file:
        file.write(sealed(header, body))


def replace(arrays, name, values):
    del arrays[name]
    arrays[name] = values


def contents(folder):
    found = {}
    for name in sorted(os.listdir(folder)):
        with open(f"{folder}/{name}", "rb") as file:
            found[name] = file.read()
    return found


class ForeignCheckpointTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.base = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.base.cleanup)
        cls.corpus = f"{cls.base.name}/corpus"
        cls.other_corpus = f"{cls.base.name}/other-corpus"
        for seed, corpus in ((1, cls.corpus), (2, cls.other_corpus)):
            cls.do("prepare", "dna", "--synthetic", 2000, "--seed", seed, "--window", 32, "--out", corpus)
        cls.trained = f"{cls.base.name}/trained"
        cls.do("train", "--corpus", cls.corpus, "--run", cls.trained, "--steps", 2, *TINY)

    @staticmethod
    def do(*words):
        code, _, err = run(*words)
        assert code == 0, err

    def setUp(self):
        self.run_folder = tempfile.mkdtemp(dir=self.base.name)
        shutil.copytree(self.trained, self.run_folder, dirs_exist_ok=True)
        os.remove(f"{self.run_folder}/done.json")
        self.checkpoint = f"{self.run_folder}/checkpoints/{NEWEST}"

    def resumes(self, corpus=None, settings=TINY):
        """Names and commands that go on from the checkpoint."""
        train = ["train", "--corpus", corpus or self.corpus, "--run", self.run_folder, "--steps", 3, *settings]
        yield "resume", lambda: run(*train)
        yield "resume on two ranks", lambda: mpirun(2, *train)

    def evaluate(self):
        return run("evaluate", "--run", self.run_folder, "--corpus", self.corpus, "--checkpoint", "newest")

    def check_refused(self, commands, code, *parts):
        before = contents(f"{self.run_folder}/checkpoints")
        for what, command in commands:
            with self.subTest(what):
                result = command()
                self.assertEqual(result[0], code, result[2])
                for part in parts:
                    self.assertIn(part, result[2])
                self.assertEqual(result[2].count("lockstep: error: "), 1, result[2])
                self.assertEqual(contents(f"{self.run_folder}/checkpoints"), before)
                self.assertFalse(os.path.exists(f"{self.run_folder}/done.json"))

    def test_a_newer_format_is_not_fallen_back_from(self):
        rewrite(self.checkpoint, lambda header: struct.pack_into("<I", header, VERSION_AT, 2))
        message = f"cannot read checkpoint {self.checkpoint}: format version 2, this program reads 1; use a newer lockstep"
        self.check_refused([*self.resumes(), ("evaluate", self.evaluate)], 65, message)
        for what in (self.run_folder, self.checkpoint):
            code, out, _ = run("verify", what)
            self.assertEqual(code, 65)
            self.assertIn(message, out)

    def test_an_older_checkpoint_of_a_newer_format_is_no_obstacle(self):
        older = f"{self.run_folder}/checkpoints/step-000000000001.h5"
        rewrite(older, lambda header: struct.pack_into("<I", header, VERSION_AT, 2))
        for what, command in self.resumes():
            code, _, err = command()
            self.assertEqual(code, 0, f"{what}: {err}")

    def test_another_model_in_the_configuration(self):
        for settings, key, here in (
            (["--set", "model.hidden_size=5"], "model.hidden_size", "4 in the run, 5 now"),
            (["--set", "model.cell=lstm"], "model.cell", "gru in the run, lstm now"),
            (["--set", "model.layers=2"], "model.layers", "1 in the run, 2 now"),
        ):
            self.check_refused(self.resumes(settings=[*TINY, *settings]), 64,
                               "(step 2) was started with another configuration:", f"{key} is {here}",
                               "use the run's configuration, or another --run for the new one")  # fmt: skip

    def test_another_corpus(self):
        self.check_refused(self.resumes(corpus=self.other_corpus), 64,
                           f"run {self.run_folder} was started on the corpus with hash ", f"{self.other_corpus} has hash ",
                           "use the run's corpus, or another --run")  # fmt: skip

    @small_run.NEEDS_H5PY
    def test_arrays_of_another_shape(self):
        rewrite(self.checkpoint, change_arrays=lambda a: replace(a, "rnn.bias_hh_l0", a["rnn.bias_hh_l0"][()][:-1]))
        self.check_refused([*self.resumes(), ("evaluate", self.evaluate)], 65,
                           f'{self.checkpoint}: array "rnn.bias_hh_l0" is float32 [11], the model has float32 [12]')

    @small_run.NEEDS_H5PY
    def test_an_array_too_few(self):
        rewrite(self.checkpoint, change_arrays=lambda a: a.__delitem__("rnn.bias_hh_l0"))
        self.check_refused([*self.resumes(), ("evaluate", self.evaluate)], 65,
                           f'{self.checkpoint}: array "rnn.bias_hh_l0" of the model is missing; '
                           "it was written for another model")  # fmt: skip

    @small_run.NEEDS_H5PY
    def test_an_array_too_many(self):
        rewrite(self.checkpoint, change_arrays=lambda a: a.__setitem__("rnn.bias_hh_l1", a["rnn.bias_hh_l0"][()]))
        self.check_refused([*self.resumes(), ("evaluate", self.evaluate)], 65,
                           f'{self.checkpoint}: array "rnn.bias_hh_l1" is not of this model')

    @small_run.NEEDS_H5PY
    def test_moments_of_another_model(self):
        name = "optimizer/first_moment/rnn.bias_hh_l0"
        rewrite(self.checkpoint, change_arrays=lambda a: replace(a, name, a[name][()].astype("float64")))
        self.check_refused(self.resumes(), 65,
                           f'{self.checkpoint}: array "{name}" is float64 [12], the model has float32 [12]')


if __name__ == "__main__":
    small_run.main()
