#!/usr/bin/env python3
"""lockstep verify: whole files pass, damaged ones are named."""

import pathlib
import shutil
import tempfile

import small_run
from small_run import EVERY, STEPS, flip_byte, run


class VerifyTest(small_run.RunTest):

    def setUp(self):
        """Each case damages a copy."""
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        self.addCleanup(holder.cleanup)
        folder = pathlib.Path(holder.name)
        for name in ("corpus", "run"):
            shutil.copytree(type(self).folder / name, folder / name)
        self.folder, self.corpus, self.run_folder = folder, folder / "corpus", folder / "run"

    def verify(self, path):
        """Exit code, and what is said of each file that is not ok."""
        code, out, err = run("verify", path)
        self.assertEqual(err, "")
        lines = dict(line.split(": ", 1) for line in out.splitlines())
        return code, {name: text for name, text in lines.items() if text != "ok"}

    def bad(self, code, path, whole, text):
        """Only `path` is bad when `whole` is verified."""
        found_code, found = self.verify(whole)
        self.assertEqual([str(path)], list(found))
        self.assertIn(text, found[str(path)])
        self.assertEqual(code, found_code)

    def test_whole_corpora_and_runs_are_ok(self):
        for path in (self.corpus, self.corpus / "corpus.json", self.corpus / "train-00000.h5",
                     self.run_folder, self.checkpoint(EVERY)):
            self.assertEqual((0, {}), self.verify(path))

    def test_each_file_has_a_line(self):
        _, out, _ = run("verify", self.corpus)
        named = sorted(line.split(": ")[0] for line in out.splitlines())
        self.assertEqual(sorted(map(str, self.corpus.iterdir())), named)

    def test_every_damaged_byte_of_a_shard_is_found(self):
        shard = self.corpus / "train-00001.h5"
        whole = shard.read_bytes()
        for offset in range(0, len(whole), len(whole) // 12):
            flip_byte(shard, offset)
            code, found = self.verify(shard)
            self.assertEqual((65, [str(shard)]), (code, list(found)), f"byte {offset}")
            shard.write_bytes(whole)

    def test_a_damaged_shard_is_named_among_whole_ones(self):
        shard = self.corpus / "train-00001.h5"
        shard.write_bytes(shard.read_bytes()[:-1])
        self.bad(65, shard, self.corpus, "corpus.json says")

    def test_swapped_shards_are_found(self):
        first, second = self.corpus / "train-00000.h5", self.corpus / "train-00001.h5"
        bytes_of_first = first.read_bytes()
        first.write_bytes(second.read_bytes())
        second.write_bytes(bytes_of_first)
        code, found = self.verify(self.corpus)
        self.assertEqual((65, {str(first), str(second)}), (code, set(found)))

    def test_a_missing_shard_is_named(self):
        shard = self.corpus / "valid-00000.h5"
        shard.unlink()
        self.bad(66, shard, self.corpus, "No such file or directory")

    def test_an_edited_index_is_found(self):
        index = self.corpus / "corpus.json"
        index.write_text(index.read_text().replace('"overlap": 10', '"overlap": 11'))
        self.bad(65, index, self.corpus, "it was edited or damaged")

    def test_damaged_bytes_of_a_checkpoint_are_found(self):
        path = self.checkpoint(2 * EVERY)
        whole = path.read_bytes()
        for offset, text in ((0, "it does not begin with"), (100, "damaged header"),
                             (len(whole) // 2, "damaged"), (-1, "damaged")):
            flip_byte(path, offset)
            self.bad(65, path, self.run_folder, text)
            self.bad(65, path, path, text)
            path.write_bytes(whole)

    def test_metrics_must_reach_to_the_newest_checkpoint(self):
        metrics = self.run_folder / "metrics.jsonl"
        metrics.write_bytes(metrics.read_bytes()[:-5])
        self.bad(65, metrics, self.run_folder, "the newest checkpoint was taken at")

    def test_metrics_that_do_not_parse_are_found(self):
        metrics = self.run_folder / "metrics.jsonl"
        flip_byte(metrics, 0)
        self.bad(65, metrics, self.run_folder, "line 1 is no JSON object")

    def test_half_a_line_that_a_killed_run_left_is_no_damage(self):
        with open(self.run_folder / "metrics.jsonl", "a", encoding="utf-8") as metrics:
            metrics.write('{"kind":"st')
        self.assertEqual((0, {}), self.verify(self.run_folder))

    def test_a_run_without_checkpoints_is_incomplete(self):
        shutil.rmtree(self.run_folder / "checkpoints")
        (self.run_folder / "checkpoints").mkdir()
        self.bad(66, self.run_folder / "checkpoints", self.run_folder, "holds no checkpoint yet")

    def test_what_is_not_there_is_missing(self):
        self.fails(66, f"{self.folder}/no: there is no such path", "verify", self.folder / "no")

    def test_train_resumes_before_a_damaged_checkpoint_and_says_so(self):
        best = small_run.run_well("inspect", self.run_folder, "--field", "parameters_hash")
        flip_byte(self.checkpoint(STEPS), -1)
        code, _, err = small_run.train(self.folder)
        self.assertEqual(0, code, err)
        self.assertIn(f"checkpoint {self.checkpoint(STEPS)} is damaged and skipped", err)
        self.assertIn(f"resumed at step {STEPS - EVERY} ", err)
        self.assertEqual((0, {}), self.verify(self.run_folder))
        again = small_run.run_well("inspect", self.run_folder, "--field", "parameters_hash")
        self.assertEqual(best, again)


if __name__ == "__main__":
    small_run.main()
