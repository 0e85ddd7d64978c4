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

try:
    import mido
except ImportError:
    mido = None

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
        self.assertIn("<h2>Piano roll of a new piece</h2>", self.report("run"))
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

    def test_a_model_that_would_see_the_next_step_is_refused(self):
        self.prepare()
        for setting, remedy in (("model.bidirectional=true", "set model.bidirectional = false"),
                                ("model.lookahead=2", "set model.lookahead = 0")):  # fmt: skip
            for verb, more in (("train", ("--run", f"{self.folder}/seeing")), ("check", ())):
                text = PROGRAM.run(verb, "--corpus", f"{self.folder}/corpus", "--steps", 1, *self.settings, "--set",
                                   setting, *more, code=64)  # fmt: skip
                self.assertIn("the targets of the corpus are the next steps of its inputs", text)
                self.assertIn(remedy, text)

    def test_a_prefix_without_notes_is_refused(self):
        self.prepare()
        self.train("run", 0, 1)
        head, end = b"MThd" + bytes([0, 0, 0, 6, 0, 0, 0, 1, 0, 4]), bytes([0, 0xFF, 0x2F, 0])
        drum, note = bytes([8, 0x99, 40, 80, 8, 0x89, 40, 0]), bytes([24, 0x90, 60, 80, 8, 0x80, 60, 0])
        for name, events in (("empty", b""), ("drum", drum), ("late", note)):
            track = events + end
            with open(f"{self.folder}/{name}.mid", "wb") as file:
                file.write(head + b"MTrk" + len(track).to_bytes(4, "big") + track)
        for words, code, part in ((("empty",), 65, "empty.mid: has no note, so there is nothing to go on from"),
                                  (("drum",), 65, "(1 notes of percussion and 0 that no piano has are left out)"),
                                  (("late", "--prefix-steps", 3), 64, "has no note in its first 3 steps")):  # fmt: skip
            self.assertIn(part, self.generate("x", "--prefix", f"{self.folder}/{words[0]}.mid", *words[1:], code=code))
        self.generate("x", "--prefix", f"{self.folder}/late.mid", "--length", 2, "--files", "mid")

    @unittest.skipIf(mido is None, "mido is missing; install it with launch/setup --tests")
    def test_another_program_reads_the_same_notes(self):
        """Chorales as MIDI through mido and back through `prepare`, and new music as mido reads it."""
        self.prepare()
        self.train("run", 0, 60)
        self.generate("new", "--samples", 3, "--length", 50, "--files", "mid", "--tempo", 90)
        pieces = [self.steps_by_mido(f"{self.folder}/new/piece-{number}.mid", 90) for number in (1, 2, 3)]
        self.assertGreater(sum(map(len, pieces[0])), 50, "there are notes")
        os.mkdir(f"{self.folder}/midi")
        for number, piece in enumerate(pieces, 1):
            self.write_by_mido(piece, f"{self.folder}/midi/piece-{number}.mid")
        for name in ("new", "midi"):
            PROGRAM.run("prepare", "music", "--train", f"{self.folder}/{name}", "--steps-per-beat", 2, "--out",
                        f"{self.folder}/{name}-corpus")  # fmt: skip
        inputs = [self.read_inputs(f"{name}-corpus") for name in ("new", "midi")]
        self.assertEqual(*inputs)
        for piece, rows in zip(pieces, inputs[0]):
            # Step t reads the notes of step t - 1.
            self.assertEqual(rows, [[]] + [sorted(notes) for notes in piece[:-1]])

    def read_inputs(self, corpus):
        """The notes of each step that each piece reads."""
        with h5py.File(f"{self.folder}/{corpus}/train-00000.h5") as shard:
            offsets, rows = shard["offsets"][()], shard["inputs"][()].reshape(-1, KEYS)
        steps = [[key + LOWEST for key in range(KEYS) if row[key]] for row in rows]
        return [steps[begin:end] for begin, end in zip(offsets, offsets[1:])]

    def steps_by_mido(self, path, tempo):
        """The set of notes of each step, half a beat each."""
        file = mido.MidiFile(path)
        self.assertEqual((file.type, len(file.tracks)), (0, 1))
        now, steps, sounding = 0, [], set()
        for message in file.tracks[0]:
            now += message.time
            step, rest = divmod(2 * now, file.ticks_per_beat)
            self.assertEqual(rest, 0)
            while len(steps) < step:
                steps.append(set(sounding))
            if message.type == "set_tempo":
                self.assertAlmostEqual(mido.tempo2bpm(message.tempo), tempo, places=3)
            if message.type == "note_on":
                self.assertNotIn(message.note, sounding)
                sounding.add(message.note)
            if message.type == "note_off":
                sounding.remove(message.note)
        self.assertFalse(sounding)
        return steps

    @staticmethod
    def write_by_mido(steps, path):
        """Every step's notes begin and end anew, in several tracks: another file of the same music."""
        file = mido.MidiFile(type=1, ticks_per_beat=96)
        for part in (0, 1):
            track = file.add_track()
            rest = 0
            for notes in steps:
                chosen = [note for note in notes if note % 2 == part]
                for note in chosen:
                    track.append(mido.Message("note_on", note=note, velocity=64, time=rest, channel=part))
                    rest = 0
                rest += 48
                for note in chosen:
                    track.append(mido.Message("note_off", note=note, time=rest, channel=part))
                    rest = 0
            track.append(mido.MetaMessage("end_of_track", time=rest))
        file.save(path)

    def test_wrong_options_are_refused(self):
        self.prepare()
        self.train("run", 0, 1)
        for words, part in ((("--files", "mp3"), '--files names "mp3"; allowed are mid, wav, svg'),
                            (("--prefix-steps", 3), "--prefix-steps goes with --prefix"),
                            (("--tempo", 1), "tempo"), (("--temperature", -1), "temperature")):  # fmt: skip
            self.assertIn(part, self.generate("x", *words, code=64))
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
