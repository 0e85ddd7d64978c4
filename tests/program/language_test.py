"""Language models over one endless stream of symbols: the same bits on 1, 2 and 3 ranks, on two threads and across a
stop in the middle of the stream; perplexity that is that of one unbroken pass, computed again by numpy; lines scored,
texts generated, and errors that say what to do."""

import json
import math
import os
import random
import subprocess
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import ENVIRONMENT, Program, flags_of_processor, newest_checkpoint, parameters_of

import numpy

NEXT = {"the": ["cat", "dog"], "cat": ["sat", "ran"], "dog": ["ran"], "sat": ["on"], "ran": ["on", "to"],
        "on": ["the"], "to": ["the"]}  # fmt: skip


def lines(count, seed):
    """Sentences in which a word has one or two successors."""
    draw = random.Random(seed)
    text = []
    for _ in range(count):
        words = ["the"]
        while len(words) < 12 and draw.random() < 0.9:
            words.append(draw.choice(NEXT[words[-1]]))
        text.append(" ".join(words) + "\n")
    return text


SETTINGS = [word for setting in (
    "model.cell=rnn_tanh", "model.layers=1", "model.hidden_size=9", "model.embedding_size=5",
    "model.bidirectional=false", "batch.sequences=7", "batch.slots=4", "train.bptt_steps=6", "model.dropout=0",
    "schedule.learning_rate=0.02", "checkpoint.every=9", "log.every=1", "validation.every=11", "validation.streams=3",
    "numerics.isa=avx2") for word in ("--set", setting)]  # fmt: skip


