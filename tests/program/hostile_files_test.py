"""Files and names that somebody made to do harm: each is refused with a message that names it, in well under a second
and in little memory. Nothing waits, crashes, or calls a fault of the file a fault of the program."""

import json
import os
import resource
import shutil
import subprocess
import tempfile
import time

import small_run
from foreign_checkpoint_test import rewrite

MOST_SECONDS = 5  # half a second on a machine of its own; tests share theirs
MOST_MEMORY = 100 << 20  # the program takes 20 MiB before it reads anything


def timed(*words):
    """Runs the program; returns exit code, standard output, standard error and seconds."""
    begin = time.monotonic()
    done = subprocess.run([small_run.LOCKSTEP, *map(str, words)], capture_output=True, text=True, check=False,
                          timeout=60)  # fmt: skip
    return done.returncode, done.stdout, done.stderr, time.monotonic() - begin


class HostileFilesTest(small_run.RunTest):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.place = holder.name
        self.forged = f"{self.place}/run"  # a copy of the run, which the test changes
        shutil.copytree(self.run_folder, self.forged)
        self.newest = f"{self.forged}/checkpoints/{self.checkpoint(small_run.STEPS).name}"

    def restore(self):
        shutil.copy(self.checkpoint(small_run.STEPS), self.newest)

    def expect_refused(self, code, text, *words):
        found, out, err, seconds = timed(*words)
        self.assertEqual(found, code, err[-1000:])
        self.assertIn(text, out + err)
        self.assertLess(seconds, MOST_SECONDS)

    def test_no_reader_waits_for_a_named_pipe(self):
        pipe = f"{self.place}/pipe"
        os.mkfifo(pipe)
        for words in (("inspect", pipe), ("verify", pipe), ("train", "--config", pipe, "--corpus", self.corpus, "--run", f"{self.place}/o"),
                      ("prepare", "music", "--train", pipe, "--out", f"{self.place}/o"),
                      ("prepare", "arrays", "--train", pipe, "--out", f"{self.place}/o"),
                      ("prepare", "text", "--train", pipe, "--out", f"{self.place}/o"),
                      ("prepare", "dna", "--fasta", pipe, "--gff", pipe, "--out", f"{self.place}/o")):  # fmt: skip
            with self.subTest(words=words[:2]):
                code, _, err, seconds = timed(*words)
                self.assertIn(code, (64, 65), err)
                self.assertIn("no regular file", err)
                self.assertLess(seconds, MOST_SECONDS)

    def test_a_huge_file_named_as_the_newest_checkpoint_is_not_read(self):
        junk = f"{self.forged}/checkpoints/step-000000009999.h5"
        with open(junk, "wb") as file:
            file.truncate(300 << 30)  # sparse
        code, out, err, seconds = timed("inspect", self.forged)
        self.assertEqual(code, 0, err)
        self.assertIn("does not begin with", err)
        self.assertLess(seconds, MOST_SECONDS)

    def test_a_configuration_inside_a_checkpoint_cannot_ask_for_memory(self):
        self.change_state(lambda state: state["config"].update({"model.hidden_size": "30000"}))
        self.expect_refused(65, "array \"rnn.weight_ih_l0\" is float32", "verify", self.newest)
        self.expect_refused(65, "array \"rnn.weight_ih_l0\" is float32", "evaluate", "--run", self.forged,
                            "--corpus", self.corpus, "--checkpoint", "newest")  # fmt: skip

    def test_counters_that_no_run_reaches_are_named(self):
        for name, value in (("metrics_bytes", -1), ("step", -5), ("epoch", (1 << 63) - 1), ("sequences", (1 << 63) - 1)):
            with self.subTest(name=name):
                self.change_state(lambda state, name=name, value=value: state.update({name: value}))
                self.expect_refused(65, f"{name} is {value}", "verify", self.newest)
                self.restore()

    @small_run.NEEDS_H5PY
    def test_checkpoints_of_many_or_deep_objects_are_refused(self):
        def many(arrays):
            for i in range(40000):
                arrays.create_group(f"g{i}")

        def deep(arrays):
            arrays.create_group("/".join(["g"] * 1500))

        def loop(arrays):
            arrays["a/b"] = 1
            arrays["a/c"] = arrays["a"]

        for change, text in ((many, "more than 32768 groups"), (deep, "more than 16 levels"), (loop, "more than 16 levels")):
            with self.subTest(change=change.__name__):
                rewrite(self.newest, change_arrays=change)
                self.expect_refused(65, text, "verify", self.newest)
                self.restore()

    def test_deep_and_long_configurations_are_refused(self):
        for text, message in ((".".join(["a"] * 300000) + " = 1\n", ":1: the line has"),
                              ("# x\n" * 300000, "a configuration at most"),
                              ("a = " + "[" * 1000 + "]" * 1000 + "\n", "maximum nested value depth")):  # fmt: skip
            with self.subTest(message=message):
                path = f"{self.place}/deep.toml"
                with open(path, "w", encoding="utf-8") as file:
                    file.write(text)
                self.expect_refused(64, message, "check", "--config", path, "--corpus", self.corpus)

    def test_a_hostile_file_takes_no_memory(self):
        with open(f"{self.place}/corpus.json", "w", encoding="utf-8") as file:
            file.write("[" * 100000)
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        self.expect_refused(65, "levels of lists and objects", "verify", f"{self.place}/corpus.json")
        self.assertLess(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, max(before, MOST_MEMORY >> 10))

    def test_links_that_lead_out_of_a_corpus_are_not_followed(self):
        corpus = f"{self.place}/corpus"
        shutil.copytree(self.corpus, corpus)
        shard = next(name for name in sorted(os.listdir(corpus)) if name.startswith("test"))
        os.rename(f"{corpus}/{shard}", f"{self.place}/{shard}")
        os.symlink(f"../{shard}", f"{corpus}/{shard}")
        self.expect_refused(65, "leads out of its folder", "evaluate", "--run", self.forged, "--corpus", corpus)
        os.remove(f"{corpus}/{shard}")
        os.rename(f"{self.place}/{shard}", f"{corpus}/{shard}.moved")
        os.symlink(f"{shard}.moved", f"{corpus}/{shard}")  # stays inside
        code, _, err, _ = timed("evaluate", "--run", self.forged, "--corpus", corpus)
        self.assertEqual(code, 0, err)

    def change_state(self, change):
        def change_arrays(arrays):
            state = json.loads(arrays["lockstep/state"][()])
            change(state)
            text = json.dumps(state, indent=1).encode()
            del arrays["lockstep/state"]
            kind = small_run.h5py.string_dtype("utf-8", len(text))
            arrays.create_dataset("lockstep/state", data=text, dtype=kind)

        if small_run.h5py is None:
            self.skipTest("h5py is missing; install it with launch/setup --tests")
        rewrite(self.newest, change_arrays=change_arrays)


if __name__ == "__main__":
    small_run.main()
