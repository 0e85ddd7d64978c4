"""`lockstep predict --stream`: the words of the whole recording, while it is still going on."""

import json
import os
import pathlib
import random
import shutil
import subprocess
import tempfile
import threading
import time
import unittest

import small_run
import whistled_speech
from small_run import run_well
from speech_files import RATE, encode, wav

SETTINGS = {"model.layers": 2, "model.hidden_size": 32, "model.bidirectional": "false", "model.lookahead": "1,2",
            "data.stack": 4, "data.stride": 3, "batch.sequences": 16, "batch.slots": 2,
            "schedule.learning_rate": 0.02, "checkpoint.every": 1000, "clip.max_norm": 1}  # fmt: skip
FRAME, WINDOW, DELTAS = 0.010, 0.025, 0.020
STEP = 3 * FRAME


class StreamSpeechTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        whistled_speech.make(cls.folder, "train", 100, 1)
        whistled_speech.make(cls.folder, "test", 1, 2)
        cls.runs = {way: cls.train(way, 220) for way in ("running", "global")}
        draw = random.Random(3)
        # Two pauses of a second, and sound enough for several windows of the model.
        cls.texts = [whistled_speech.sentence(draw, words) for words in (3, 8, 4)]
        cls.samples = []
        for text in cls.texts:
            cls.samples += whistled_speech.whistle(text, draw) + [int(draw.gauss(0, 100)) for _ in range(RATE)]
        cls.raw = encode(cls.samples, 16)

    @classmethod
    def train(cls, way, steps, **changes):
        corpus, run = cls.folder / f"corpus-{way}", cls.folder / f"run-{way}{len(changes)}"
        if not corpus.exists():
            run_well("prepare", "speech", "--manifest", cls.folder / "train.tsv", "--test-manifest",
                     cls.folder / "test.tsv", "--mel-bins", 23, "--deltas", 1, "--normalise", way,
                     "--out", corpus)  # fmt: skip
        settings = [word for key, value in {**SETTINGS, **changes}.items() for word in ("--set", f"{key}={value}")]
        run_well("train", "--corpus", corpus, "--run", run, "--steps", steps, *settings)
        return run

    def command(self, *words, way="running"):
        return [small_run.LOCKSTEP, "predict", "--stream", "--run", str(self.runs[way]), *map(str, words)]

    def listen(self, sound, *words, code=0, way="running"):
        done = subprocess.run(self.command(*words, way=way), input=sound, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, code, done.stderr.decode())
        return done.stdout.decode(), done.stderr.decode()

    def lines(self, sound, *words, way="running"):
        return [json.loads(line) for line in self.listen(sound, "--format", "jsonl", *words, way=way)[0].splitlines()]

    def offline(self, samples, way="running", rate=RATE):
        """The words of `predict --audio`. A confidence is a function of all bits of the word's scores."""
        path, out = self.folder / "offline.wav", self.folder / "offline.jsonl"
        path.write_bytes(wav(samples, rate=rate))
        out.unlink(missing_ok=True)
        run_well("predict", "--run", self.runs[way], "--audio", path, "--format", "jsonl", "--out", out)
        return json.loads(out.read_text())["words"]

    def check_offline(self, lines, samples, **more):
        found = [word for line in lines if line["kind"] == "final" for word in line["words"]]
        expected = self.offline(samples, **more)
        self.assertGreater(len(expected), 0)
        # Where the model says no end of a word in a pause, the pause still ends the word that is told while listening.
        equal = 0
        for theirs in expected:
            ours = [found.pop(0)]
            while len("".join(w["word"] for w in ours)) < len(theirs["word"]):
                ours.append(found.pop(0))
            self.assertEqual("".join(w["word"] for w in ours), theirs["word"])
            # The same steps, counted from another one.
            self.assertAlmostEqual(ours[0]["start"], theirs["start"], 6)
            self.assertAlmostEqual(ours[-1]["end"], theirs["end"], 6)
            if len(ours) == 1:
                self.assertEqual(ours[0]["confidence"], theirs["confidence"])
                equal += 1
        self.assertEqual(found, [])
        self.assertGreater(equal, 0)

    def test_the_final_words_are_those_of_the_whole_recording_to_the_bit(self):
        for way in ("running", "global"):
            self.check_offline(self.lines(self.raw, way=way), self.samples, way=way)

    def test_sound_of_another_rate_is_resampled_to_the_same_bits(self):
        self.check_offline(self.lines(self.raw, "--rate", 16500), self.samples, rate=16500)
        self.check_offline(self.lines(wav(self.samples, rate=16500)), self.samples, rate=16500)

    def test_a_wav_header_and_floats_give_the_same_lines(self):
        expected = self.listen(self.raw)[0]
        for sound, told in ((wav(self.samples), "s16le at 16000 Hz, one channel, raw or WAV"),
                            (wav(self.samples, bits=32), "f32le at 16000 Hz, as the WAV header says")):  # fmt: skip
            out, err = self.listen(sound)
            self.assertEqual(out, expected)
            self.assertIn(f"listening to {told}; latency", err)
        self.assertEqual(self.listen(wav(self.samples, declared_bytes=0xFFFFFFFF))[0], expected)
        self.assertEqual(self.listen(encode(self.samples, 32), "--encoding", "f32le")[0], expected)
        self.assertIn("leave out --rate", self.listen(wav(self.samples), "--rate", 8000, code=64)[1])

    def test_words_come_part_by_part_and_a_pause_ends_a_segment(self):
        lines = self.lines(self.raw)
        finals = [line for line in lines if line["kind"] == "final"]
        self.assertEqual([line["text"] for line in finals], self.texts)
        times = [line["time"] for line in lines]
        self.assertEqual(times, sorted(times))
        for line in finals[:-1]:  # the pause, in whole steps, and what the model waits for
            latency = STEP + WINDOW + DELTAS - FRAME + FRAME * (4 - 3) / 2 + 3 * STEP
            self.assertLess(line["time"], line["end"] + 0.6 + STEP + latency + FRAME)
        partial = ""
        for line in lines:
            self.assertNotEqual(line["text"], partial if line["kind"] == "partial" else None)
            partial = line["text"] if line["kind"] == "partial" else ""
        self.assertGreater(len(lines), 20)
        text = self.listen(self.raw)[0].splitlines()
        self.assertEqual(text, [f"{line['kind']}\t{line['time']:.3f}\t{line['text']}" for line in lines])
        several = [line for line in self.lines(self.raw, "--endpoint", 5) if line["kind"] == "final"]
        self.assertEqual([line["text"].replace(" ", "") for line in several],
                         ["".join(self.texts).replace(" ", "")])  # fmt: skip

    def test_the_latency_is_told(self):
        # The stack of 4 frames every 3 is centred on its stride: none before it, one after.
        ms = round(1000 * (STEP + WINDOW - FRAME + DELTAS + FRAME + 3 * STEP))
        self.assertIn(f"latency {ms} ms: step 30, features 35, window 10, look-ahead 90", self.listen(self.raw)[1])

    def test_a_slow_pipe_gives_words_while_it_is_open(self):
        """Sound in odd pieces at ten times its speed; the first final line comes before the second sentence ends."""
        process = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL, bufsize=0)  # fmt: skip
        came, sent, lines = [], [0], []

        def read():
            for line in iter(process.stdout.readline, b""):
                lines.append(line)
                came.append(sent[0])

        reader = threading.Thread(target=read)
        reader.start()
        open_pipe = self.raw[:len(self.raw) * 2 // 3]
        for at in range(0, len(open_pipe), 3333):
            process.stdin.write(open_pipe[at:at + 3333])
            sent[0] = at
            time.sleep(3333 / 2 / RATE / 10)
        deadline = time.monotonic() + 20
        while not any(line.startswith(b"final") for line in lines) and time.monotonic() < deadline:
            time.sleep(0.02)
        self.assertIsNone(process.poll())
        self.assertTrue(any(line.startswith(b"final") for line in lines), lines)
        self.assertTrue(lines[0].startswith(b"partial"))
        process.stdin.write(self.raw[len(open_pipe):])
        process.stdin.close()
        self.assertEqual(process.wait(20), 0)
        reader.join()
        process.stdout.close()
        self.assertEqual(b"".join(lines).decode(), self.listen(self.raw)[0])

    @staticmethod
    def peak_kib(process):
        """The most memory so far of a program that is running."""
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))

    def test_a_long_recording_takes_constant_memory(self):
        peaks = []
        for minutes in (1, 10):
            sound = (self.raw * (1 + minutes * 60 * 2 * RATE // len(self.raw)))[:minutes * 60 * 2 * RATE]
            (self.folder / "long.raw").write_bytes(sound)
            with open(self.folder / "long.raw", "rb") as file:
                process = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                           stderr=subprocess.DEVNULL)  # fmt: skip
                feeder = threading.Thread(target=shutil.copyfileobj, args=(file, process.stdin))
                feeder.start()
                finals, wanted = 0, minutes * 6
                while finals < wanted:
                    finals += process.stdout.readline().startswith(b"final")
                peaks.append(self.peak_kib(process))
                rest = threading.Thread(target=process.stdout.read)
                rest.start()
                feeder.join()
                process.stdin.close()
                rest.join()
                process.stdout.close()
            self.assertEqual(process.wait(20), 0)
        self.assertLess(peaks[1] - peaks[0], 2000, peaks)  # KiB

    def test_silence_gives_no_line(self):
        self.assertEqual(self.listen(bytes(20 * RATE))[0], "")

    def test_odd_ends_and_empty_input_are_told(self):
        out, err = self.listen(self.raw + b"x")
        self.assertEqual(out, self.listen(self.raw)[0])
        self.assertIn("its last 1 bytes are left out", err)
        self.assertIn("ended without a sample", self.listen(b"", code=65)[1])
        self.assertIn("ended without a sample", self.listen(b"x", code=65)[1])
        self.assertIn("too short for one frame", self.listen(self.raw[:200], code=65)[1])
        self.assertIn("without sound", self.listen(wav([0] * 9)[:40], code=65)[1])
        self.assertIn("2 channels", self.listen(wav([0] * 90, channels=2), code=65)[1])
        self.assertIn("which is no sound", self.listen(b"\xff" * 4000, "--encoding", "f32le", code=65)[1])

    def test_a_reader_that_goes_away_ends_the_program(self):
        process = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)  # fmt: skip
        process.stdout.close()
        try:
            process.stdin.write(self.raw)
            process.stdin.close()
        except BrokenPipeError:
            pass
        err = process.stderr.read().decode()
        process.stderr.close()
        self.assertEqual(process.wait(20), 74, err)
        self.assertIn("nobody reads the words", err)

    def test_an_interrupt_ends_the_sound_and_the_last_words_are_told(self):
        process = subprocess.Popen(self.command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)  # fmt: skip
        process.stdin.write(self.raw)
        process.stdin.flush()
        for line in iter(process.stdout.readline, b""):
            if line.startswith(b"final") and self.texts[-2].encode() in line:
                break
        process.send_signal(2)
        rest = process.stdout.read().decode()
        process.stdout.close()
        self.assertEqual(process.wait(20), 0)
        process.stdin.close()
        # What the program had not yet read is lost, but not what it had heard.
        last = rest.splitlines()[-1].split("\t")
        self.assertEqual(last[0], "final")
        self.assertTrue(self.texts[-1].startswith(last[2]) and last[2], rest)

    def test_beam_search_with_a_word_list(self):
        (self.folder / "words.txt").write_text("\n".join(whistled_speech.WORDS) + "\n")
        finals = [line["text"] for line in self.lines(self.raw, "--words", self.folder / "words.txt")
                  if line["kind"] == "final"]  # fmt: skip
        self.assertEqual(finals, self.texts)

    def refused(self, message, *words, sound=b"", run=None):
        command = [small_run.LOCKSTEP, "predict", "--run", str(run or self.runs["running"]), *map(str, words)]
        done = subprocess.run(command, input=sound, capture_output=True, timeout=60, check=False)
        self.assertEqual(done.returncode, 64, done.stderr.decode())
        self.assertIn(message, done.stderr.decode())

    def test_options_that_do_not_go_together_are_refused(self):
        self.refused("--audio does not go with --stream", "--stream", "--audio", "x.wav")
        self.refused("--out does not go with --stream", "--stream", "--out", "x.txt")
        self.refused("--rate goes with --stream", "--rate", 8000, "--audio", "x.wav")
        self.refused("allowed are s16le and f32le", "--stream", "--encoding", "mp3")
        self.refused("allowed are text and jsonl", "--stream", "--format", "ctm")
        self.refused("--rate is", "--stream", "--rate", 10)
        self.refused("--endpoint is", "--stream", "--endpoint", 0)
        self.refused("one thread of one rank", "--stream", "--threads", 2)
        self.refused("--corpus and --stream exclude each other", "--stream", "--corpus", self.folder / "corpus-running")

    def test_models_that_need_the_whole_recording_are_refused(self):
        both = {"model.bidirectional": "true", "model.lookahead": 0}
        self.refused("model.bidirectional = false", "--stream", run=self.train("global", 1, **both))
        self.refused("--normalise global or running", "--stream", run=self.train("utterance", 1))

    def test_look_ahead_of_other_models_is_refused(self):
        for message, changes in (("layers of two directions", {"model.bidirectional": "true"}),
                                 ("3 numbers for 2 recurrent layers", {"model.lookahead": "1,2,3"}),
                                 ("train.bptt_steps = 9", {"train.bptt_steps": 9}),
                                 ("whole numbers from 0 to 100", {"model.lookahead": "-1"})):
            settings = [word for key, value in {**SETTINGS, **changes}.items() for word in ("--set", f"{key}={value}")]
            code, _, err = small_run.run("train", "--corpus", self.folder / "corpus-running", "--run",
                                         self.folder / "refused", "--steps", 1, *settings)  # fmt: skip
            self.assertEqual(code, 64, err)
            self.assertIn(message, err)


if __name__ == "__main__":
    small_run.main()
