#!/usr/bin/env python3
"""lockstep evaluate on transcripts: the same rates on any number of ranks and threads, what the decoders
write, and what is refused."""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import small_run
from program import metrics_of
from small_run import run, run_well
from speech_corpus import WORDS, prepare_words, some_texts

SETTINGS = {"model.hidden_size": 24, "model.conv_channels": 16, "data.stack": 3, "data.stride": 2,
            "schedule.learning_rate": 0.01, "batch.sequences": 20, "batch.slots": 6,
            "validation.every": 1000}  # fmt: skip
ARPA = """\\data\\
ngram 1=4

\\1-grams:
-1 <s>
-1 </s>
-0.5 one
-0.5 two

\\end\\
"""


def train(corpus, run_folder, steps, **more):
    settings = {**SETTINGS, **{key.replace("__", "."): value for key, value in more.items()}}
    words = [word for key, value in settings.items() for word in ("--set", f"{key}={value}")]
    return run("train", "--corpus", corpus, "--run", run_folder, "--steps", steps, *words)


class SpeechRun(unittest.TestCase):
    """A corpus, and a run on it that makes errors: one word in some."""

    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        cls.corpus, cls.run_folder = cls.folder / "corpus", cls.folder / "run"
        cls.make_corpus(cls.corpus, some_texts(20, seed=3))
        code, _, err = train(cls.corpus, cls.run_folder, 50)
        assert code == 0, err

    @classmethod
    def make_corpus(cls, out, test, *more):
        more = more or ("--deltas", 1)
        run_well(*prepare_words(cls.folder, out, some_texts(60), some_texts(6, seed=2), test, more))

    def words(self, *more, run_folder=None, corpus=None):
        return ("evaluate", "--run", run_folder or self.run_folder, "--corpus", corpus or self.corpus,
                *more)  # fmt: skip

    def evaluation(self, *more, **where):
        found = json.loads(run_well(*self.words("--json", *more, **where)))
        self.assertGreater(found.pop("seconds"), 0)
        return found

    def fails(self, code, message, *more, **where):
        found, _, err = run(*self.words(*more, **where))
        self.assertIn(message, err)
        self.assertEqual(found, code, err)


