"""lockstep check: what it prints, and that it refuses what training would refuse."""

import os
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import small_run
import whistled_speech
from build_parts import has_speech
from small_run import run, run_well

ROW = r"^ *(\d+) +([\d.]+) s +([\d.]+) s +([\d.]+) s +([\d.]+) % +(\d+) MiB$"


class CheckTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.corpus = f"{cls.folder.name}/corpus"
        run_well("prepare", "dna", "--synthetic", 50000, "--window", 100, "--out", cls.corpus)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def check(self, *words):
        return run("check", "--corpus", self.corpus, "--steps", 5, "--set", "model.hidden_size=16",
                   *words)  # fmt: skip

    def rows(self, *words):
        code, out, err = self.check(*words)
        self.assertEqual(code, 0, err)
        self.assertIn("configuration and corpus fit", out)
        return [tuple(map(float, row)) for row in re.findall(ROW, out, re.MULTILINE)]

    def test_prints_a_row_for_each_power_of_two_and_the_number_asked_for(self):
        rows = self.rows("--ranks", 6, "--bandwidth", 1)
        self.assertEqual([row[0] for row in rows], [1, 2, 4, 6])
        for ranks, step, computing, network, efficiency, memory in rows:
            self.assertAlmostEqual(step, computing + network, delta=2e-4)
            self.assertGreater(memory, 10)
        self.assertEqual(rows[0][4], 100.0)

    def test_a_key_that_was_set_and_has_no_effect_is_named_once(self):
        said = "model.dropout is 0.3 (command line), which has no effect"
        _, _, err = self.check("--set", "model.dropout=0.3")
        self.assertEqual(err.count(said), 1, err)
        code, _, err = run("train", "--corpus", self.corpus, "--run", f"{self.folder.name}/idle", "--steps", 1, "--set",
                           "model.dropout=0.3", "--set", "model.loss=absolute")  # fmt: skip
        self.assertEqual((code, err.count(said), err.count("model.loss is absolute (command line), which has")),
                         (0, 1, 1), err)  # fmt: skip
        self.assertNotIn("no effect", self.check("--set", "model.dropout=0.3", "--set", "model.layers=2")[2])

    def test_what_a_run_begins_with_must_be_there(self):
        for key in ("train.start_from", "model.embeddings"):
            setting = f"{key}={self.folder.name}/missing"
            code, _, err = self.check("--set", setting)
            self.assertEqual(code, 66, err)
            self.assertIn("missing", err)
            job = ("job", "--time", "1h", "--corpus", self.corpus, "--steps", 5)
            self.assertEqual(run(*job, "--run", "new", "--set", setting)[:2], (66, ""))
            begun = pathlib.Path(self.folder.name) / "begun"
            begun.mkdir(exist_ok=True)
            (begun / "config.toml").touch()
            self.assertEqual(run(*job, "--run", begun, "--set", setting)[0], 0)

    def test_what_a_run_begins_with_must_fit_the_model(self):
        other = f"{self.folder.name}/other"
        run_well("train", "--corpus", self.corpus, "--run", other, "--steps", 1, "--set", "model.hidden_size=24")
        code, out, err = self.check("--set", f"train.start_from={other}")
        self.assertEqual(code, 0, err)  # the embedding fits, whatever the size of layers
        taken, all_of_them = map(int, re.search(r"starts with the parameters of .*: (\d+) of (\d+)", out).groups())
        self.assertTrue(0 < taken < all_of_them, out)
        code, _, err = self.check("--set", f"train.start_from={other}", "--set", "train.start_parts=rnn.*")
        self.assertEqual(code, 64, err)
        self.assertIn("has the name and shape of one of this model", err)

    def test_a_job_that_training_would_refuse_gets_no_script(self):
        for setting in ("data.stack=3", "validation.metric=wer", "data.source_weights=none.fa=2"):
            words = ("--corpus", self.corpus, "--steps", 5, "--set", setting)
            code, out, err = run("job", "--time", "1h", "--run", f"{self.folder.name}/new", *words)
            self.assertEqual((code, out), (64, ""), err)
            self.assertEqual(run("train", "--run", f"{self.folder.name}/new", *words)[0], 64)

    def test_counts_steps_behind_the_stride_of_frames(self):
        if not has_speech(small_run.LOCKSTEP):
            self.skipTest("this build has no speech")
        folder = pathlib.Path(self.folder.name)
        whistled_speech.make(folder, "speech", 20, 1)
        corpus = folder / "speech"
        run_well("prepare", "speech", "--manifest", folder / "speech.tsv", "--mel-bins", 23, "--out", corpus)
        steps = {}
        for stride in (1, 4):
            out = run_well("check", "--corpus", corpus, "--steps", 5, "--set", "model.hidden_size=8", "--set",
                           f"data.stride={stride}")  # fmt: skip
            steps[stride] = float(re.search(r"slots of (\d+) steps on average", out).group(1))
        self.assertAlmostEqual(steps[1] / steps[4], 4, delta=0.2)

    def test_a_slower_link_and_a_longer_way_cost_what_they_must(self):
        near = self.rows("--ranks", 2, "--bandwidth", 1, "--latency", 1)[-1]
        far = self.rows("--ranks", 2, "--bandwidth", 1, "--latency", 100000)[-1]
        self.assertGreater(far[3] - near[3], 0.1)

    def test_a_way_may_take_no_time(self):
        self.assertGreater(self.rows("--ranks", 2, "--latency", 0)[-1][1], 0)

    def test_without_overlap_all_of_the_network_counts(self):
        # A slot, which hides some of it, must take longer than the last digit that is printed, on a fast machine, too.
        words = ["--ranks", 2, "--bandwidth", 0.1, "--set", "model.hidden_size=96"]
        hidden, open_ = (
            self.rows(*words, "--set", f"train.overlap={overlap}")[-1][3]
            for overlap in ("true", "false")
        )
        self.assertGreater(open_, hidden)

    def test_leaves_nothing_behind(self):
        before = sorted(os.listdir(self.folder.name))
        self.rows()
        self.assertEqual(sorted(os.listdir(self.folder.name)), before)

    def test_refuses_what_training_would_refuse_and_warns_of_what_it_would(self):
        for words, code, message in [
            (["--ranks", 9, "--set", "batch.slots=8"], 0, "9 workers, but batch.slots is 8"),
            (["--set", "model.hidden_siz=4"], 64, "hidden_size"),
            (["--bandwidth", "fast"], 64, "--bandwidth"),
            (["--bandwidth", 0], 64, "--bandwidth"),
            (["--latency", -1], 64, "--latency"),
            (["--ranks", 70000], 64, "65536"),
            (["--ranks-per-host", 70000], 64, "65536"),
            (["--corpus", "nowhere"], 66, "nowhere"),
        ]:
            if "--corpus" in words:
                result = run("check", "--steps", 1, *words)
            else:
                result = self.check(*words)
            self.assertEqual(result[0], code, result[2])
            self.assertIn(message, result[2])


if __name__ == "__main__":
    small_run.main()