class LanguageTest(CorpusCase):
    settings = SETTINGS

    def prepare(self, *more, out="corpus"):
        train, valid = self.write("train.txt", lines(90, 1)), self.write("valid.txt", lines(12, 2))
        test = self.write("test.txt", lines(30, 3) + ["\n", "the bird sat"])
        return PROGRAM.run("prepare", "text", "--task", "lm", "--train", train, "--valid", valid, "--test", test,
                           "--out", f"{self.folder}/{out}", *more)  # fmt: skip

    def read(self, name):
        with open(f"{self.folder}/{name}.txt") as file:
            return file.read()

    def table_of(self, *words, ranks=0):
        """The rows that predict --score writes, by line."""
        out = f"{self.folder}/scores.tsv"
        PROGRAM.run("predict", "--run", f"{self.folder}/run", "--checkpoint", "newest", "--out", out, *words,
                    ranks=ranks)  # fmt: skip
        with open(out) as file:
            rows = [row.rstrip("\n").split("\t") for row in file][1:]
        os.remove(out)
        return {row[0]: row[1:] for row in rows}

    def symbols_of(self, name):
        with open(f"{self.folder}/corpus/corpus.json") as file:
            names = json.load(file)["schema"]["vocabularies"][0]["names"]
        with open(f"{self.folder}/{name}") as file:
            words = [word for line in file for word in [*line.split(), "<eos>"]]
        return [names.index(word if word in names else "<unk>") for word in words], names.index("<eos>"), names

    def losses_by_numpy(self, run, name):
        """The loss of each symbol of a file, from one pass over all of it in double precision."""
        symbols, start, _ = self.symbols_of(name)
        p = {key: value.astype(float) for key, value in parameters_of(f"{self.folder}/{run}").items()}
        at = lambda part: next(value for key, value in p.items() if part in key)
        h, losses = numpy.zeros(9), []
        for before, symbol in zip([start, *symbols], symbols):
            x = at("embedding.weight")[before]
            h = numpy.tanh(at("weight_ih") @ x + at("bias_ih") + at("weight_hh") @ h + at("bias_hh"))
            scores = at("head.weight") @ h + at("head.bias")
            losses.append(numpy.log(numpy.exp(scores - scores.max()).sum()) + scores.max() - scores[symbol])
        return losses

    def test_the_same_bits_on_any_number_of_ranks_and_across_a_stop_in_the_stream(self):
        self.prepare()
        found = self.check_same_bits(31)
        self.assertEqual(self.train("threads", 1, 31, "--threads", 2)[0], self.train("whole", 1, 31)[0])
        self.assertEqual(found["symbols"], len(self.symbols_of("test.txt")[0]))
        # As after a kill -9 at step 20: the newest checkpoint is that of step 18, in the middle of the second epoch.
        self.train("killed", 2, 20)
        os.remove(newest_checkpoint(f"{self.folder}/killed"))
        self.assertEqual(self.train("killed", 0, 31), self.train("whole", 1, 31))

    def test_perplexity_is_that_of_one_unbroken_pass(self):
        self.prepare()
        self.train("run", 0, 40)
        losses = self.losses_by_numpy("run", "test.txt")
        found = self.evaluate("run", 0)
        self.assertAlmostEqual(found["loss"], sum(losses) / len(losses), 5)
        self.assertAlmostEqual(found["perplexity"], math.exp(found["loss"]), 9)
        self.assertAlmostEqual(found["perplexity_per_word"], found["perplexity"], 9, "words and ends of lines")
        self.assertAlmostEqual(found["bits_per_character"] * found["characters"],
                               found["bits_per_symbol"] * found["symbols"], 6)  # fmt: skip
        table = self.table_of("--score", f"{self.folder}/test.txt")
        self.assertAlmostEqual(float(table["all"][2]), sum(losses), 3)
        self.assertEqual(table["32"][:2], ["4", "1"], "the bird sat <eos>, of which bird is unknown")
        self.assertAlmostEqual(float(table["32"][2]), sum(losses[-4:]), 4)
        self.assertAlmostEqual(float(table["31"][3]), math.exp(losses[-5]), 3, "an empty line has its end")

    def test_the_grammar_is_learned(self):
        self.prepare()
        _, metrics = self.train("run", 0, 300)
        validations = [line for line in metrics if line["kind"] == "validation"]
        for line in validations:
            self.assertAlmostEqual(line["perplexity"], math.exp(line["loss"]), 9)
        self.assertLess(validations[-1]["perplexity"], 2.2, "two successors at most, and the end of the line")
        text = PROGRAM.run("generate", "--run", f"{self.folder}/run", "--length", 300, "--seed", 4, "--top-k", 3)
        words = text.split()
        good = sum(b in NEXT.get(a, []) for a, b in zip(words, words[1:]))
        self.assertGreater(good, 0.7 * len(words))

    def test_validation_depends_on_its_streams_only(self):
        self.prepare()
        losses = {}
        for streams, ranks in ((3, 0), (3, 2), (1, 0)):
            _, metrics = self.train(f"run{streams}{ranks}", ranks, 11, "--set", f"validation.streams={streams}",
                                    "--set", "validation.metric=perplexity")  # fmt: skip
            losses[streams, ranks] = next(line["loss"] for line in metrics if line["kind"] == "validation")
        self.assertEqual(losses[3, 0], losses[3, 2])
        self.assertNotEqual(losses[3, 0], losses[1, 0])
        found = self.evaluate("run10", 0, "--split", "valid")
        self.assertNotEqual(found["loss"], losses[3, 0])

    def test_the_same_seed_gives_the_same_text(self):
        self.prepare("--tokens", "characters")
        self.train("run", 0, 20)
        make = ["generate", "--run", f"{self.folder}/run", "--prefix", "the c", "--length", 40]
        out = lambda name: f"{self.folder}/{name}.txt"
        self.assertEqual(self.report("run").count('<pre class="text">'), 2)
        PROGRAM.run(*make, "--seed", 3, "--samples", 2, "--out", out("a"))
        PROGRAM.run(*make, "--seed", 3, "--samples", 2, "--out", out("b"), ranks=2)
        PROGRAM.run(*make, "--seed", 4, "--samples", 2, "--out", out("c"))
        PROGRAM.run(*make, "--temperature", 0, "--out", out("best"))
        PROGRAM.run(*make, "--top-k", 1, "--seed", 9, "--out", out("first"))
        PROGRAM.run(*make, "--top-p", 1e-9, "--seed", 8, "--out", out("narrow"))
        text = {name: self.read(name) for name in ("a", "b", "c", "best", "first", "narrow")}
        self.assertEqual(text["a"], text["b"])
        self.assertNotEqual(text["a"], text["c"])
        self.assertEqual(text["a"].count("the c"), 2)
        self.assertEqual([text["best"]] * 2, [text["first"], text["narrow"]])

    def test_text_for_standard_output_is_not_filtered_under_mpirun(self):
        """Where a terminal would show <U+001B>: mpirun may give a rank a pseudo-terminal for its output."""
        text = self.write("escapes.txt", ["a\033[2Jb\x7f\tc\n"] * 20)
        PROGRAM.run("prepare", "text", "--task", "lm", "--tokens", "bytes", "--train", text, "--valid", text, "--out",
                    f"{self.folder}/corpus")  # fmt: skip
        self.train("run", 0, 1)
        make = [PROGRAM.path, "generate", "--run", f"{self.folder}/run", "--length", "40", "--prefix", "a\033[2J\x7f"]
        PROGRAM.run(*make[1:], "--out", f"{self.folder}/made.txt")
        with open(f"{self.folder}/made.txt", "rb") as file:
            made = file.read()
        self.assertIn(b"a\033[2J\x7f", made)
        for launcher in ([], ["mpirun", "-n", "1"]):
            done = subprocess.run([*launcher, *make], env=ENVIRONMENT, stdout=subprocess.PIPE, check=True, timeout=60)
            self.assertEqual(done.stdout, made, launcher)

    def test_text_does_not_depend_on_the_instruction_set(self):
        self.prepare("--tokens", "characters")
        self.train("base", 0, 40)
        best = "avx512" if "avx512dq" in flags_of_processor() else "avx2"
        bits, texts = {}, {}
        for isa in {"sse4", "avx2", best}:
            # A rate of 0 leaves the parameters as they are, but the checkpoint is one of this instruction set.
            bits[isa], _ = self.train(isa, 0, 1, "--set", f"train.start_from={self.folder}/base", "--set",
                                      "schedule.learning_rate=0", "--set", f"numerics.isa={isa}")  # fmt: skip
            texts[isa] = PROGRAM.run("generate", "--run", f"{self.folder}/{isa}", "--prefix", "the", "--length", 200)
        self.assertEqual(len(set(bits.values())), 1, bits)
        self.assertEqual(len(set(texts.values())), 1, texts)

    def test_threads_and_ranks_share_a_stream_and_change_no_bit(self):
        self.prepare()
        self.train("run", 0, 9)
        found, table = self.evaluate("run", 0), self.table_of("--score", f"{self.folder}/test.txt")
        for ranks, threads in ((0, 3), (2, 1), (3, 2)):
            with self.subTest(ranks=ranks, threads=threads):
                more = ("--threads", threads)
                self.assertEqual(self.evaluate("run", ranks, *more), found)
                self.assertEqual(self.table_of("--score", f"{self.folder}/test.txt", *more, ranks=ranks), table)

    def test_a_text_of_another_encoding_is_scored(self):
        self.prepare("--tokens", "characters")
        self.train("run", 0, 1)
        text, latin = self.write("utf8.txt", ["caf\u00e9 noir\n"]), f"{self.folder}/latin.txt"
        with open(latin, "w", encoding="latin-1") as file:
            file.write("caf\u00e9 noir\n")
        converted = self.table_of("--score", latin, "--text-encoding", "ISO-8859-1")
        self.assertEqual(converted, self.table_of("--score", text))
        table = PROGRAM.run("predict", "--run", f"{self.folder}/run", "--score", "-", standard_input="caf\u00e9 noir\n")
        self.assertEqual(table, PROGRAM.run("predict", "--run", f"{self.folder}/run", "--score", text))
        text = PROGRAM.run("predict", "--run", f"{self.folder}/run", "--score", latin, code=65)
        self.assertIn("latin.txt:1: byte 3 of the text is 0xe9", text)

    def test_words_of_a_prefix_that_have_no_symbol_are_named(self):
        self.prepare()
        self.train("run", 0, 1)
        make = ["generate", "--run", f"{self.folder}/run", "--length", 1, "--prefix"]
        text = PROGRAM.run(*make, "the bird and the cow")
        self.assertIn('--prefix has what is no symbol of the run, and is read as <unk>: "and", "bird", "cow"', text)
        self.assertNotIn("is read as", PROGRAM.run(*make, "the <unk> ran\nthe"))

    def test_another_text_is_evaluated_with_the_symbols_of_the_run(self):
        self.prepare()
        self.train("run", 0, 9)
        other = self.write("other.txt", ["the bird ran\n"])
        PROGRAM.run("prepare", "text", "--task", "lm", "--like", f"{self.folder}/run", "--test", other, "--out",
                    f"{self.folder}/other")  # fmt: skip
        text = PROGRAM.run("evaluate", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/other", "--json")
        found = json.loads(next(line for line in text.splitlines() if line.startswith("{")))
        self.assertEqual((found["symbols"], found["unknown"], found["words"], found["lines"]), (4, 1, 3, 1))
        self.prepare("--lower-case", out="lower")
        text = PROGRAM.run("evaluate", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/lower", code=64)
        self.assertIn("prepare the corpus again with --like", text)
        text = PROGRAM.run("evaluate", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/other", "--ensemble",
                           f"{self.folder}/run", code=64)  # fmt: skip
        self.assertIn("this model has other targets", text)

    def test_bytes_are_all_read_and_verified(self):
        with open(f"{self.folder}/bytes", "wb") as file:
            file.write(bytes(range(256)) * 8)
        PROGRAM.run("prepare", "text", "--task", "lm", "--tokens", "bytes", "--train", f"{self.folder}/bytes", "--test",
                    f"{self.folder}/bytes", "--out", f"{self.folder}/corpus")  # fmt: skip
        self.assertIn("ok", PROGRAM.run("verify", f"{self.folder}/corpus"))
        self.train("run", 0, 3)
        found = self.evaluate("run", 0)
        self.assertEqual((found["symbols"], found["bytes"]), (2048, 2048))
        self.assertAlmostEqual(found["bits_per_byte"], found["bits_per_symbol"], 9)

    def test_settings_that_cannot_work_are_refused(self):
        self.prepare()
        train = ["train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/x", "--steps", 1, *SETTINGS]
        cases = {
            "model.bidirectional=true": "would see what they are to predict; set model.bidirectional = false",
            "train.bptt_steps=0": "such as train.bptt_steps = 35",
            "batch.sequences=5000": "fewer than the 5000 streams that batch.sequences asks for",
            "data.cut_steps=20": "leave out data.cut_steps",
            "model.head=crf": "aligned by step); fitting heads: softmax\n",
            "model.head=ctc": "aligned by step); fitting heads: softmax\n",
            "model.lookahead=2": "set model.lookahead = 0, or, unless the corpus is a stream of symbols",
            "schedule.lowest=0.1": "schedule.lowest is 0.1 and schedule.learning_rate 0.02",
        }
        for setting, message in cases.items():
            with self.subTest(setting):
                self.assertIn(message, PROGRAM.run(*train, "--set", setting, code=64))
        ahead = ["--set", "train.bptt_steps=0", "--set", "model.lookahead=2"]
        PROGRAM.run(*train, *ahead, code=64)
        self.train("run", 0, 1)
        text = PROGRAM.run("predict", "--run", f"{self.folder}/run", "--corpus", f"{self.folder}/corpus", "--logits",
                           f"{self.folder}/logits.h5", code=64)  # fmt: skip
        self.assertIn("one stream without an end", text)

    def test_options_that_would_be_ignored_are_refused(self):
        text = self.write("text.txt", ["a b\n"])
        prepare = ["prepare", "text", "--task", "lm", "--train", text, "--out", f"{self.folder}/z", "--tokens"]
        for tokens, option in (("bytes", ("--min-count", 2)), ("bytes", ("--max-vocabulary", 9)),
                               ("bytes", ("--no-compose",)), ("sentencepiece:9", ("--min-count", 2)),
                               ("words", ("--max-vocabulary", 9, "--vocabulary", text))):  # fmt: skip
            with self.subTest(tokens=tokens, option=option):
                found = PROGRAM.run(*prepare, tokens, *option, code=64)
                self.assertIn(option[0], found)
                self.assertIn("leave it out", found)

    def test_texts_that_cannot_be_read_are_named(self):
        def refused(content, *more):
            with open(f"{self.folder}/bad.txt", "wb") as file:
                file.write(content)
            return PROGRAM.run("prepare", "text", "--task", "lm", "--train", f"{self.folder}/bad.txt", "--out",
                               f"{self.folder}/z", *more, code=65)  # fmt: skip

        self.assertIn("bad.txt:2: byte 5 of the text is 0xe9", refused(b"a b\nc\xe9\n"))
        self.assertIn("the training text has no token", refused(b""))
        self.assertIn("bad.txt:1: a word has 65536 bytes or more", refused(b"x" * 70000))
        words = self.write("words.txt", ["a\n", "b\n", "a\n"])
        self.assertIn("words.txt:3", refused(b"a b\n", "--vocabulary", words))
        text = PROGRAM.run("prepare", "text", "--task", "lm", "--test", words, "--out", f"{self.folder}/z", code=64)
        self.assertIn("give --train FILE", text)


if __name__ == "__main__":
    CorpusCase.program = PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