class Rates(SpeechRun):
    def test_are_the_same_on_any_number_of_ranks_and_threads(self):
        expected = self.evaluation()
        self.assertEqual(self.evaluation("--threads", 3), expected)
        if shutil.which("mpirun") is None:
            self.skipTest("mpirun is missing")
        for ranks, threads in ((2, 1), (3, 2)):
            command = ["mpirun", "--oversubscribe", "-n", ranks, small_run.LOCKSTEP]
            command += self.words("--json", "--threads", threads)
            allow = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False,
                                  env={**os.environ, **allow})  # fmt: skip
            self.assertEqual(done.returncode, 0, done.stderr)
            found = json.loads(done.stdout)
            found.pop("seconds")
            self.assertEqual(found, expected, f"{ranks} ranks x {threads} threads")

    def test_have_all_fields_and_add_up(self):
        found = self.evaluation()
        self.assertEqual(
            list(found), ["split", "utterances", "words", "characters", "loss", "decoder", "step",
                          "checkpoint", "parameters_hash"])  # fmt: skip
        self.assertEqual((found["split"], found["utterances"], found["decoder"]), ("test", 20, "greedy"))
        self.assertEqual(found["words"]["reference"], sum(len(t.split()) for t in some_texts(20, seed=3)))
        self.assertEqual(found["characters"]["reference"], sum(len(t) for t in some_texts(20, seed=3)))
        for rate in (found["words"], found["characters"]):
            errors = rate["substitutions"] + rate["insertions"] + rate["deletions"]
            self.assertGreater(errors, 0)
            self.assertEqual(rate["rate"], errors / rate["reference"])
            self.assertTrue(rate["low"] <= rate["rate"] <= rate["high"])

    def test_of_words_are_those_of_the_validation(self):
        """metrics.jsonl has the rate that evaluate finds for the validation split, and goes by it."""
        for number, more in enumerate((["--units", "letters"], ["--units", "words"],
                                       ["--units", "sentencepiece:12"])):  # fmt: skip
            corpus, run_folder = self.folder / f"c{number}", self.folder / f"r{number}"
            self.make_corpus(corpus, ["one"], "--deltas", 1, *more)
            settings = {"validation__every": 20, "validation__metric": "wer", "train__threads": 2}
            code, _, err = train(corpus, run_folder, 60, **settings)
            self.assertEqual(code, 0, err)
            self.assertEqual("the units of the corpus are words, but its training" in err, "words" in more)
            rates = {record["step"]: record["wer"] for record in metrics_of(run_folder) if record["kind"] == "validation"}
            found = self.evaluation("--split", "valid", run_folder=run_folder, corpus=corpus)
            self.assertEqual(rates[found["step"]], found["words"]["rate"])
            self.assertEqual(rates[found["step"]], min(rates.values()))

    def test_of_words_cannot_be_chosen_by_where_labels_spell_none(self):
        corpus = self.folder / "dna"
        run_well("prepare", "dna", "--synthetic", 6000, "--window", 64, "--out", corpus)
        code, _, err = train(corpus, self.folder / "dna-run", 1, validation__metric="wer", data__stack=1,
                             data__stride=1, model__conv_channels=0)  # fmt: skip
        self.assertEqual(code, 64)
        self.assertIn('validation.metric is "wer", but the labels of the corpus spell no words (kind "dna")', err)

    def test_of_references_without_a_word(self):
        self.make_corpus(self.folder / "silent", [""] * 4)
        found = self.evaluation(corpus=self.folder / "silent")
        self.assertEqual((found["utterances"], found["words"]["reference"]), (4, 0))
        self.assertIn(found["words"]["rate"], (0, 1))
        self.assertIsInstance(found["loss"], float)
        self.assertIn("WER", run_well(*self.words(corpus=self.folder / "silent")))

    def test_of_a_model_that_writes_nothing(self):
        units, mute = self.folder / "units", self.folder / "mute"
        classes = json.loads((self.corpus / "corpus.json").read_text())["classes"]
        units.write_text("".join(f"{name}\n" for name in classes[1:]))
        run_well(*prepare_words(self.folder, mute, [""] * 20, more=("--deltas", 1, "--units-file", units)))
        code, _, err = train(mute, self.folder / "mute-run", 40)
        self.assertEqual(code, 0, err)
        for decoder in ("greedy", "beam"):
            words = self.evaluation("--decoder", decoder, run_folder=self.folder / "mute-run")["words"]
            self.assertEqual((words["rate"], words["deletions"]), (1, words["reference"]), decoder)

    def test_of_a_model_that_has_learnt_nothing(self):
        code, _, err = train(self.corpus, self.folder / "chance", 1, schedule__learning_rate=0)
        self.assertEqual(code, 0, err)
        self.assertGreaterEqual(self.evaluation(run_folder=self.folder / "chance")["words"]["rate"], 0.9)


