"""Crops and joins teach words in places where training never has them: every training utterance begins with one
word, and every test utterance with the other."""

import json
import pathlib
import random
import tempfile
import unittest

import small_run
import whistled_speech
from small_run import run, run_well
from speech_files import wav

SETTINGS = {"model.layers": 1, "model.hidden_size": 32, "model.conv_channels": 32, "data.stack": 4, "data.stride": 3,
            "batch.sequences": 10, "batch.slots": 2, "schedule.learning_rate": 0.02,
            "model.dropout": 0.2, "augment.stretch": 0.2, "augment.noise": 0.2,
            "checkpoint.every": 1000}  # fmt: skip
FIRST, SECOND = "abc", "cab"


class LuckySplit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        draw, lines = random.Random(1), []
        for name, text in (("train", f"{FIRST} {SECOND}"), ("test", f"{SECOND} {FIRST}")):
            rows = ["id\tpath\ttext"]
            for i in range(15):
                times = []
                (cls.folder / f"{name}-{i}.wav").write_bytes(wav(whistled_speech.whistle(text, draw, times)))
                rows.append(f"{name}-{i}\t{name}-{i}.wav\t{text}")
                if name == "train":
                    lines += [f"train-{i} 1 {begin:.3f} {end - begin:.3f} {word}" for word, begin, end in times]
            (cls.folder / f"{name}.tsv").write_text("\n".join(rows) + "\n")
        (cls.folder / "train.ctm").write_text("\n".join(lines) + "\n")

    def prepare(self, out, *more):
        return run("prepare", "speech", "--manifest", self.folder / "train.tsv", "--test-manifest",
                   self.folder / "test.tsv", "--mel-bins", 23, "--out", self.folder / out, *more)  # fmt: skip

    def train(self, corpus, steps=400):
        words = [word for key, value in SETTINGS.items() for word in ("--set", f"{key}={value}")]
        run_well("train", "--corpus", self.folder / corpus, "--run", self.folder / f"run-{corpus}", "--steps", steps,
                 *words)  # fmt: skip

    def errors(self, corpus):
        run_folder = self.folder / f"run-{corpus}"
        return json.loads(run_well("evaluate", "--run", run_folder, "--corpus", self.folder / corpus, "--split",
                                   "test", "--json"))["words"]["rate"]  # fmt: skip

    def prepare_well(self, out, *more):
        code, _, err = self.prepare(out, *more)
        self.assertEqual(code, 0, err)

    def test_the_other_order_is_learned_from_crops_and_joins(self):
        for out, more in (("ctm", ["--ctm", self.folder / "train.ctm"]), ("pauses", ["--cut-at-pauses"]),
                          ("words", ["--cut-at-pauses", "--units", "words"])):  # fmt: skip
            self.prepare_well(out, "--splices", 10, "--normalise", "global", *more)
            run_well("verify", self.folder / out)
            self.train(out)
            self.assertLessEqual(self.errors(out), 0.02, out)

    def test_splices_are_the_same_on_any_number_of_threads(self):
        more = ("--splices", 3, "--ctm", self.folder / "train.ctm", "--speeds", "0.9,1", "--shard-bytes", 60000)
        for out in ("one", "three"):
            self.prepare_well(out, *more, "--threads", 3 if out == "three" else 1)
        files = [sorted(path.name for path in (self.folder / out).iterdir()) for out in ("one", "three")]
        self.assertEqual(*files)
        self.assertGreater(len(files[0]), 3)
        for name in files[0]:
            self.assertEqual((self.folder / "one" / name).read_bytes(), (self.folder / "three" / name).read_bytes())
        index = json.loads((self.folder / "one/corpus.json").read_text())
        # Each of 15 has 2 speeds and 3 splices, but for those with too few frames; the test has neither.
        self.assertLessEqual(index["splits"]["train"]["sequences"], 15 * 5)
        self.assertGreater(index["splits"]["train"]["sequences"], 15 * 4)
        self.assertEqual(index["splits"]["test"]["sequences"], 15)

    def test_what_is_wrong_is_told(self):
        code, _, err = self.prepare("x", "--splices", 1, "--ctm", self.folder / "train.ctm", "--cut-at-pauses")
        self.assertEqual(code, 64)
        self.assertIn("--ctm and --cut-at-pauses exclude each other", err)
        code, _, err = self.prepare("x", "--cut-at-pauses")
        self.assertEqual(code, 64)
        self.assertIn("--ctm and --cut-at-pauses are for --splices, which is 0", err)
        (self.folder / "other.ctm").write_text("train-3 1 0.1 0.2 dog\n")
        code, _, err = self.prepare("x", "--splices", 1, "--ctm", self.folder / "other.ctm")
        self.assertEqual(code, 65)
        self.assertIn('the words of --ctm are "dog", those of its transcript "abc cab"', err)
        code, _, err = self.prepare("x", "--splices", 1, "--ctm", self.folder / "none.ctm")
        self.assertEqual(code, 66)


if __name__ == "__main__":
    small_run.main()
