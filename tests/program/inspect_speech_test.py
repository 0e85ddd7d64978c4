#!/usr/bin/env python3
"""lockstep inspect and verify on what only speech has: names, labels of their own length, a convolution."""

import json
import os
import pathlib
import re
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
import small_run
from small_run import NEEDS_H5PY, flip_byte, run, run_well
from speech_corpus import prepare_words

TRAIN = ["one two", "no", "go on", "", "three"]
LABELS = [len(text) for text in TRAIN]


class SpeechFiles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        cls.corpus, cls.run_folder = cls.folder / "corpus", cls.folder / "run"
        more = ("--deltas", 1, "--shard-bytes", 5000)
        run_well(*prepare_words(cls.folder, cls.corpus, TRAIN, ["go"], more=more))

    def inspect(self, path):
        return json.loads(run_well("inspect", path, "--json"))

    def test_a_corpus_tells_its_labels_and_how_features_were_made(self):
        found = self.inspect(self.corpus)
        self.assertEqual((found["format_version"], found["targets_per_step"], found["has_names"]),
                         (2, False, True))  # fmt: skip
        self.assertEqual(found["labels"], {"train": sum(LABELS), "valid": 2})
        self.assertEqual(found["longest_labels"], {"train": max(LABELS), "valid": 2})
        self.assertEqual((found["features"]["source"], found["features"]["bins"]), ("mfc", 13))
        self.assertEqual(found["units"]["kind"], "letters")

    def test_bins_that_do_not_fit_a_frame_are_refused(self):
        index = self.corpus / "corpus.json"
        text = index.read_text()
        self.addCleanup(index.write_text, text)
        for bins in (7, 0, -1, 1e300, "3", None):
            with self.subTest(bins=bins):
                document = json.loads(text)
                document["features"]["bins"] = bins
                index.write_text(json.dumps(document))
                said = run("check", "--corpus", self.corpus, "--steps", 1)[2]
                document["hash"] = re.search(r"its content has (\w+)", said)[1]
                index.write_text(json.dumps(document))
                code, _, err = run("check", "--corpus", self.corpus, "--steps", 1)
                self.assertEqual(code, 65, err)
                self.assertIn("/bins is ", err)

    def test_shards_tell_their_labels_and_first_names(self):
        shards = [self.inspect(path) for path in sorted(self.corpus.glob("train-*.h5"))]
        self.assertGreater(len(shards), 1)
        self.assertEqual(sum(shard["labels"] for shard in shards), sum(LABELS))
        firsts = [sum(shard["sequences"] for shard in shards[:i]) for i in range(len(shards))]
        self.assertEqual([shard["first_name"] for shard in shards], [f"train{i:03}" for i in firsts])

    def test_a_corpus_of_dna_has_none_of_it(self):
        run_well("prepare", "dna", "--synthetic", 2000, "--window", 50, "--out", self.folder / "dna")
        found = self.inspect(self.folder / "dna")
        self.assertEqual((found["format_version"], found["targets_per_step"]), (1, True))
        self.assertFalse({"labels", "features", "units"} & set(found))

    @NEEDS_H5PY
    def test_damage_in_every_dataset_of_a_shard_is_found(self):
        shard = self.corpus / "train-00000.h5"
        with small_run.h5py.File(shard) as file:
            places = {name: file[name].id.get_offset() for name in file if file[name].size > 0}
        self.assertTrue({"names", "name_offsets", "target_offsets", "targets"} <= set(places))
        for name, place in places.items():
            flip_byte(shard, place + 1)
            code, out, _ = run("verify", shard)
            flip_byte(shard, place + 1)
            self.assertEqual(code, 65, f"{name}: {out}")
        self.assertEqual(run("verify", self.corpus)[0], 0)

    def test_runs_with_and_without_a_convolution_are_verified(self):
        for channels in (0, 8):
            folder = self.folder / f"run-{channels}"
            run_well("train", "--corpus", self.corpus, "--run", folder, "--steps", 2, "--set", "data.stack=3",
                     "--set", f"model.conv_channels={channels}")  # fmt: skip
            code, out, err = run("verify", folder)
            self.assertEqual((code, err), (0, ""), out)


if __name__ == "__main__":
    small_run.main()