class Decoders(SpeechRun):
    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def test_a_word_list_lets_only_its_words_through(self):
        words = self.write("words", "one\ntwo\nzero\n")
        run_well("predict", "--run", self.run_folder, "--corpus", self.corpus, "--words", words, "--out",
                 self.folder / "out.trn", "--format", "trn")  # fmt: skip
        lines = (self.folder / "out.trn").read_text().splitlines()
        found = {word for line in lines for word in line.split()[:-1]}
        self.assertTrue(found and found <= {"one", "two", "zero"}, found)
        self.assertEqual(self.evaluation("--words", words)["decoder"], "beam 32, 3 words")

    def test_all_words_and_a_model_of_them_make_fewer_errors(self):
        words = self.write("all", "".join(f"{word}\n" for word in WORDS))
        text = self.write("text", "".join(f"{text}\n" for text in some_texts(60)))
        run_well("prepare", "lm", "--text", text, "--order", 2, "--out", self.folder / "lm.arpa")
        more = ("--words", words, "--lm", self.folder / "lm.arpa")
        self.assertLess(self.evaluation(*more)["words"]["rate"], self.evaluation()["words"]["rate"])
        self.assertEqual(self.evaluation(*more), self.evaluation(*more, "--threads", 2))

    def test_a_word_that_is_no_utf_8_is_refused(self):
        words = self.write("latin", b"two\non\xe9 o n e\n")
        self.fails(65, "latin:2: column 3 has the byte 0xe9, which is not valid UTF-8", "--words", words)

    def test_what_goes_with_a_beam_is_refused_without_one(self):
        for name in ("--lm", "--words", "--beam", "--lm-weight", "--word-bonus"):
            self.fails(64, f"{name} goes with --decoder beam", "--decoder", "greedy", name, "1")
        self.fails(64, '--beam is "1000000000"; allowed is a whole number from 1 to 100000', "--decoder", "beam", "--beam",
                   "1000000000")  # fmt: skip
        self.fails(64, "--n-best", "--decoder", "beam", "--n-best", "5")  # nothing is written that could hold them
        self.fails(64, "--decoder is \"viterbi\"; allowed are greedy and beam", "--decoder", "viterbi")

    def test_files_that_cannot_be_read(self):
        self.fails(66, "none.arpa", "--lm", self.folder / "none.arpa")
        self.fails(66, "none.txt", "--words", self.folder / "none.txt")
        self.fails(65, "empty.arpa: the file ends without", "--lm", self.write("empty.arpa", ""))
        self.fails(65, "bad.arpa:8: ", "--lm", self.write("bad.arpa", ARPA.replace("-0.5 two", "x two")))

    def test_a_lexicon_of_other_tools_is_read_as_the_plain_list(self):
        plain = self.evaluation("--words", self.write("plain", "".join(f"{word}\n" for word in WORDS)))
        spelt = "".join(f"{word}\t{' '.join(word)} |\n" for word in WORDS)
        self.assertEqual(self.evaluation("--words", self.write("lexicon", spelt)), plain)

    def test_words_that_do_not_fit_are_told_with_their_share(self):
        for words in ("one\nqqq\n", "one o n e\nqqq q Q q\n"):
            code, _, err = run(*self.words("--words", self.write("odd", words)))
            self.assertEqual(code, 0, err)
            self.assertIn("odd: 1 of 2 words (50.0 %) are left out", err)
            self.assertIn('line 2: "qqq"', err)
        code, _, err = run(*self.words("--lm", self.write("lm", ARPA.replace("two", "TWO"))))
        self.assertEqual(code, 0, err)
        self.assertIn("cannot spell 1 of 2 words of the language model (50.0 %)", err)

    def test_files_that_do_not_fit_at_all_are_refused(self):
        upper = self.write("upper", "ONE\nTWO\n")
        self.fails(65, "upper: none of its 2 words can be spelt", "--words", upper)
        other = self.write("other.arpa", ARPA.replace("one", "ONE").replace("two", "TWO"))
        self.fails(65, "can spell none of the 2 words of the language model", "--lm", other)
        three = self.write("three", "three\n")
        self.fails(65, "three and ", "--words", three, "--lm", self.write("lm.arpa", ARPA))

    def test_are_for_transcripts(self):
        dna, dna_run = self.folder / "dna", self.folder / "dna-run"
        run_well("prepare", "dna", "--synthetic", 2000, "--window", 50, "--out", dna)
        run_well("train", "--corpus", dna, "--run", dna_run, "--steps", 1)
        self.fails(64, '--beam is for corpora of kind "speech" or "translation"', "--beam", 4, run_folder=dna_run, corpus=dna)


class Misfits(SpeechRun):
    def test_features_of_another_width(self):
        self.make_corpus(self.folder / "wide", ["one"], "--deltas", 2)
        self.fails(64, "real values x 39", corpus=self.folder / "wide")

    def test_features_of_the_same_width_computed_otherwise(self):
        self.make_corpus(self.folder / "raw", ["one"], "--deltas", 1, "--normalise", "none")
        self.fails(64, '/normalise is "none", that of the run "utterance"', corpus=self.folder / "raw")

    def test_a_stride_that_leaves_too_few_steps_for_the_labels(self):
        code, _, err = train(self.corpus, self.folder / "far", 1, data__stride=20)
        self.assertEqual(code, 65, err)
        self.assertRegex(
            err, r'corpus/train-00000.h5: record \d+ \(sample \d+ "train\d+"\): its \d+ labels need \d+ '
                 r"steps, it has \d+ \(stride 20\); take a smaller data.stride, or prepare")  # fmt: skip
        self.assertFalse(any((self.folder / "far/checkpoints").iterdir()))

    def test_frames_are_not_for_symbols(self):
        run_well("prepare", "dna", "--synthetic", 2000, "--window", 50, "--out", self.folder / "dna")
        for key in ("augment.noise=0.1", "augment.stretch=0.1", "augment.time_masks=1", "data.stack=2",
                    "data.stride=2", "augment.band_masks=1", "model.conv_channels=4"):  # fmt: skip
            code, _, err = run("train", "--corpus", self.folder / "dna", "--run", self.folder / "no",
                               "--steps", 1, "--set", key)  # fmt: skip
            self.assertEqual(code, 64, key)
            self.assertIn("are for real-valued inputs; the corpus (kind \"dna\") has symbols", err)
            self.assertFalse((self.folder / "no").exists())


if __name__ == "__main__":
    small_run.main()
