#!/usr/bin/env python3
"""Means of checkpoints: train.average, --checkpoint average and --average N; the same bits on 1, 2 and 3 ranks, and
after a stop and a kill."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import small_run
from small_run import NEEDS_H5PY, run, run_well

ENVIRONMENT = dict(os.environ, OMPI_ALLOW_RUN_AS_ROOT="1", OMPI_ALLOW_RUN_AS_ROOT_CONFIRM="1",
                   OMPI_MCA_mpi_yield_when_idle="1", OMPI_MCA_rmaps_base_oversubscribe="1",
                   OMPI_MCA_hwloc_base_binding_policy="none")  # fmt: skip
SETTINGS = dict(small_run.CONFIG, **{"checkpoint.every": 10, "checkpoint.keep": 1, "validation.every": 15,
                                     "train.average": 3})  # fmt: skip
STEPS = 47


class Averages(small_run.RunTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.train("whole")

    @classmethod
    def words(cls, name, steps=STEPS, **more):
        settings = [word for key, value in {**SETTINGS, **more}.items() for word in ("--set", f"{key}={value}")]
        return [str(word) for word in ("train", "--corpus", cls.corpus, "--run", cls.folder / name, "--steps", steps,
                                       *settings)]  # fmt: skip

    @classmethod
    def train(cls, name, steps=STEPS, ranks=1, **more):
        command = [small_run.LOCKSTEP, *cls.words(name, steps, **more)]
        if ranks > 1:
            command = ["mpirun", "-n", str(ranks), *command]
        done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr
        return done.stderr

    def average(self, name):
        return self.folder / name / "checkpoints/average.h5"

    def evaluate(self, name, *words):
        out = run_well("evaluate", "--run", self.folder / name, "--corpus", self.corpus, "--json", *words)
        return json.loads(out)

    def test_a_run_that_was_handed_on_with_its_mean_alone_is_used_and_started_from(self):
        shutil.copytree(self.folder / "whole", self.folder / "mean")
        for path in (self.folder / "mean/checkpoints").glob("step-*.h5"):
            path.unlink()
        (self.folder / "mean/metrics.jsonl").unlink()
        run_well("verify", self.folder / "mean")
        wanted = self.evaluate("whole", "--checkpoint", "average")
        for choice in ("best", "newest"):
            found = self.evaluate("mean", "--checkpoint", choice)
            self.assertEqual((found["loss"], found["averaged_steps"]), (wanted["loss"], [47, 40, 30]))
        self.assertIn("average.h5", run_well("inspect", self.folder / "mean"))
        said = self.train("started", steps=3, **{"train.start_from": self.folder / "mean", "train.average": 0})
        self.assertIn("average.h5", said)

    def test_the_mean_serves_where_every_step_is_damaged(self):
        shutil.copytree(self.folder / "whole", self.folder / "damaged")
        for path in (self.folder / "damaged/checkpoints").glob("step-*.h5"):
            path.write_bytes(path.read_bytes()[:1000])
        wanted = self.evaluate("whole", "--checkpoint", "average")
        for choice in ("best", "newest"):
            self.assertEqual(self.evaluate("damaged", "--checkpoint", choice)["loss"], wanted["loss"])
        self.assertIn("average.h5", run_well("inspect", self.folder / "damaged"))
        code, _, err = run(*self.words("damaged"))  # a mean has no moments to go on with
        self.assertEqual(code, 65)
        self.assertRegex(err, "all [0-9]+ checkpoints in it are damaged")

    def test_training_does_not_begin_anew_beside_a_mean(self):
        shutil.copytree(self.folder / "whole", self.folder / "alone")
        for path in (self.folder / "alone/checkpoints").glob("step-*.h5"):
            path.unlink()
        whole = self.average("alone").read_bytes()
        code, _, err = run(*self.words("alone"))
        self.assertEqual(code, 64)
        self.assertIn("the folder holds the mean at its end alone (average.h5)", err)
        self.assertEqual(self.average("alone").read_bytes(), whole)

    def test_a_complete_run_keeps_its_mean_when_it_is_started_again(self):
        shutil.copytree(self.folder / "whole", self.folder / "restarted")
        whole = self.average("restarted").read_bytes()
        next((self.folder / "restarted/checkpoints").glob("step-*30.h5")).unlink()  # somebody made room
        self.train("restarted")
        self.assertEqual(self.average("restarted").read_bytes(), whole)

    def test_a_complete_run_that_shall_have_another_mean_gets_it(self):
        keep = {"checkpoint.keep": 0, "train.average": 2}
        self.train("changed", **keep)
        self.assertEqual(self.evaluate("changed", "--checkpoint", "average")["averaged_steps"], [47, 40])
        self.train("changed", **{**keep, "train.average": 4})
        self.assertEqual(self.evaluate("changed", "--checkpoint", "average")["averaged_steps"], [47, 40, 30, 20])

    def test_no_other_checkpoint_takes_the_place_of_one_that_is_missing(self):
        self.train("gap", steps=40)
        next((self.folder / "gap/checkpoints").glob("step-*30.h5")).unlink()
        said = self.train("gap")
        self.assertIn("no averaged checkpoint is written: the checkpoint of step 30 is missing", said)
        self.assertFalse(self.average("gap").exists())

    def test_training_keeps_what_it_averages_and_writes_the_mean(self):
        steps = {int(path.name[5:17]) for path in (self.folder / "whole/checkpoints").glob("step-*.h5")}
        self.assertLessEqual({47, 40, 30}, steps)
        self.assertLessEqual(len(steps), 5)  # also 20, which was needed until the end, and the best
        found = self.evaluate("whole", "--checkpoint", "average")
        self.assertEqual(found["averaged_steps"], [47, 40, 30])
        self.assertTrue(found["checkpoint"].endswith("/average.h5"))
        text = run_well("evaluate", "--run", self.folder / "whole", "--corpus", self.corpus, "--checkpoint", "average")
        self.assertIn("average.h5 (the mean of steps 47, 40 and 30), split test", text)
        self.assertIn("averaged_steps", run_well("inspect", self.average("whole")))
        self.assertIn("average.h5", run_well("verify", self.folder / "whole"))

    def test_ranks_stops_and_kills_change_no_byte(self):
        whole = self.average("whole").read_bytes()
        for ranks in (2, 3):
            self.train(f"ranks-{ranks}", ranks=ranks)
            self.assertEqual(self.average(f"ranks-{ranks}").read_bytes(), whole, ranks)
        self.train("stopped", steps=34)
        self.assertEqual(self.evaluate("stopped", "--checkpoint", "average")["averaged_steps"], [34, 30, 20])
        self.train("stopped")
        self.assertEqual(self.average("stopped").read_bytes(), whole)
        self.kill("killed", after=20)
        self.train("killed")
        self.assertEqual(self.average("killed").read_bytes(), whole)

    def kill(self, name, after):
        """Starts a run and kills it as soon as it has saved a step from `after` on."""
        with subprocess.Popen([small_run.LOCKSTEP, *self.words(name)], env=ENVIRONMENT, stderr=subprocess.DEVNULL,
                              start_new_session=True) as started:  # fmt: skip
            folder = self.folder / name / "checkpoints"
            while started.poll() is None and not any(int(p.name[5:17]) >= after for p in folder.glob("step-*.h5")):
                time.sleep(0.001)
            os.killpg(started.pid, signal.SIGKILL)

    def test_a_missing_mean_of_a_complete_run_is_written_by_the_same_command(self):
        self.train("again")
        before = self.average("again").read_bytes()
        self.average("again").unlink()
        self.train("again")
        self.assertEqual(self.average("again").read_bytes(), before)

    def test_a_run_that_goes_on_drops_the_mean_of_its_earlier_end(self):
        self.train("longer", steps=40)
        self.train("longer", steps=45, **{"train.average": 0})
        self.assertFalse(self.average("longer").exists())

    def test_evaluate_and_predict_average_the_newest(self):
        found = self.evaluate("run", "--average", 3)
        self.assertEqual(found["averaged_steps"], [40, 30, 20])
        self.assertEqual(found["step"], 40)
        self.assertNotEqual(found["loss"], self.evaluate("run", "--checkpoint", "newest")["loss"])
        self.train("oracle", steps=40, **{"validation.every": 10})
        oracle = self.evaluate("oracle", "--checkpoint", "average")
        self.assertEqual(oracle["parameters_hash"], found["parameters_hash"])
        self.assertEqual(oracle["loss"], found["loss"])
        genes = []
        for name, words in (("run", ("--average", 3)), ("oracle", ("--checkpoint", "average"))):
            genes.append(self.folder / f"{name}.gff")
            run_well("predict", "--run", self.folder / name, "--fasta", self.folder / "genome.fa", "--out", genes[-1],
                     *words)  # fmt: skip
        self.assertEqual(genes[0].read_bytes(), genes[1].read_bytes())

    @NEEDS_H5PY
    def test_the_mean_is_that_of_numpy(self):
        with small_run.h5py.File(self.average("whole")) as file:
            means = {name: file[name][()] for name in file if name != "lockstep"}
        sums = {name: mean.astype("float64") * 0 for name, mean in means.items()}
        for step in (47, 40, 30):
            with small_run.h5py.File(self.folder / f"whole/checkpoints/step-{step:012}.h5") as file:
                self.assertEqual(set(file) - {"lockstep", "optimizer"}, set(means))
                for name in means:
                    sums[name] += file[name][()]
        for name, mean in means.items():
            self.assertTrue((mean == (sums[name] / 3).astype("float32")).all(), name)

    def test_the_mean_of_one_is_that_one(self):
        one = self.evaluate("run", "--average", 1)
        self.assertEqual(one["parameters_hash"],
                         self.evaluate("run", "--checkpoint", "newest")["parameters_hash"])  # fmt: skip

    def test_what_cannot_be_averaged_is_said(self):
        words = ("evaluate", "--run", self.run_folder, "--corpus", self.corpus)
        self.fails(66, "cannot average 5 checkpoints: ", *words, "--average", 5)
        self.fails(66, "has 4 that serve, of steps 40, 30, 20, 10; average fewer", *words, "--average", 5)
        self.fails(64, "--checkpoint and --average exclude each other", *words, "--average", 2, "--checkpoint", "best")
        self.fails(66, "there is no such file; training writes it at its end if train.average or", *words,
                   "--checkpoint", "average")  # fmt: skip
        self.fails(64, "--average", *words, "--average", 0)
        code, _, err = run(*self.words("short", 20))
        self.assertEqual(code, 64)
        self.assertIn("train.average is 3; 20 steps (train.steps) with a checkpoint every 10", err)

    def test_an_epoch_that_is_too_short_is_told(self):
        text = self.train("epoch", steps=0, **{"train.epochs": 1, "checkpoint.every": 1000})
        self.assertIn("no averaged checkpoint is written: train.average is 3, but 8 steps with a checkpoint every 1000", text)
        self.assertFalse(self.average("epoch").exists())


if __name__ == "__main__":
    small_run.main()
