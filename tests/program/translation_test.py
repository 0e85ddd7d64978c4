"""Parallel text from files to translations: the same bits on 1, 2 and 3 ranks, on two threads and across a stop; BLEU
and chrF of translations that are written out; beams, lists of hypotheses, ensembles and pictures; wrong input."""

import gzip
import json
import os
import random
import subprocess
import sys
import unittest
import xml.dom.minidom

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import ENVIRONMENT, Program

# Numbers spelled in two invented languages: one names digits and places from the left, the other from the right, and
# says tens and ones as one word. So texts of a pair differ in length and in order.
DIGITS = "nul un du tri kvar kvin ses sep ok nau".split()
ONES = "o ba be bi bo ca ce ci co da".split()


def spell(number):
    source, target = [], []
    for place, name in ((100, "cent"), (10, "dek"), (1, "")):
        digit = number // place % 10
        if digit > 0:
            source += [DIGITS[digit], name] if name else [DIGITS[digit]]
    tens, hundreds = number % 100, number // 100
    if tens > 0:
        target.append(ONES[tens % 10] + ONES[tens // 10])
    if hundreds > 0:
        target += ["Ka", ONES[hundreds] + "."]
    return " ".join(source), " ".join(target)


def numbers(count, seed):
    draw = random.Random(seed)
    return [spell(draw.randrange(1, 1000)) for _ in range(count)]


SETTINGS = [word for setting in (
    "model.cell=gru", "model.layers=1", "model.hidden_size=24", "model.embedding_size=12", "model.dropout=0.1",
    "batch.sequences=16", "batch.slots=4", "schedule.learning_rate=0.02", "checkpoint.every=20", "log.every=1",
    "validation.every=30", "numerics.isa=avx2") for word in ("--set", setting)]  # fmt: skip


class TranslationTest(CorpusCase):
    settings = SETTINGS

    def write_pairs(self, name, pairs):
        """The files of both sides."""
        return [self.write(f"{name}.{side}", [pair[i] + "\n" for pair in pairs]) for i, side in enumerate(("src", "tgt"))]

    def prepare(self, *more, min_count=1, out="corpus"):
        files = [(f"--{split}", *self.write_pairs(split, numbers(count, seed)))
                 for split, count, seed in (("train", 600, 1), ("valid", 40, 2), ("test", 50, 3))]  # fmt: skip
        words = [word for group in files for word in group]
        return PROGRAM.run("prepare", "translation", *words, "--min-count", min_count, *more, "--out",
                           f"{self.folder}/{out}")  # fmt: skip

    def predict(self, *words, ranks=0, run="run", code=0):
        """What predict writes to a file."""
        out = f"{self.folder}/predicted.txt"
        said = PROGRAM.run("predict", "--run", f"{self.folder}/{run}", "--out", out, *words, ranks=ranks, code=code)
        if code != 0:
            return said
        with open(out) as file:
            text = file.read()
        os.remove(out)
        return text

    def fails(self, code, message, *words):
        self.assertIn(message, PROGRAM.run(*words, code=code))

    def test_ranks_threads_and_stops_do_not_change_a_bit(self):
        self.prepare()
        found = self.check_same_bits(50)
        self.assertEqual(self.evaluate("whole", 2, "--threads", 2), found)
        self.assertEqual(found["sentences"], 50)
        text = f"{self.folder}/test.src"
        whole = self.predict("--text", text, run="whole")
        self.assertEqual(self.predict("--text", text, ranks=3, run="stopped"), whole)
        self.assertEqual(self.predict("--text", text, "--threads", 2, ranks=2, run="whole"), whole)
        self.assertEqual(self.predict("--corpus", f"{self.folder}/corpus", ranks=2, run="whole"), whole)

    def test_a_trained_model_translates(self):
        self.prepare()
        self.train("run", 2, 600)
        out = f"{self.folder}/test.out"
        found = self.evaluate("run", 2, "--translations", out, "--beam", 3)
        self.assertGreater(found["bleu"], 60)
        with open(out) as file:
            translations = file.read()
        self.assertEqual(self.predict("--text", f"{self.folder}/test.src", "--beam", 3, "--checkpoint", "newest"),
                         translations)  # fmt: skip
        self.check_scores(found, translations.splitlines())
        # In lower case the targets are other references, and the translations the same.
        self.assertGreaterEqual(self.evaluate("run", 0, "--beam", 3, "--ignore-case")["bleu"], found["bleu"])
        page = self.report("run", "--split", "test")
        self.assertIn(f"<td>{translations.splitlines()[0]}</td>", page)
        self.assertIn("<h2>Attention</h2>", page)
        self.check_forms()
        self.check_pictures()

    def check_scores(self, found, translations):
        try:
            import sacrebleu
        except ImportError:
            return
        references = [target for _, target in numbers(50, 3)]
        self.assertAlmostEqual(found["bleu"], sacrebleu.corpus_bleu(translations, [references], force=True).score)
        self.assertAlmostEqual(found["chrf"], sacrebleu.corpus_chrf(translations, [references]).score)

    def check_forms(self):
        text = self.write("new.txt", ["tri cent un\n", "\n", "nau dek blah\n"])
        lines = self.predict("--text", text).split("\n")
        self.assertEqual((len(lines), lines[1]), (4, ""))
        with gzip.open(f"{self.folder}/new.gz", "wt") as file:
            file.write("tri cent un\n\nnau dek blah\n")
        self.assertEqual(self.predict("--text", f"{self.folder}/new.gz").split("\n"), lines)
        several = self.predict("--text", text, "--n-best", 3).splitlines()
        self.assertEqual([line.split(" ||| ")[0] for line in several], ["0"] * 3 + ["1"] + ["2"] * 3)
        self.assertEqual(several[0].split(" ||| ")[1], lines[0])
        scores = [float(line.split(" ||| ")[3]) for line in several[:3]]
        self.assertEqual(scores, sorted(scores, reverse=True))
        objects = [json.loads(line) for line in self.predict("--text", text, "--format", "jsonl", "--n-best", 2).splitlines()]
        self.assertEqual([len(one["hypotheses"]) for one in objects], [2, 0, 2])
        self.assertEqual([one["text"] for one in objects], lines[:3])
        # The mean of a model with itself is that model.
        self.assertEqual(self.predict("--text", text, "--ensemble", f"{self.folder}/run").split("\n"), lines)
        done = subprocess.run([PROGRAM.path, "predict", "--run", f"{self.folder}/run", "--text", "-"], env=ENVIRONMENT,
                              input="tri cent un\n\nnau dek blah", capture_output=True, text=True, timeout=60)  # fmt: skip
        self.assertEqual(done.stdout.split("\n"), lines)
        self.check_pipes()

    def check_pipes(self):
        """Whoever writes into a pipe gets all translations of what was written, before the pipe is closed."""
        sources = [source + "\n" for source, _ in numbers(35, 4)]
        known = self.predict("--text", self.write("piped.txt", sources))
        predict = ("predict", "--run", f"{self.folder}/run", "--text", "-")
        self.assertEqual(PROGRAM.answers(*predict, lines=sources), known)
        self.assertEqual(PROGRAM.answers(*predict, "--threads", 2, lines=sources[:1], ranks=2), known.split("\n")[0] + "\n")

    def check_pictures(self):
        pictures = f"{self.folder}/pictures"
        self.predict("--text", f"{self.folder}/new.txt", "--attention", pictures)
        self.assertEqual(sorted(os.listdir(pictures)), ["line-000001.svg", "line-000003.svg"])
        texts = xml.dom.minidom.parse(f"{pictures}/line-000003.svg").getElementsByTagName("text")
        self.assertIn("<unk>", [text.firstChild.data for text in texts])

    def test_checkpoints_of_one_run_translate_together(self):
        self.prepare()
        self.train("run", 1, 40, "--set", "checkpoint.keep=9")
        text, run = f"{self.folder}/test.src", f"{self.folder}/run"
        newest = self.predict("--text", text, "--checkpoint", 40)
        self.assertNotEqual(self.predict("--text", text, "--checkpoint", 20), newest)
        both = self.predict("--text", text, "--checkpoint", 40, "--ensemble", f"{run}:20")
        self.assertEqual(self.predict("--text", text, "--checkpoint", 20, "--ensemble", f"{run}:40"), both)
        # The mean of a model with itself is that model.
        self.assertEqual(self.predict("--text", text, "--checkpoint", 40, "--ensemble", f"{run}:40"), newest)
        self.fails(66, "step-000000000031.h5", "predict", "--run", run, "--text", text, "--ensemble", f"{run}:31")

    def test_unknown_words_are_replaced_by_those_that_were_attended_to(self):
        self.prepare(min_count=60)
        self.train("run", 1, 60)
        text = self.write("new.txt", ["tri cent Ada un\n", "\n", "nau Bob dek blah\n"])
        plain = self.predict("--text", text, "--replace-unknown", ranks=2).splitlines()
        unknown = self.predict("--text", text).splitlines()
        self.assertIn("<unk>", " ".join(unknown))
        self.assertNotIn("<unk>", " ".join(plain))
        with open(text) as sources:
            for source, before, after in zip(sources, unknown, plain, strict=True):
                for word, other in zip(before.split(), after.split(), strict=True):
                    self.assertTrue(other in source.split() if word == "<unk>" else other == word, (word, other))
        predict = ("predict", "--run", f"{self.folder}/run", "--replace-unknown")
        self.fails(64, "give the sources as --text", *predict, "--corpus", f"{self.folder}/corpus")
        self.train("blind", 1, 1, "--set", "model.attention=none")
        self.fails(64, "was trained with model.attention", "predict", "--run", f"{self.folder}/blind", "--text", text,
                   "--replace-unknown")  # fmt: skip
        for verb, option, value in (("predict", "--attention", f"{self.folder}/none"), ("predict", "--coverage-penalty", 1),
                                    ("evaluate", "--coverage-penalty", 1)):  # fmt: skip
            source = ("--text", text) if verb == "predict" else ("--corpus", f"{self.folder}/corpus")
            self.fails(64, f"{option} goes by the attention", verb, "--run", f"{self.folder}/blind", *source, option, value)
        self.assertNotIn("<h2>Attention</h2>", self.report("blind", "--split", "test"))

    def test_invented_languages_are_learned_within_seconds(self):
        corpus = f"{self.folder}/corpus"
        PROGRAM.run("prepare", "translation", "--synthetic", 3000, "--out", corpus)
        self.train("run", 1, 600, "--set", "batch.sequences=32")
        found = self.evaluate("run", 0, "--beam", 1)
        self.assertEqual(found["sentences"], 300)
        self.assertGreater(found["bleu"], 95)
        self.assertIn("references.txt: ok", PROGRAM.run("verify", corpus))
        with open(f"{corpus}/valid-references.txt", "a") as file:
            file.write("more\n")
        self.fails(65, "valid-references.txt: is not the file that the corpus was made with", "verify", corpus)
        os.remove(f"{corpus}/valid-references.txt")
        self.fails(66, "valid-references.txt", "verify", corpus)

    def test_pieces_and_tables_are_learned_too(self):
        table = self.write("all.tsv", [f"{target}\t{source}\n" for source, target in numbers(500, 4)])
        corpus = f"{self.folder}/corpus"
        PROGRAM.run("prepare", "translation", "--train", table, "--columns", "2,1", "--test-fraction", "0.1",
                    "--valid-fraction", "0.1", "--tokens", "sentencepiece:40", "--shared", "--out", corpus)  # fmt: skip
        self.train("run", 1, 5)
        self.assertEqual(self.evaluate("run", 0, "--beam", 1)["beam"], 1)
        more = f"{self.folder}/more"
        PROGRAM.run("prepare", "translation", "--like", f"{self.folder}/run", "--test", *self.write_pairs("x", numbers(5, 5)),
                    "--out", more)  # fmt: skip
        self.assertEqual(len(self.predict("--corpus", more).splitlines()), 5)
        with open(f"{self.folder}/x.src") as file:
            sources = [line.strip() for line in file]
        told = [json.loads(line)["source"] for line in self.predict("--corpus", more, "--format", "jsonl").splitlines()]
        self.assertEqual(told, sources, "the text, not its pieces and its end")

    def test_wrong_input_is_told(self):
        self.prepare()
        self.train("run", 1, 2)
        run, corpus = f"{self.folder}/run", f"{self.folder}/corpus"
        predict = ("predict", "--run", run, "--text", f"{self.folder}/test.src")
        self.fails(64, "--n-best is 7, but the search keeps only --beam 2", *predict, "--beam", 2, "--n-best", 7)
        self.fails(64, "no format of translations", *predict, "--format", "ctm")
        self.fails(64, "--lm goes with --audio", *predict, "--lm", "x.arpa")
        self.fails(65, "test.src:1: the line has", *predict, "--longest", 1)
        self.fails(66, "none.txt", "predict", "--run", run, "--text", f"{self.folder}/none.txt")
        self.fails(64, "is no tokenizer of BLEU", "evaluate", "--run", run, "--corpus", corpus, "--bleu-tokenizer", "x")
        bad = self.write("bad.txt", ["fine\n"])
        with open(bad, "ab") as file:
            file.write(b"\xff\n")
        self.fails(65, "bad.txt:2", "predict", "--run", run, "--text", bad)
        self.prepare("--lower-case", min_count=30, out="other")
        self.fails(64, "--like", "evaluate", "--run", run, "--corpus", f"{self.folder}/other")
        self.train_other(corpus)
        with open(f"{corpus}/test-references.txt", "a") as file:
            file.write("more\n")
        self.fails(65, "test-references.txt: is not the file", "evaluate", "--run", run, "--corpus", corpus)

    def train_other(self, corpus):
        """A model of another vocabulary is no member of an ensemble."""
        PROGRAM.run("train", "--corpus", f"{self.folder}/other", "--run", f"{self.folder}/run2", "--steps", 1, *SETTINGS)
        self.fails(64, f"run {self.folder}/run", "predict", "--run", f"{self.folder}/run", "--corpus", corpus,
                   "--ensemble", f"{self.folder}/run2")  # fmt: skip

    def test_files_that_are_no_pairs_are_refused(self):
        prepare = ("prepare", "translation", "--out", f"{self.folder}/corpus", "--train")
        short, long = self.write("short", ["a\n"]), self.write("long", ["b\n", "c\n"])
        self.fails(65, "long has 2;", *prepare, short, long)
        gap = self.write("gap", ["b\n", "\n"])
        self.fails(65, "gap:2: the line has no token", *prepare, long, gap)
        self.fails(64, "--train has 3 files", *prepare, short, long, gap)
        self.fails(64, "as source and as target of the same pairs", *prepare, long, f"{self.folder}/./long")
        said = PROGRAM.run(*prepare, long, gap, "--min-count", 1, "--skip-empty")
        self.assertIn("1 pairs were left out", said)
        self.fails(73, "corpus", *prepare, long, long + "2")


if __name__ == "__main__":
    CorpusCase.program = PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
