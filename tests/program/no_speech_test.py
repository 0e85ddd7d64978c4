#!/usr/bin/env python3
"""A build with LOCKSTEP_SPEECH=OFF says what is missing wherever somebody asks it for speech."""

import pathlib
import shutil
import tempfile
import unittest

import small_run
from small_run import run, run_well

FILES = pathlib.Path(__file__).resolve().parent / "fixtures" / "release-0.1.0"


class NoSpeech(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory(prefix="lockstep-test-")
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        shutil.copytree(FILES, cls.folder, dirs_exist_ok=True)
        cls.corpus, cls.run_folder = cls.folder / "speech_corpus", cls.folder / "speech_run"

    def refused(self, *words):
        code, _, err = run(*words)
        self.assertEqual(code, 64, err)
        self.assertIn("this build of lockstep has no speech", err)
        self.assertIn("-DLOCKSTEP_SPEECH=ON", err)

    def test_nothing_of_speech_is_prepared(self):
        self.refused("prepare", "speech", "--help")
        self.refused("prepare", "speech", "--synthetic", 10, "--out", self.folder / "new")
        self.refused("prepare", "lm", "--text", "a.txt", "--out", "a.arpa")
        self.assertFalse((self.folder / "new").exists())

    def test_corpora_of_speech_are_not_used(self):
        self.refused("train", "--corpus", self.corpus, "--run", self.folder / "new-run", "--steps", 1)
        self.refused("evaluate", "--corpus", self.corpus, "--run", self.run_folder, "--split", "train")
        self.refused("predict", "--corpus", self.corpus, "--run", self.run_folder, "--split", "train")

    def test_recordings_are_not_transcribed(self):
        for option in ("--audio", "--audio-list", "--manifest"):
            self.refused("predict", "--run", self.run_folder, option, "a.wav")

    def test_help_says_so(self):
        for words in (("prepare", "--help"), ("predict", "--help")):
            self.assertIn("not in this build", run_well(*words))

    def test_corpora_of_speech_are_shown_and_verified(self):
        run_well("inspect", self.corpus)
        run_well("verify", self.corpus)


if __name__ == "__main__":
    small_run.main()
