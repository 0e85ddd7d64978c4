"""`lockstep predict` and `evaluate` on speech: recordings, splits, word times, formats, pictures."""

import json
import pathlib
import random
import struct
import tempfile
import unittest
import xml.dom.minidom

import small_run
import whistled_speech
from small_run import run, run_well
from speech_files import RATE, tone, wav

SETTINGS = {"model.layers": 1, "model.hidden_size": 32, "model.conv_channels": 32, "data.stack": 4,
            "data.stride": 3, "batch.sequences": 16, "batch.slots": 2, "schedule.learning_rate": 0.02,
            "checkpoint.every": 1000}  # fmt: skip


class PredictSpeechTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        whistled_speech.make(cls.folder, "train", 120, 1)
        cls.times = {}
        cls.texts = whistled_speech.make(cls.folder, "test", 12, 2, cls.times)
        cls.corpus, cls.run_folder = cls.folder / "corpus", cls.folder / "run"
        run_well("prepare", "speech", "--manifest", cls.folder / "train.tsv", "--test-manifest",
                 cls.folder / "test.tsv", "--mel-bins", 23, "--out", cls.corpus)  # fmt: skip
        settings = [word for key, value in SETTINGS.items() for word in ("--set", f"{key}={value}")]
        run_well("train", "--corpus", cls.corpus, "--run", cls.run_folder, "--steps", 160, *settings)
        (cls.folder / "words.txt").write_text("\n".join(whistled_speech.WORDS) + "\n")

    def predict(self, *words):
        return run_well("predict", "--run", self.run_folder, *words)

    def fails(self, code, message, *words):
        found, _, err = run(*words)
        self.assertIn(message, err)
        self.assertEqual(found, code, err)

    def wavs(self):
        return [self.folder / f"{name}.wav" for name in self.texts]

    def test_evaluate_gives_error_rates_of_words_and_characters(self):
        words = ("evaluate", "--run", self.run_folder, "--corpus", self.corpus, "--json")
        greedy = json.loads(run_well(*words))
        self.assertEqual(greedy["utterances"], 12)
        self.assertEqual(greedy["words"]["reference"], sum(len(t.split()) for t in self.texts.values()))
        self.assertEqual(greedy["characters"]["reference"], sum(map(len, self.texts.values())))
        self.assertLess(greedy["words"]["rate"], 0.3)
        listed = json.loads(run_well(*words, "--words", self.folder / "words.txt", "--threads", 2))
        self.assertLessEqual(listed["words"]["rate"], greedy["words"]["rate"])

    def test_a_recording_gives_the_words_that_its_sample_gives(self):
        self.predict("--corpus", self.corpus, "--format", "trn", "--out", self.folder / "split.trn")
        lines = (self.folder / "split.trn").read_text().splitlines()
        by_split = {line[line.rindex("(") + 1:-1]: line[:line.rindex("(")].strip() for line in lines}
        self.assertEqual(by_split.keys(), self.texts.keys())
        by_recording = dict(line.split("\t") for line in self.predict("--audio", *self.wavs()).splitlines())
        self.assertEqual({pathlib.Path(path).stem: text for path, text in by_recording.items()}, by_split)

    def test_known_words_are_aligned(self):
        """The same words at the same times from the corpus and from the recordings, and near where they are."""
        found = []
        for name, source in (("corpus", ["--corpus", self.corpus]), ("list", ["--manifest", self.folder / "test.tsv"])):
            out = self.folder / f"aligned-{name}.ctm"
            self.predict(*source, "--align", "--out", out)
            found.append(sorted(out.read_text().splitlines()))
        self.assertEqual(*found)
        words = {}
        for line in found[0]:
            identity, _, start, seconds, word, confidence = line.split()
            words.setdefault(identity, []).append((float(start), float(seconds), word))
            self.assertTrue(0 < float(confidence) <= 1)
        self.assertEqual({i: " ".join(w[2] for w in sorted(words[i])) for i in words}, self.texts)
        errors = [abs(got[0] - real[1]) for i in words for got, real in zip(sorted(words[i]), self.times[i])]
        # A letter lasts 0.09 s, a step 0.03 s, and a label shows when its letter has been heard: 0.12 s on average.
        self.assertLess(sum(errors) / len(errors), 0.16)

    def test_standard_output_gets_what_a_file_would_get(self):
        manifest = ("--manifest", self.folder / "test.tsv")
        for number, words in enumerate((
            ("--corpus", self.corpus),
            ("--corpus", self.corpus, "--format", "trn"),
            ("--corpus", self.corpus, "--align"),
            (*manifest, "--align"),
            ("--audio", self.wavs()[0], "--format", "jsonl"),
        )):  # fmt: skip
            out = self.folder / f"same-{number}"
            self.predict(*words, "--out", out)
            self.assertEqual(self.predict(*words), out.read_text(), words)

    def test_what_cannot_be_aligned_is_told(self):
        predict = ("predict", "--run", self.run_folder, "--align")
        manifest = ("--manifest", self.folder / "test.tsv")
        self.fails(64, "--align needs transcripts", *predict, "--audio", self.wavs()[0], "--out", self.folder / "x")
        self.fails(64, "--lm is for finding words; --align takes the words as known", *predict, *manifest,
                   "--lm", "x.arpa", "--out", self.folder / "x")  # fmt: skip
        rows = ["id\tpath\ttext", f"long\t{self.wavs()[0]}\t{'ab ' * 400}", f"odd\t{self.wavs()[1]}\tax"]
        (self.folder / "bad.tsv").write_text("\n".join(rows) + "\n")
        code, _, err = run(*predict, "--manifest", self.folder / "bad.tsv", "--out", self.folder / "x")
        self.assertEqual(code, 65, err)
        self.assertIn("the transcript is too long for it", err)
        for place in ("bad.tsv:2", 'utterance "long"', "bad.tsv:3", 'utterance "odd"'):
            self.assertIn(place, err)
        self.assertIn('"x"', err)

    def test_a_recording_is_normalised_by_the_training_split(self):
        for way in ("global", "running", "smoothed"):
            corpus, folder = self.folder / f"corpus-{way}", self.folder / f"run-{way}"
            run_well("prepare", "speech", "--manifest", self.folder / "train.tsv", "--test-manifest",
                     self.folder / "test.tsv", "--mel-bins", 23, "--normalise", way, "--out", corpus)  # fmt: skip
            settings = [word for key, value in SETTINGS.items() for word in ("--set", f"{key}={value}")]
            run_well("train", "--corpus", corpus, "--run", folder, "--steps", 40, *settings)
            found = []
            for source in (["--corpus", corpus], ["--audio", *self.wavs()]):
                out = self.folder / f"{way}{len(found)}.ctm"
                run_well("predict", "--run", folder, *source, "--format", "ctm", "--out", out)
                found.append(sorted(out.read_text().replace(".wav", "").splitlines()))
            self.assertEqual(*found)
            self.assertGreater(len(found[0]), 12)

    def test_one_recording_gives_its_text_alone(self):
        text = self.predict("--audio", self.wavs()[0])
        self.assertNotIn("\t", text)
        self.assertLessEqual(set(text), set("abc \n"))

    def test_a_channel_of_several_is_chosen(self):
        mono = self.wavs()[0]
        samples = [sample for (sample,) in struct.iter_unpack("<h", mono.read_bytes()[44:])]
        stereo = self.folder / "stereo.wav"
        stereo.write_bytes(wav([value for sample in samples for value in (0, sample)], channels=2))
        words = ("predict", "--run", self.run_folder, "--audio", stereo)
        self.fails(64, "has 2 channels and none was chosen; name one with --channel (0..1, or mix", *words)
        self.fails(64, '--channel is "left"; allowed: the number of a channel from 0, or mix', *words,
                   "--channel", "left")  # fmt: skip
        self.fails(64, "channel 2 was chosen, there are 0..1", *words, "--channel", 2)
        self.fails(64, "--channel goes with --audio", "predict", "--run", self.run_folder, "--corpus",
                   self.corpus, "--channel", 0)  # fmt: skip
        self.assertEqual(run_well(*words, "--channel", 1), self.predict("--audio", mono))
        twice = self.folder / "twice.wav"
        twice.write_bytes(wav([value for sample in samples for value in (sample, sample)], channels=2))
        self.assertEqual(self.predict("--audio", twice, "--channel", "mix"), self.predict("--audio", mono))
        self.assertEqual(self.predict("--audio", mono, "--channel", 0), self.predict("--audio", mono))

    def test_a_long_recording_is_recognised_in_parts_with_right_times(self):
        draw = random.Random(3)
        text = whistled_speech.sentence(draw, 150)
        samples = whistled_speech.whistle(text, draw)
        self.assertGreater(len(samples) / RATE, 60)
        (self.folder / "long.wav").write_bytes(wav(samples))
        out = self.folder / "long.jsonl"
        for threads in (1, 2):
            self.predict("--audio", self.folder / "long.wav", "--format", "jsonl", "--out", out, "--threads",
                         threads, "--words", self.folder / "words.txt")  # fmt: skip
            found = json.loads(out.read_text())
            out.unlink()
            right = sum(a == b for a, b in zip(found["text"].split(), text.split()))
            self.assertGreater(right, 120, found["text"])
            starts = [word["start"] for word in found["words"]]
            self.assertEqual(starts, sorted(starts))
            self.assertLess(abs(found["words"][-1]["end"] - len(samples) / RATE), 0.6)
        several = json.loads(self.predict("--audio", self.folder / "long.wav", "--format", "jsonl", "--words",
                                          self.folder / "words.txt", "--n-best", 3))["hypotheses"]  # fmt: skip
        self.assertEqual(several[0]["text"], found["text"])
        self.assertEqual(len({one["text"] for one in several}), 3)
        totals = [one["total"] for one in several]
        self.assertEqual(totals, sorted(totals, reverse=True))

    def test_word_times_confidence_and_n_best(self):
        out = self.folder / "words.ctm"
        self.predict("--corpus", self.corpus, "--format", "ctm", "--out", out)
        for line in out.read_text().splitlines():
            name, channel, start, duration, word, confidence = line.split()
            self.assertIn(name, self.texts)
            self.assertEqual(channel, "1")
            self.assertGreaterEqual(float(start), 0)
            self.assertGreater(float(duration), 0)
            self.assertLessEqual(float(confidence), 1)
            self.assertLessEqual(set(word), set("abc"))
        out = self.folder / "best.jsonl"
        self.predict("--corpus", self.corpus, "--format", "jsonl", "--out", out, "--decoder", "beam",
                     "--n-best", 3)  # fmt: skip
        for line in out.read_text().splitlines():
            totals = [hypothesis["total"] for hypothesis in json.loads(line)["hypotheses"]]
            self.assertEqual(totals, sorted(totals, reverse=True))
            self.assertLessEqual(len(totals), 3)

    def test_the_score_of_a_greedy_transcript_is_that_of_its_labels(self):
        """Whatever finds the labels: the beam, which keeps all of them here, gives the same text the same probability,
        but for labellings that write its words with several separators."""
        found = []
        for decoder in (("--decoder", "greedy"), ("--decoder", "beam", "--n-best", 40)):
            lines = self.predict("--corpus", self.corpus, "--format", "jsonl", *decoder).splitlines()
            found.append({one["id"]: one["hypotheses"] for one in map(json.loads, lines)})
        compared = 0
        for name, (greedy,) in found[0].items():
            for other in found[1][name]:
                if other["text"] != greedy["text"]:
                    continue
                compared += 1
                self.assertLessEqual(greedy["acoustic"], other["acoustic"] + 1e-6)
                self.assertAlmostEqual(greedy["acoustic"], other["acoustic"], delta=0.05)
        self.assertGreater(compared, 6)

    def test_pictures_are_drawn_of_recordings_and_of_the_first_samples(self):
        pictures = self.folder / "pictures"
        self.predict("--audio", self.wavs()[0], "--pictures", pictures)
        self.assertEqual([path.name for path in pictures.iterdir()], ["test-0.svg"])
        self.predict("--corpus", self.corpus, "--pictures", pictures)
        names = list(pictures.iterdir())
        self.assertEqual(len(names), 8)
        path = run_well("report", "--run", self.run_folder, "--split", "test").strip()
        page = pathlib.Path(path).read_text()
        self.assertIn("<h2>Transcripts</h2>", page)
        self.assertEqual(page.count("data:image/png"), 2 * pathlib.Path(names[0]).read_text().count("data:image/png"))
        for path in names:
            xml.dom.minidom.parse(str(path))

    def test_pictures_stay_in_their_folder_whatever_ids_say(self):
        ids = {"../../victim": "%2E.%2F..%2Fvictim", "wavs/a.wav": "wavs%2Fa.wav", "-rf": "%2Drf", "utt": "utt",
               "UTT": "UTT~2", str(self.folder / "victim"): None}  # fmt: skip
        rows = [f"{identity}\ttest-{i}.wav\tabc" for i, identity in enumerate(ids)]
        (self.folder / "hostile.tsv").write_text("\n".join(["id\tpath\ttext", *rows]) + "\n")
        corpus, pictures = self.folder / "hostile", self.folder / "deep" / "pictures"
        run_well("prepare", "speech", "--manifest", self.folder / "train.tsv", "--test-manifest",
                 self.folder / "hostile.tsv", "--mel-bins", 23, "--out", corpus)  # fmt: skip
        victim = self.folder / "victim.svg"
        victim.write_text("mine")
        self.predict("--corpus", corpus, "--pictures", pictures)
        names = sorted(path.stem for path in pictures.iterdir())
        self.assertEqual(len(names), len(ids))
        self.assertLess({name for name in ids.values() if name}, set(names))
        self.assertEqual(victim.read_text(), "mine")
        self.assertEqual(list((self.folder / "deep").iterdir()), [pictures])
        (self.folder / "-x.wav").write_bytes(self.wavs()[0].read_bytes())
        self.predict("--audio", self.folder / "-x.wav", "--pictures", pictures)
        self.assertTrue((pictures / "%2Dx.svg").exists())

    def test_bad_recordings_and_options(self):
        predict = ("predict", "--run", self.run_folder)
        self.fails(66, "none.wav", *predict, "--audio", self.folder / "none.wav")
        (self.folder / "text.wav").write_text("this is no recording")
        self.fails(65, "text.wav", *predict, "--audio", self.folder / "text.wav")
        (self.folder / "short.wav").write_bytes(wav(tone(0.01)))
        self.fails(65, "too short", *predict, "--audio", self.folder / "short.wav")
        self.fails(64, "--split goes with --corpus", *predict, "--audio",
                   self.wavs()[0], "--split", "test")  # fmt: skip
        self.fails(64, "allowed are greedy and beam", *predict, "--audio", self.wavs()[0], "--decoder", "best")
        self.fails(64, "--lm goes with --decoder beam", *predict, "--audio", self.wavs()[0], "--decoder",
                   "greedy", "--lm", "x.arpa")  # fmt: skip
        self.fails(66, "x.arpa", *predict, "--audio", self.wavs()[0], "--lm", self.folder / "x.arpa")

        self.fails(64, "is empty", *predict, "--audio", self.wavs()[0], "--out", "")
        self.fails(64, "--lm-weight is \"1e300\"; allowed is a number from 0 to", *predict, "--audio", self.wavs()[0],
                   "--lm", "x.arpa", "--lm-weight", "1e300")  # fmt: skip
        self.fails(64, "--n-best goes with --format jsonl", *predict, "--audio", self.wavs()[0], "--decoder", "beam",
                   "--n-best", "3")  # fmt: skip
        for name, needed in (("--n-best", "--decoder beam"), ("--word-bonus", "--lm"), ("--lm-weight", "--lm"),
                             ("--manifest-format", "--manifest"), ("--audio-root", "--manifest")):  # fmt: skip
            self.fails(64, f"{name} goes with {needed}", *predict, "--audio", self.wavs()[0], name, "3", *(
                ("--words", self.folder / "words.txt") if needed == "--lm" else ()))  # fmt: skip

    def test_features_are_no_recordings_and_recordings_no_features(self):
        draw = random.Random(4)
        for folder in ("etc", "feat"):
            (self.folder / folder).mkdir()
        names = [f"u{number}" for number in range(8)]
        for name in names:
            values = [draw.random() for _ in range(13 * 60)]
            (self.folder / f"feat/{name}.mfc").write_bytes(struct.pack(f">i{len(values)}f", len(values), *values))
        (self.folder / "etc/all.fileids").write_text("".join(f"{name}\n" for name in names))
        (self.folder / "etc/all.transcription").write_text("".join(f"ab ({name})\n" for name in names))
        manifest = ("--manifest", self.folder / "etc/all.fileids")
        self.fails(65, "u0.mfc: holds features (MFC), but the run was trained on recordings", "predict", "--run",
                   self.run_folder, *manifest)  # fmt: skip
        corpus, run_folder = self.folder / "mfc-corpus", self.folder / "mfc-run"
        run_well("prepare", "speech", *manifest, "--out", corpus)
        run_well("train", "--corpus", corpus, "--run", run_folder, "--steps", 1, "--set", "model.hidden_size=4")
        self.fails(65, "is a recording, but the run was trained on MFC features", "predict", "--run", run_folder,
                   "--audio", self.wavs()[0])  # fmt: skip
        self.assertEqual(len(run_well("predict", "--run", run_folder, *manifest).splitlines()), 8)

    def test_a_bad_recording_does_not_cost_the_others(self):
        (self.folder / "junk.wav").write_text("this is no recording")
        out = self.folder / "others.trn"
        two = self.wavs()[:2]
        words = ("predict", "--run", self.run_folder, "--format", "trn", "--out", out, "--audio")
        bad = (self.folder / "junk.wav", self.folder / "none (1).wav")
        self.fails(65, "2 of 2 recordings could not be transcribed\n", *words, *bad)
        self.assertFalse(out.exists())
        code, _, err = run(*words, two[0], *bad, two[1])
        self.assertEqual(code, 65)
        for text in ("junk.wav", "none (1).wav", "2 of 4 recordings could not be transcribed; the others were"):
            self.assertIn(text, err)
        self.assertEqual([line.rpartition("(")[2] for line in out.read_text().splitlines()],
                         [f"{path.stem})" for path in two])  # fmt: skip

    def test_names_fit_every_format(self):
        odd = self.folder / "odd name (1).wav"
        odd.write_bytes(self.wavs()[0].read_bytes())
        self.predict("--audio", odd, "--format", "trn", "--out", self.folder / "odd.trn")
        self.assertIn("(odd_name__1_)", (self.folder / "odd.trn").read_text())

    def test_an_id_that_a_format_cannot_hold_does_not_cost_the_others(self):
        rows = ["id\tpath\ttext"] + [f"{name}\t{path}\tab" for name, path in zip(("one", "t w o", "three"), self.wavs())]
        manifest = self.folder / "ids.tsv"
        manifest.write_text("\n".join(rows) + "\n")
        run_well("prepare", "speech", "--manifest", self.folder / "train.tsv", "--test-manifest", manifest, "--mel-bins",
                 23, "--out", self.folder / "ids")  # fmt: skip
        for number, (source, last) in enumerate(((("--manifest", manifest), "1 of 3 recordings could not be transcribed"),
                                                 (("--corpus", self.folder / "ids"), "1 of 3 transcripts could not"))):
            out = self.folder / f"ids-{number}"
            code, _, err = run("predict", "--run", self.run_folder, *source, "--format", "ctm", "--out", out)
            self.assertEqual(code, 65, err)
            self.assertIn('utterance "t w o": its id must', err)
            self.assertIn(last, err)
            self.assertEqual({line.split()[0] for line in out.read_text().splitlines()}, {"one", "three"})

    def test_a_recording_of_a_lower_rate_is_recognised_with_a_warning(self):
        (self.folder / "low.wav").write_bytes(wav(tone(0.5, rate=8000), rate=8000))
        code, _, err = run("predict", "--run", self.run_folder, "--audio", self.folder / "low.wav")
        self.assertEqual(code, 0, err)
        self.assertIn("8000 Hz, the model was trained on 16000 Hz", err)


if __name__ == "__main__":
    small_run.main()
