"""`lockstep prepare lm` writes a language model, tells how well it fits, and refuses what it cannot use."""

import gzip
import math
import os
import tempfile
import unittest

import small_run
from small_run import run, run_well

TEXT = "the cat sat\nthe cat ran\na dog ran\n"


def read_arpa(path):
    """{words: (log10 p, log10 backoff)} by an own reading of the format."""
    ngrams = {}
    with open(path, encoding="utf-8") as file:
        for line in file:
            fields = line.rstrip("\n").split("\t")
            if len(fields) >= 2:
                ngrams[tuple(fields[1].split(" "))] = (
                    float(fields[0]), float(fields[2]) if len(fields) > 2 else 0)  # fmt: skip
    return ngrams


def log10_p(ngrams, history, word):
    if history + (word,) in ngrams:
        return ngrams[history + (word,)][0]
    return ngrams.get(history, (0, 0))[1] + log10_p(ngrams, history[1:], word)


def perplexity(ngrams, order, text):
    total = count = 0
    for line in text.splitlines():
        words = ("<s>", *line.split(), "</s>")
        for i in range(1, len(words)):
            total += log10_p(ngrams, words[max(0, i - order + 1):i], words[i])
            count += 1
    return math.pow(10, -total / count)


class PrepareLmTest(unittest.TestCase):
    def setUp(self):
        self.kept = os.getcwd()
        self.folder = tempfile.TemporaryDirectory()
        os.chdir(self.folder.name)
        with open("text", "w", encoding="utf-8") as file:
            file.write(TEXT)

    def tearDown(self):
        os.chdir(self.kept)
        self.folder.cleanup()

    def test_the_perplexity_is_that_of_the_file_it_wrote(self):
        for order in (1, 2, 3):
            out = run_well("prepare", "lm", "--text", "text", "--order", order, "--out",
                           f"{order}.arpa", "--measure", "text")  # fmt: skip
            self.assertIn("3 sentences, 9 words, 6 of them different", out)
            expected = perplexity(read_arpa(f"{order}.arpa"), order, TEXT)
            self.assertIn(f"text: perplexity {expected:.2f} over 9 words and 3 sentence ends", out)

    def test_text_may_be_compressed(self):
        with gzip.open("text.gz", "wt", encoding="utf-8") as file:
            file.write(TEXT)
        run_well("prepare", "lm", "--text", "text", "--out", "plain.arpa")
        run_well("prepare", "lm", "--text", "text.gz", "--out", "packed.arpa")
        self.assertEqual(read_arpa("plain.arpa"), read_arpa("packed.arpa"))

    def test_little_text_is_smoothed_another_way_and_told(self):
        code, _, err = run("prepare", "lm", "--text", "text", "--out", "words.arpa")
        self.assertEqual(code, 0)
        self.assertIn("Witten and Bell instead of Kneser and Ney, for want of text", err)

    def test_an_existing_file_is_not_replaced(self):
        run_well("prepare", "lm", "--text", "text", "--out", "words.arpa")
        code, _, err = run("prepare", "lm", "--text", "text", "--out", "words.arpa")
        self.assertEqual(code, 73)
        self.assertIn("words.arpa", err)

    def test_bad_options_are_refused(self):
        for words, code, message in (
            (["--order", 4], 64, "--order is 4; 1 to 3 can be estimated"),
            (["--order", 0], 64, "order"),
            (["--fasta", "x"], 64, "fasta"),
        ):
            found, _, err = run("prepare", "lm", "--text", "text", "--out", "words.arpa", *words)
            self.assertEqual(found, code, err)
            self.assertIn(message, err)
        code, _, err = run("prepare", "lm", "--text", "none", "--out", "words.arpa")
        self.assertEqual(code, 66)
        self.assertIn("none", err)
        code, _, err = run("prepare", "lm", "--text", "text", "--out", "words.arpa", "--measure", "none")
        self.assertEqual(code, 66)
        self.assertFalse(os.path.exists("words.arpa"))


if __name__ == "__main__":
    small_run.main()
