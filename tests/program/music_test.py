"""Music from files to new music: the same bits on 1, 2 and 3 ranks and across a stop, in parts, too; figures that agree
with those computed here from the written outputs; and new pieces whose MIDI files are read back."""

import json
import math
import os
import sys
import unittest
import wave
import xml.dom.minidom

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import h5py
from corpus_case import CorpusCase
from program import Program

KEYS, LOWEST = 88, 21


def tune(number, steps=24):
    """A melody over a bass that repeats; its key depends on the number."""
    first = 48 + number % 7
    return [[first + (step // 4 % 3) * 5, first + 12 + (step * 2) % 7] for step in range(steps + number % 5)]


ROLLS = {"train": [tune(n) for n in range(40)], "valid": [tune(n) for n in range(3, 9)],
         "test": [tune(n) for n in range(50, 60)]}  # fmt: skip
SETTINGS = [word for setting in (
    "model.cell=lstm", "model.hidden_size=24", "model.bidirectional=false", "batch.sequences=8", "batch.slots=5",
    "schedule.learning_rate=0.02", "checkpoint.every=7", "validation.every=10", "log.every=1", "model.output_dropout=0.1",
    "validation.metric=frame_accuracy") for word in ("--set", setting)]  # fmt: skip


def entropy(logit, sounds):
    """Binary cross-entropy by its definition, from the probability."""
    p = 1 / (1 + math.exp(-logit))
    return -math.log(p if sounds else 1 - p)


class MusicTest(CorpusCase):
    settings = SETTINGS

    def prepare(self):
        rolls = self.write("rolls.json", [json.dumps(ROLLS)])
        return PROGRAM.run("prepare", "music", "--rolls", rolls, "--steps-per-beat", 2, "--out",
                           f"{self.folder}/corpus")  # fmt: skip

    def generate(self, out, *more, ranks=0, code=0):
        return PROGRAM.run("generate", "--run", f"{self.folder}/run", "--out", f"{self.folder}/{out}", *more,
                           ranks=ranks, code=code)  # fmt: skip

    def read(self, name):
        with open(f"{self.folder}/{name}", "rb") as file:
            return file.read()

    def test_the_same_bits_on_any_number_of_ranks_and_across_a_stop(self):
        self.prepare()
        found = self.check_same_bits(24)
        self.assertEqual(found["labels"], sum(map(len, ROLLS["test"])))

    def test_the_same_bits_in_parts(self):
        self.prepare()
        parts = ["--set", "train.bptt_steps=10"]
        whole = self.train("whole", 0, 24, *parts)
        self.train("stopped", 2, 13, *parts)
        self.assertEqual(self.train("stopped", 3, 24, *parts), whole)

    def test_figures_are_those_of_the_outputs(self):
        self.prepare()
        _, metrics = self.train("run", 0, 60)
        report = self.evaluate("run", 0)
        logits = f"{self.folder}/test.h5"
        PROGRAM.run("predict", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/corpus", "--logits", logits,
                    "--checkpoint", "newest")  # fmt: skip
        loss = hits = alarms = misses = 0
        with h5py.File(logits) as file:
            names = file["classes"][()].decode().split("\n")
            self.assertEqual((names[0], names[39], names[-1]), ("A0", "C4", "C8"))
            rows = file["logits"][()].astype(float)
            order = [int(name.decode().split(":")[1]) for name in file["names"][()]]
        truth = [set(step) for number in order for step in ROLLS["test"][number]]
        self.assertEqual(len(rows), len(truth))
        for row, notes in zip(rows, truth):
            for key, logit in enumerate(row):
                sounds = key + LOWEST in notes
                loss += entropy(logit, sounds)
                hits += sounds and logit > 0
                alarms += not sounds and logit > 0
                misses += sounds and logit <= 0
        self.assertAlmostEqual(report["loss"], loss / len(truth), places=5)
        self.assertAlmostEqual(report["frame_accuracy"], hits / (hits + alarms + misses), places=12)
        self.assertAlmostEqual(report["micro_f1"], 2 * hits / (2 * hits + alarms + misses), places=12)
        self.assertLess(report["loss"], report["frequency_loss"])
        validations = [line for line in metrics if line["kind"] == "validation"]
        last = self.evaluate("run", 3, "--split", "valid")
        for name, own in (("loss", "loss"), ("frame_accuracy", "frame_accuracy"), ("micro_f1", "micro_f1"),
                          ("macro_f1", "f1"), ("accuracy", "accuracy")):  # fmt: skip
            self.assertEqual(last[name], validations[-1][own], name)

    def test_new_music_is_a_function_of_its_seed(self):
        self.prepare()
        self.train("run", 0, 60)
        self.generate("one", "--samples", 3, "--length", 40)
        self.generate("two", "--samples", 40, "--length", 40, "--files", "mid", ranks=2)
        self.generate("three", "--seed", 2, "--length", 40, "--files", "mid")
        for number in (1, 2, 3):
            self.assertEqual(self.read(f"one/piece-{number}.mid"), self.read(f"two/piece-{number}.mid"))
        self.assertNotEqual(self.read("one/piece-1.mid"), self.read("one/piece-2.mid"))
        self.assertNotEqual(self.read("one/piece-1.mid"), self.read("three/piece-1.mid"))
        with wave.open(f"{self.folder}/one/piece-1.wav") as sound:
            seconds = sound.getnframes() / sound.getframerate()
            self.assertEqual((sound.getnchannels(), sound.getsampwidth()), (1, 2))
            self.assertAlmostEqual(seconds, 40 * 0.3 + 0.5, places=3)
        xml.dom.minidom.parse(f"{self.folder}/one/piece-1.svg")
        self.assertIn("piece-1.mid", self.generate("one", "--length", 40, code=73))

    def test_new_music_is_read_again_and_goes_on_from_it(self):
        self.prepare()
        self.train("run", 0, 60)
        self.generate("first", "--samples", 4, "--length", 30, "--files", "mid")
        text = PROGRAM.run("prepare", "music", "--train", f"{self.folder}/first", "--steps-per-beat", 2, "--out",
                           f"{self.folder}/again")  # fmt: skip
        self.assertIn("4 pieces,       120 steps", text)
        self.generate("second", "--prefix", f"{self.folder}/first/piece-1.mid", "--prefix-steps", 20, "--length", 10,
                      "--temperature", 0, "--files", "mid,svg")  # fmt: skip
        self.assertIn(b"#999", self.read("second/piece-1.svg"))
        self.generate("third", "--prefix", f"{self.folder}/first/piece-1.mid", "--length", 10, "--temperature", 0,
                      "--seed", 9, "--files", "mid")  # fmt: skip
        self.generate("fourth", "--prefix", f"{self.folder}/first/piece-1.mid", "--length", 10, "--temperature", 0,
                      "--files", "mid")  # fmt: skip
        self.assertEqual(self.read("third/piece-1.mid"), self.read("fourth/piece-1.mid"), "nothing is drawn at 0")

    def test_wrong_options_are_refused(self):
        self.prepare()
        self.train("run", 0, 1)
        for words, part in ((("--files", "mp3"), '--files names "mp3"; allowed are mid, wav, svg'),
                            (("--prefix-steps", 3), "--prefix-steps goes with --prefix"),
                            (("--tempo", 1), "tempo"), (("--temperature", -1), "temperature")):  # fmt: skip
            self.assertIn(part, self.generate("x", *words, code=64))
        text = PROGRAM.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/both", "--steps", 1,
                           *self.settings, "--set", "model.bidirectional=true")  # fmt: skip
        text = PROGRAM.run("generate", "--run", f"{self.folder}/both", "--out", f"{self.folder}/x", code=64)
        self.assertIn("train one with model.bidirectional = false", text)
        text = PROGRAM.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/y", "--steps", 1,
                           *self.settings, "--set", "validation.metric=wer", code=64)  # fmt: skip
        self.assertIn("allowed are loss, accuracy, frame_accuracy, micro_f1, f1", text)
        PROGRAM.run("prepare", "dna", "--synthetic", 4000, "--window", 50, "--out", f"{self.folder}/dna")
        PROGRAM.run("train", "--corpus", f"{self.folder}/dna", "--run", f"{self.folder}/genes", "--steps", 1)
        text = PROGRAM.run("generate", "--run", f"{self.folder}/genes", "--out", f"{self.folder}/x", code=64)
        self.assertIn('was trained on a corpus of kind "dna", of which nothing new is made', text)


if __name__ == "__main__":
    PROGRAM = CorpusCase.program = Program(sys.argv.pop(1))
    unittest.main()
