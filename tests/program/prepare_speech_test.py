"""`lockstep prepare speech`: what is bad is told in one go, and what is good is the same on any number
of ranks and threads, interrupted or not."""

import hashlib
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import small_run
import storage_faults
from small_run import run, run_well
from speech_files import small_corpus, tone, wav, write_tsv, write_wav

SMALL = ("--mel-bins", 23, "--shard-bytes", 30000)


class SpeechTest(unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        self.addCleanup(holder.cleanup)
        self.folder = pathlib.Path(holder.name)

    def prepare(self, out="corpus", manifest="train.tsv", more=()):
        return run("prepare", "speech", "--manifest", self.folder / manifest, "--out", self.folder / out,
                   *SMALL, *more)  # fmt: skip

    def prepare_well(self, *more, out="corpus", manifest="train.tsv"):
        code, text, err = self.prepare(out, manifest, more)
        self.assertEqual(code, 0, err)
        return text

    def index(self, out="corpus"):
        return json.loads((self.folder / out / "corpus.json").read_text())

    def digest(self, out):
        """Name and hash of every file of a corpus."""
        files = sorted(path for path in (self.folder / out).rglob("*") if path.is_file())
        return [(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in files]


class Encodings(SpeechTest):
    def test_a_manifest_that_is_wholly_latin_1_is_told_as_that(self):
        write_wav(self.folder / "a.wav")
        (self.folder / "train.tsv").write_bytes("path\ttext\na.wav\tcaf\u00e9\n".encode("latin-1"))
        code, _, err = self.prepare()
        self.assertEqual(code, 65, err)
        self.assertIn("the text is no UTF-8: byte 0xe9; convert its file, for example with `iconv -f ISO-8859-1", err)
        self.assertNotIn("every transcript is empty", err)


class BadRecordings(SpeechTest):
    """One manifest with each kind of bad utterance."""

    def setUp(self):
        super().setUp()
        folder = self.folder
        write_wav(folder / "good.wav")
        write_wav(folder / "deep.wav", bits=24)
        write_wav(folder / "float.wav", bits=32)
        (folder / "cut.wav").write_bytes(wav(tone(1))[:-9000])
        (folder / "header.wav").write_bytes(wav(tone(1), declared_bytes=1000))
        (folder / "none.wav").write_bytes(wav(tone(0.5), channels=0))
        (folder / "stereo.wav").write_bytes(wav(tone(0.5), channels=2))
        (folder / "silent.wav").write_bytes(wav([0] * 8000))
        (folder / "slow.wav").write_bytes(wav(tone(0.5, 8000), rate=8000))
        (folder / "fast.wav").write_bytes(wav(tone(0.5, 44100), rate=44100))
        write_wav(folder / "short.wav", 0.01)
        (folder / "hour.wav").write_bytes(wav([1, -1] * (1800 * 16000)))
        (folder / "noise.wav").write_bytes(bytes(range(256)) * 10)
        self.bad = {
            "cut": "cut short", "header": "header.wav", "none": "none.wav", "stereo": "channel", "silent": "is silent",
            "slow": "has a sample rate of 8000 Hz, below that of the features, 16000; use --sample-rate 8000",
            "short": "is 0.0100 s long, too short for one frame",
            "hour": "is 3600.00 s long, allowed are 60 (--max-seconds)", "noise": "libsndfile cannot read it",
            "missing": "no such file"}  # fmt: skip
        self.good = ["good", "deep", "float", "fast"]
        rows = [(name, f"{name}.wav", "yes", "s") for name in self.good + list(self.bad)]
        rows += [("good", "good.wav", "no", "s"), ("long", "good.wav", "no yes " * 50, "s")]
        write_tsv(folder / "train.tsv", rows)
        self.count = len(self.bad) + 2

    def test_all_are_told_in_one_go_with_their_lines(self):
        code, _, err = self.prepare()
        self.assertEqual(code, 65, err)
        self.assertIn(f"the manifests: {self.count} bad utterances, 0 may be left out:", err)
        lines = err.splitlines()
        for at, (name, text) in enumerate(self.bad.items(), len(self.good) + 2):
            line = next((one for one in lines if f"train.tsv:{at}: utterance \"{name}\"" in one), "")
            self.assertIn(text, line, err)
        self.assertIn(f'utterance "good": the id is already on {self.folder / "train.tsv"}:2', err)
        self.assertIn('utterance "long": its 349 labels need', err)
        self.assertFalse((self.folder / "corpus/corpus.json").exists())

    def test_as_many_as_are_allowed_are_left_out_and_told(self):
        text = self.prepare_well("--skip-bad", self.count)
        self.assertIn(f"{self.count} bad utterances left out", text)
        self.assertEqual(self.index()["splits"]["train"]["sequences"], len(self.good))
        code, _, err = self.prepare("second", more=("--skip-bad", self.count - 1))
        self.assertEqual(code, 65)
        self.assertIn(f"{self.count - 1} may be left out", err)

    def test_channels_are_chosen_or_mixed(self):
        write_tsv(self.folder / "two.tsv", [("a", "stereo.wav", "yes", "s"), ("b", "good.wav", "no", "s")])
        code, _, err = self.prepare(manifest="two.tsv")
        self.assertEqual(code, 65)
        self.assertIn("has 2 channels and none was chosen; name one with --channel (0..1, or mix", err)
        for channel, stored in (("mix", "mix"), ("0", 0)):
            self.prepare_well("--channel", channel, out=f"corpus-{channel}", manifest="two.tsv")
            self.assertEqual(self.index(f"corpus-{channel}")["provenance"]["options"]["channel"], stored)
        code, _, err = self.prepare(manifest="two.tsv", more=("--channel", "both"))
        self.assertEqual(code, 64)
        self.assertIn('--channel is "both"; allowed: the number of a channel from 0, or mix', err)

    def test_units_that_a_list_does_not_have(self):
        write_tsv(self.folder / "letters.tsv", [("a", "good.wav", "yes", "s"), ("b", "deep.wav", "no!", "s")])
        (self.folder / "units").write_text("y\ne\ns\n")
        code, _, err = self.prepare(manifest="letters.tsv", more=("--units-file", self.folder / "units"))
        self.assertEqual(code, 65)
        self.assertIn('letters.tsv:3: utterance "b": the transcript has symbols that are no units: '
                      '"!" "n" "o"', err)  # fmt: skip

    def test_stretches_outside_the_recording(self):
        rows = [("a", "good.wav", "yes", 0.1, 0.4), ("b", "good.wav", "yes", 0.1, 0.9),
                ("c", "good.wav", "yes", 0.2, 0.1), ("d", "good.wav", "yes", 0, 0.53)]  # fmt: skip
        write_tsv(self.folder / "cut.tsv", rows, ("id", "path", "text", "begin", "end"))
        code, _, err = self.prepare(manifest="cut.tsv")
        self.assertEqual(code, 65)
        self.assertIn("2 bad utterances", err)
        self.assertIn('cut.tsv:3: utterance "b": its stretch 0.100 to 0.900 s is not in the recording', err)


class SameBytes(SpeechTest):
    def setUp(self):
        super().setUp()
        small_corpus(self.folder)

    def test_on_any_number_of_threads_and_ranks(self):
        self.check_all_ways("speaker")

    def test_on_any_number_of_threads_and_ranks_by_the_training_split(self):
        self.check_all_ways("global")

    def check_all_ways(self, normalise):
        more = ("--hold-out-speakers", 1, "--speeds", "0.9,1", "--noise-snr", "5,20", "--deltas", 1,
                "--normalise", normalise)  # fmt: skip
        self.prepare_well(*more, out="one")
        self.prepare_well(*more, "--threads", 3, out="threads")
        self.assertEqual(self.digest("one"), self.digest("threads"))
        self.assertGreater(len(self.index("one")["splits"]["train"]["shards"]), 3)
        self.assertIn("u0-sp0.9", (self.folder / "one/train-00000.h5").read_bytes().decode("latin1"))
        if shutil.which("mpirun") is None:
            self.skipTest("mpirun is missing")
        words = ["mpirun", "--oversubscribe", "-n", "3", small_run.LOCKSTEP, "prepare", "speech", "--manifest",
                 str(self.folder / "train.tsv"), "--out", str(self.folder / "ranks"),
                 *map(str, SMALL + more)]  # fmt: skip
        allow = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        done = subprocess.run(words, capture_output=True, text=True, check=False, env={**os.environ, **allow})
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.digest("one"), self.digest("ranks"))

    def test_after_a_kill(self):
        if storage_faults.LIBRARY is None:
            self.skipTest("needs the library of tests/support/storage_faults.c")
        small_corpus(self.folder, count=120)
        more = ("--shard-bytes", 9000)
        words = [small_run.LOCKSTEP, "prepare", "speech", "--manifest", str(self.folder / "train.tsv"), "--out",
                 str(self.folder / "killed"), "--mel-bins", "23", *map(str, more)]  # fmt: skip
        faults = storage_faults.environment(str(self.folder), "kill-after", 1, operations="rename,link",
                                            only="killed/.import/chunk-000001.json")  # fmt: skip
        killed = subprocess.run(words, env={**os.environ, **faults}, capture_output=True, check=False)
        self.assertEqual(killed.returncode, -signal.SIGKILL, killed.stderr)
        self.assertTrue((self.folder / "killed/.import/chunk-000001.json").exists())
        self.assertFalse((self.folder / "killed/corpus.json").exists())
        done = subprocess.run(words, capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("going on with an interrupted import", done.stderr)
        words[words.index("--out") + 1] = str(self.folder / "whole")
        subprocess.run(words, check=True, capture_output=True)
        self.assertEqual(self.digest("killed"), self.digest("whole"))

    def test_after_a_kill_and_with_other_channels(self):
        if storage_faults.LIBRARY is None:
            self.skipTest("needs the library of tests/support/storage_faults.c")
        pairs = zip(tone(0.5, 16000, 440), tone(0.5, 16000, 900))
        (self.folder / "two.wav").write_bytes(wav([sample for pair in pairs for sample in pair], channels=2))
        rows = {channel: [(f"u{i}", "two.wav", "yes", channel) for i in range(60)] for channel in (0, 1)}
        fields = ("id", "path", "text", "channel")
        write_tsv(self.folder / "train.tsv", rows[0], fields)
        words = [small_run.LOCKSTEP, "prepare", "speech", "--manifest", str(self.folder / "train.tsv"), "--out",
                 str(self.folder / "killed"), "--mel-bins", "23", "--shard-bytes", "9000"]  # fmt: skip
        faults = storage_faults.environment(str(self.folder), "kill-after", 1, operations="rename,link",
                                            only="killed/.import/chunk-000001.json")  # fmt: skip
        killed = subprocess.run(words, env={**os.environ, **faults}, capture_output=True, check=False)
        self.assertEqual(killed.returncode, -signal.SIGKILL, killed.stderr)
        write_tsv(self.folder / "train.tsv", rows[1], fields)
        subprocess.run(words, check=True, capture_output=True)
        words[words.index("--out") + 1] = str(self.folder / "whole")
        subprocess.run(words, check=True, capture_output=True)
        self.assertEqual(self.digest("killed"), self.digest("whole"))

    def test_a_killed_import_of_other_options_is_not_gone_on_with(self):
        (self.folder / "corpus/.import").mkdir(parents=True)
        (self.folder / "corpus/.import/chunk-000000.json").write_text('{"plan": "other"}')
        (self.folder / "corpus/train-00000.h5").write_text("")
        code, _, err = self.prepare()
        self.assertEqual(code, 0, err)
        self.assertIn("removed 1 shards", err)
        self.assertEqual(self.prepare()[0], 73)


class Choices(SpeechTest):
    def setUp(self):
        super().setUp()
        small_corpus(self.folder)

    def test_speakers_are_held_out(self):
        text = self.prepare_well("--valid-speakers", "s1")
        index = self.index()
        self.assertEqual(index["splits"]["valid"]["sequences"], 6)
        self.assertEqual(index["splits"]["train"]["sequences"], 18)
        self.assertIn("valid has the speakers s1", text)

    def test_letters_words_and_pieces(self):
        self.prepare_well("--uppercase", out="letters")
        self.assertEqual(self.index("letters")["classes"], ["<blank>", *sorted("EGNOPSTY"), "|"])
        self.prepare_well("--units", "words", out="words")
        self.assertEqual(self.index("words")["classes"], ["<blank>", "go", "no", "on", "stop", "yes"])
        self.prepare_well("--units", "sentencepiece:10", out="pieces")
        index = self.index("pieces")
        self.assertEqual(len(index["classes"]), 10)
        self.assertEqual(index["units"], {"kind": "pieces", "letter_case": "as-written", "model": "units.model"})
        model = self.folder / "pieces/units.model"
        self.prepare_well("--units", model, out="again")
        self.assertEqual(self.index("again")["classes"], index["classes"])
        for count in ("2", "2147483648", "1e300", "10.5", "many"):
            code, _, err = self.prepare(more=("--units", f"sentencepiece:{count}"))
            self.assertEqual(code, 64)
            self.assertIn(f'--units is "sentencepiece:{count}"; allowed are 3 to 1048576 pieces', err)

    def test_what_the_index_says_of_features(self):
        self.prepare_well("--features", "mfcc", "--deltas", 2, "--normalise", "none")
        index = self.index()
        self.assertEqual(index["inputs"], {"type": "float32", "width": 39})
        self.assertEqual(index["features"]["bins"], 13)
        self.assertEqual(index["features"]["options"]["kind"], "mfcc")
        self.assertEqual(index["provenance"]["splits"]["train"]["utterances"], 24)

    def test_statistics_are_those_of_the_training_split_alone(self):
        for name, pitch, seconds in (("low", 100, 0.4), ("high", 3000, 0.7)):
            write_wav(self.folder / f"{name}.wav", seconds, pitch=pitch)
            write_tsv(self.folder / f"{name}.tsv", [(name, f"{name}.wav", "no", "t")])
        for way in ("global", "running", "smoothed"):
            outs = [f"{way}-{name}" for name in ("low", "high")]
            for out in outs:
                test = self.folder / f"{out.split('-')[1]}.tsv"
                self.prepare_well("--normalise", way, "--test-manifest", test, out=out)
            low, high = (self.index(out) for out in outs)
            self.assertEqual(low["features"], high["features"])
            self.assertEqual(len(low["features"]["training"]["mean"]), 23)
            self.assertEqual(low["splits"]["train"], high["splits"]["train"])
            self.assertNotEqual(low["splits"]["test"], high["splits"]["test"])
        # The test manifest alone, by the statistics of another corpus, gives the same samples.
        self.prepare_well("--normalise", "global", "--statistics", self.folder / "global-low", out="alone",
                          manifest="high.tsv")  # fmt: skip
        self.assertEqual(self.index("alone")["features"], self.index("global-high")["features"])
        code, _, err = self.prepare("x", more=("--statistics", self.folder / "global-low"))
        self.assertEqual(code, 64)
        self.assertIn("--statistics goes with --normalise global, running or smoothed; --normalise is utterance", err)
        code, _, err = self.prepare("x", more=("--normalise", "global", "--deltas", 1, "--statistics",
                                               self.folder / "global-low"))  # fmt: skip
        self.assertEqual(code, 64)
        self.assertIn("--statistics has 23 features per frame, these recordings give 46", err)
        self.prepare_well(out="plain")
        code, _, err = self.prepare("x", more=("--normalise", "global", "--statistics", self.folder / "plain"))
        self.assertEqual(code, 64)
        self.assertIn("corpus.json there has no statistics of a training split", err)

    def test_the_corpus_is_verified(self):
        self.prepare_well()
        run_well("verify", self.folder / "corpus")

    def test_kaldi_folder(self):
        folder = self.folder / "kaldi"
        folder.mkdir()
        (folder / "wav.scp").write_text(f"r {self.folder}/u6.wav\n")
        (folder / "segments").write_text("a r 0 0.3\nb r 0.3 -1\n")
        (folder / "text").write_text("a yes\nb no\n")
        self.prepare_well(manifest="kaldi")
        self.assertEqual(self.index()["splits"]["train"]["sequences"], 2)

    def test_sphinx_features_as_they_are(self):
        (self.folder / "etc").mkdir()
        (self.folder / "feat/s").mkdir(parents=True)
        for name in "ab":
            numbers = [i / 7 for i in range(13 * 20)]
            (self.folder / f"feat/s/{name}.mfc").write_bytes(struct.pack(">I260f", 260, *numbers))
        (self.folder / "etc/x.fileids").write_text("s/a\ns/b\n")
        (self.folder / "etc/x.transcription").write_text("YES (a)\nNO (b)\n")
        self.prepare_well("--deltas", 2, manifest="etc/x.fileids")
        self.assertEqual(self.index()["inputs"]["width"], 39)
        self.assertEqual(self.index()["splits"]["train"]["steps"], 40)

    def test_wrong_options_are_told_together(self):
        code, _, err = self.prepare(more=("--speeds", "3", "--deltas", "9"))
        self.assertEqual(code, 64)
        self.assertIn("--speeds has 3, allowed: 0.5 to 2", err)
        self.assertIn("--deltas is 9, allowed: 0 to 2", err)


class Synthetic(SpeechTest):
    def test_spoken_by_voices_that_the_splits_do_not_share(self):
        if shutil.which("espeak-ng") is None:
            self.skipTest("espeak-ng is missing; install it with launch/setup --tests")
        words = ("prepare", "speech", "--synthetic", 20, *SMALL)
        run_well(*words, "--out", self.folder / "one")
        run_well(*words, "--out", self.folder / "two", "--threads", 2)
        self.assertEqual(self.digest("one"), self.digest("two"))
        splits = self.index("one")["splits"]
        self.assertEqual([splits[name]["sequences"] for name in ("train", "valid", "test")], [16, 2, 2])

    def test_without_the_program(self):
        words = [small_run.LOCKSTEP, "prepare", "speech", "--synthetic", "20", "--out", str(self.folder / "c")]
        done = subprocess.run(words, capture_output=True, text=True, check=False, env={"PATH": "/nonexistent"})
        self.assertEqual(done.returncode, 66, done.stderr)
        self.assertIn("install the Debian package espeak-ng", done.stderr)


if __name__ == "__main__":
    if len(sys.argv) > 2 and sys.argv[2].endswith(".so"):
        storage_faults.LIBRARY = os.path.abspath(sys.argv.pop(2))
    small_run.main()
