"""Crops and joins teach words in places where training never has them: every training utterance begins with one
word, and every test utterance with the other. They are drawn in each epoch (augment.crop, augment.join), or made once
by prepare (--splices)."""

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
# As docs/speech.md advises for less than 100 utterances.
DRAWN = {"model.layers": 2, "model.hidden_size": 64, "model.conv_channels": 64, "data.stack": 6, "batch.sequences": 8,
         "schedule.learning_rate": 0.004, "model.dropout": 0.3, "augment.crop": 0.8, "augment.join": 0.8,
         "augment.join_seconds": 3, "augment.stretch": 0.15, "augment.noise": 0.3, "augment.gain": 6,
         "augment.time_masks": 2, "augment.time_mask_frames": 10}  # fmt: skip
FIRST, SECOND = "abc", "cab"


class LuckySplit(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        draw, of_train = random.Random(1), {}
        for name, text in (("train", f"{FIRST} {SECOND}"), ("test", f"{SECOND} {FIRST}")):
            rows = ["id\tpath\ttext"]
            for i in range(15):
                times = []
                (cls.folder / f"{name}-{i}.wav").write_bytes(wav(whistled_speech.whistle(text, draw, times)))
                rows.append(f"{name}-{i}\t{name}-{i}.wav\t{text}")
                if name == "train":
                    of_train[f"train-{i}"] = times
            (cls.folder / f"{name}.tsv").write_text("\n".join(rows) + "\n")
        whistled_speech.write_ctm(cls.folder / "train.ctm", of_train)

    def prepare(self, out, *more):
        return run("prepare", "speech", "--manifest", self.folder / "train.tsv", "--test-manifest",
                   self.folder / "test.tsv", "--mel-bins", 23, "--out", self.folder / out, *more)  # fmt: skip

    def train(self, corpus, more, steps):
        words = [word for key, value in (SETTINGS | more).items() for word in ("--set", f"{key}={value}")]
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
        for out, drawn, more in (
            ("ctm", DRAWN, ["--ctm", self.folder / "train.ctm"]),
            ("words", DRAWN, ["--cut-at-pauses", "--units", "words"]),
            ("splices", {}, ["--cut-at-pauses", "--splices", 10]),
        ):
            self.prepare_well(out, "--normalise", "global", *more)
            run_well("verify", self.folder / out)
            self.train(out, drawn, 1000 if drawn else 400)
            self.assertLessEqual(self.errors(out), 0.02, out)
            run_well("verify", self.folder / f"run-{out}")

    def test_draws_that_the_corpus_does_not_allow_are_refused_with_the_remedy(self):
        self.prepare_well("plain")
        for key, value, remedy in (
            ("augment.crop", 0.5, "--cut-at-pauses"),
            ("augment.gain", 6, "--normalise global"),
            ("augment.noise_share", 0.5, "--normalise global"),
            ("augment.warp", 0.1, "--normalise global, running or smoothed"),
            ("augment.join_seconds", 3, "it needs augment.join above 0"),
            ("augment.noise_snr", "20,5", "allowed is LOW,HIGH"),
            ("augment.crop", 1.5, "1"),
        ):
            code, _, err = run("train", "--corpus", self.folder / "plain", "--run", self.folder / "run-plain",
                               "--steps", 1, "--set", f"{key}={value}")  # fmt: skip
            self.assertEqual(code, 64, err)
            self.assertIn(key, err)
            self.assertIn(remedy, err)

    def test_times_of_no_training_utterance_are_refused_and_those_of_some_are_counted(self):
        lines = (self.folder / "train.ctm").read_text().splitlines(keepends=True)
        files = {"others": ("train-3.wav 1 0.1 0.2 abc\nx 1 0 1 abc\n", "words of 2 utterances, such as \"train-3.wav\""),
                 "tests": ("test-3 1 0.1 0.2 abc\n", "such as \"test-3\""),
                 "empty": (";; nothing\n", "has the times of no word"),
                 "some": ("".join(line for line in lines if line.split()[0] in ("train-3", "train-12")), "")}  # fmt: skip
        for name, (text, problem) in files.items():
            (self.folder / f"{name}.ctm").write_text(text)
            code, out, err = self.prepare(f"corpus-{name}", "--ctm", self.folder / f"{name}.ctm")
            self.assertEqual(code, 65 if problem else 0, err)
            self.assertIn(problem, err)
            if name in ("others", "tests"):
                self.assertIn("but none of the training utterances, such as \"train-0\"", err)
        self.assertIn("2 of 15 training utterances can be cut between words (--ctm)", out)
        code, out, err = self.prepare("corpus-pauses", "--cut-at-pauses")
        self.assertIn("15 of 15 training utterances can be cut between words (--cut-at-pauses)", out)

    def test_noise_and_rooms_are_stored_verified_and_refused(self):
        whistled_speech.write_backgrounds(self.folder)
        more = ("--noise-files", self.folder / "noise", "--room-files", self.folder / "rooms")
        self.prepare_well("mixed", "--normalise", "global", "--noise-seconds", 3, *more)
        index = json.loads((self.folder / "mixed/corpus.json").read_text())
        self.assertLessEqual(sum(index["noise"]["frames"]), 300)
        self.assertEqual(len(index["noise"]["frames"]), 2)
        self.assertEqual(len(index["rooms"]["frames"]), 2)
        run_well("verify", self.folder / "mixed")
        stored = bytearray((self.folder / "mixed/noise.f32").read_bytes())
        stored[100] ^= 1
        (self.folder / "mixed/noise.f32").write_bytes(stored)
        self.assertEqual(run("verify", self.folder / "mixed")[0], 65)
        code, _, err = run("train", "--corpus", self.folder / "mixed", "--run", self.folder / "run-mixed", "--steps", 1,
                           "--set", "augment.noise_share=1")  # fmt: skip
        self.assertEqual(code, 65, err)
        self.assertIn("noise.f32: has the hash", err)
        for choice in (["--normalise", "utterance"], ["--normalise", "global", "--deltas", 1],
                       ["--normalise", "global", "--features", "mfcc"]):  # fmt: skip
            code, _, err = self.prepare("x", *choice, *more)
            self.assertEqual(code, 64, err)
            self.assertIn("--noise-files and --room-files", err)

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
        (self.folder / "other.ctm").write_text("train-3 1 0.1 0.2 dog\n")
        code, _, err = self.prepare("x", "--splices", 1, "--ctm", self.folder / "other.ctm")
        self.assertEqual(code, 65)
        self.assertIn('the words of --ctm are "dog", those of its transcript "abc cab"', err)
        code, _, err = self.prepare("x", "--splices", 1, "--ctm", self.folder / "none.ctm")
        self.assertEqual(code, 66)


if __name__ == "__main__":
    small_run.main()
