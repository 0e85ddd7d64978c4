"""Tagged sentences from files to tags: the same bits on 1, 2 and 3 ranks and across a stop; entity F1 that is
conlleval's, counted again here (and by seqeval where it is installed); tags that never break their scheme; word vectors
in each form; the same predictions on any number of ranks and threads; and errors that say what to do."""

import json
import os
import random
import struct
import sys
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from corpus_case import CorpusCase
from program import Program, newest_checkpoint, parameters_of

try:
    from seqeval.metrics import classification_report
except ImportError:
    classification_report = None

FIRST, LAST = ["Ann", "Bob", "Eva", "Tom"], ["Lee", "Kane", "Smith"]
PLACES, VERBS = ["Paris", "Rome", "Oslo"], ["runs", "sleeps", "reads"]


def sentences(count, seed):
    """Sentences of (word, BIO tag): a person of one or two words, and often a place."""
    draw = random.Random(seed)
    made = []
    for _ in range(count):
        name = draw.choice(FIRST) if draw.random() < 0.8 else "X" + "".join(draw.choices("abcdefgh", k=4))
        words = [(name, "B-PER")]
        if draw.random() < 0.5:
            words.append((draw.choice(LAST), "I-PER"))
        words += [(draw.choice(VERBS), "O")]
        if draw.random() < 0.6:
            words += [("in", "O"), (draw.choice(PLACES), "B-LOC")]
        made.append(words + [(".", "O")] * (draw.random() < 0.7))
    return made


def columns(made):
    return "\n".join("".join(f"{word}\t{tag}\n" for word, tag in one) for one in made)


def chunks(tags):
    """The set of (type, begin, end) of a sentence by conlleval's own rules for B, I, E, S and O."""
    found, begin, before, kind = set(), None, "O", ""
    for i, tag in enumerate([*tags, "O"]):
        letter, _, name = tag.partition("-")
        ends = before in "ES" or (before in "BI" and letter in "BSO") or (before != "O" and kind != name)
        begins = letter in "BS" or (letter in "EI" and before in "ESO") or (letter != "O" and kind != name)
        if begin is not None and ends:
            found.add((kind, begin, i))
            begin = None
        begin = i if begins else begin
        before, kind = letter, name
    return found


def breaks(tags):
    """Whether IOBES tags break their scheme."""
    before = "O"
    for tag in [*tags, "O"]:
        is_open = before[0] in "BI"
        if is_open != (tag[0] in "IE") or (is_open and tag[2:] != before[2:]):
            return True
        before = tag
    return False


def read_columns(text):
    return [[line.split("\t") for line in block.splitlines()] for block in text.strip("\n").split("\n\n")]


SETTINGS = [word for setting in (
    "model.head=crf", "model.cell=lstm", "model.layers=1", "model.hidden_size=8", "model.embedding_size=8",
    "model.embedding_scale=0.1", "model.character_embedding_size=5", "model.character_size=6", "model.shape_size=3",
    "model.unknown_dropout=0.5", "model.input_dropout=0.2", "batch.sequences=12", "batch.slots=4",
    "optimizer.name=adam", "schedule.learning_rate=0.02", "checkpoint.every=10", "validation.every=10", "log.every=5",
    "numerics.isa=avx2") for word in ("--set", setting)]  # fmt: skip


class TaggingTest(CorpusCase):
    settings = SETTINGS

    def prepare(self, *more):
        files = []
        for seed, (split, count) in enumerate([("train", 120), ("valid", 30), ("test", 40)]):
            files += [f"--{split}", self.write(f"{split}.tsv", columns(sentences(count, seed)))]
        counts = () if "--vocabulary" in more else ("--min-count", 1)
        return PROGRAM.run("prepare", "text", "--task", "tag", *files, *counts, "--lower-case", "--scheme", "iobes",
                           "--out", f"{self.folder}/corpus", *more)  # fmt: skip

    def predict(self, *words, ranks=0, run="run"):
        out = f"{self.folder}/predicted"
        PROGRAM.run("predict", "--run", f"{self.folder}/{run}", "--checkpoint", "newest", "--out", out, *words,
                    ranks=ranks)  # fmt: skip
        with open(out) as file:
            text = file.read()
        os.remove(out)
        return text

    def check_f1(self, run, *more):
        """Evaluate's figures are conlleval's of what predict writes for the same sentences."""
        found = self.evaluate(run, 0, *more)
        words = ["--text", f"{self.folder}/test.tsv", "--input-form", "columns", *more]
        predicted = read_columns(self.predict(*words, run=run))
        known = [[tag for _, tag in one] for one in sentences(40, 2)]
        named = [[tag for _, tag, _ in one] for one in predicted]
        pairs = [(chunks(a), chunks(b)) for a, b in zip(known, named, strict=True)]
        for kind in ("PER", "LOC"):
            right, of_known, of_found = (sum(sum(chunk[0] == kind for chunk in chosen(a, b)) for a, b in pairs)
                                         for chosen in (set.__and__, lambda a, _: a, lambda _, b: b))  # fmt: skip
            row = next(row for row in found["types"] if row["name"] == kind)
            self.assertEqual([row["right"], row["known"], row["found"]], [right, of_known, of_found])
            self.assertAlmostEqual(row["f1"], 2 * right / (of_known + of_found), 12)
        if classification_report is not None:
            bio = [[tag.replace("S-", "B-").replace("E-", "I-") for tag in one] for one in named]
            report = classification_report(known, bio, output_dict=True, zero_division=0)
            self.assertAlmostEqual(report["micro avg"]["f1-score"], found["f1"], 12)
            self.assertAlmostEqual(report["PER"]["recall"], next(
                row["recall"] for row in found["types"] if row["name"] == "PER"), 12)  # fmt: skip
        return found, named

    def test_the_same_bits_on_any_number_of_ranks_and_across_a_stop(self):
        self.prepare("--shard-bytes", 3000)
        self.check_same_bits(30)
        self.assertEqual(self.train("threads", 1, 30, "--threads", 2)[0], self.train("whole", 1, 30)[0])
        # As after a kill -9 between two checkpoints.
        self.train("killed", 2, 20)
        os.remove(newest_checkpoint(f"{self.folder}/killed"))
        self.assertEqual(self.train("killed", 0, 30), self.train("whole", 1, 30))

    def test_a_network_that_has_learned_capitals_begins_a_tagger(self):
        text = self.write("plain.txt", [" ".join(word for word, _ in one) + "\n" for one in sentences(60, 9)])
        capitals = f"{self.folder}/capitals"
        said = PROGRAM.run("prepare", "text", "--task", "tag", "--format", "case", "--train", text, "--min-count", 1,
                           "--lower-characters", "--out", capitals)  # fmt: skip
        self.assertIn("capitalised", said)
        PROGRAM.run("train", "--corpus", capitals, "--run", f"{self.folder}/first", "--steps", 10, *self.settings,
                    "--set", "model.head=softmax")  # fmt: skip
        ignored = PROGRAM.run("prepare", "text", "--task", "tag", "--train", text, "--min-count", 1, "--vocabulary",
                              capitals, "--out", f"{self.folder}/z", code=64)  # fmt: skip
        self.assertIn(f"--min-count chooses among the tokens of the training texts, but --vocabulary {capitals}", ignored)
        self.prepare("--vocabulary", capitals, "--lower-characters")
        more = ["--set", f"train.start_from={self.folder}/first", "--set", "train.freeze=embedding.*", "--set",
                "model.unknown_dropout=0"]  # fmt: skip
        self.train("run", 0, 10, *more)
        with open(f"{self.folder}/run/log.txt") as file:
            log = file.read()
        self.assertRegex(log, r"starts with .*: embedding.weight, characters.weight")
        first, run = (parameters_of(f"{self.folder}/{name}") for name in ("first", "run"))
        self.assertEqual(run["embedding.weight"].tobytes(), first["embedding.weight"].tobytes())
        self.assertNotEqual(run["shapes.weight"].tobytes(), first["shapes.weight"].tobytes())

    def test_f1_is_that_of_conlleval_and_chooses_the_best_checkpoint(self):
        self.prepare()
        _, metrics = self.train("run", 0, 60, "--set", "validation.metric=f1")
        found, _ = self.check_f1("run")
        self.assertGreater(found["f1"], 0.9, "names are told by their capitals and places by their words")
        validations = [line for line in metrics if line["kind"] == "validation"]
        best = [line["f1"] for line in validations if line["best"]]
        self.assertEqual(best[-1], max(line["f1"] for line in validations))
        self.assertEqual(best, sorted(set(best)))
        page = self.report("run")
        self.assertIn("<h2>Entities</h2>", page)
        self.assertRegex(page, r'<mark style="border-color:#[0-9a-f]{6}">[^<]*<small>(PER|LOC)</small></mark>')
        valid = self.evaluate("run", 3, "--split", "valid")
        self.assertAlmostEqual(valid["f1"], validations[-1]["f1"], 12)
        self.assertAlmostEqual(valid["accuracy"], validations[-1]["accuracy"], 12)

    def test_tags_never_break_their_scheme_however_little_was_learned(self):
        self.prepare()
        for head in ("crf", "softmax"):
            with self.subTest(head):
                self.train(head, 0, 1, "--set", f"model.head={head}", "--set", "model.characters=gru", "--set",
                           "schedule.learning_rate=1", "--set", "schedule.warmup_steps=0")  # fmt: skip
                _, named = self.check_f1(head)
                self.assertTrue(any(tag != "O" for tags in named for tag in tags))
                self.assertFalse(any(breaks(tags) for tags in named))
        _, named = self.check_f1("crf", "--ensemble", f"{self.folder}/softmax:newest")
        self.assertFalse(any(breaks(tags) for tags in named))

    def test_predictions_are_the_same_on_any_ranks_and_threads_and_in_each_form(self):
        self.prepare()
        self.train("run", 0, 40)
        made = sentences(150, 5)
        lines = self.write("lines.txt", "".join(" ".join(word for word, _ in one) + "\n" for one in made))
        words = self.write("words.txt", "\n".join("".join(f"{word}\n" for word, _ in one) for one in made))
        objects = self.write("words.jsonl", "".join(json.dumps({"tokens": [w for w, _ in one]}) + "\n" for one in made))
        text = self.predict("--text", lines)
        self.assertEqual(self.predict("--text", lines, "--threads", 2, ranks=3), text)
        self.assertEqual(self.predict("--text", words, "--input-form", "columns"), text)
        self.assertEqual(self.predict("--text", objects, "--input-form", "jsonl"), text)
        objects = [json.loads(line) for line in self.predict("--text", lines, "--output-form", "jsonl").splitlines()]
        for one, rows in zip(objects, read_columns(text), strict=True):
            self.assertEqual([list(row) for row in zip(one["tokens"], one["tags"])], [row[:2] for row in rows])
            self.assertEqual([f"{p:.4f}" for p in one["probabilities"]], [row[2] for row in rows])
            found = {(entity["type"], entity["begin"], entity["end"]) for entity in one["entities"]}
            self.assertEqual(found, chunks(one["tags"]))
            for entity in one["entities"]:
                span = slice(entity["begin"], entity["end"])
                self.assertEqual(entity["text"], " ".join(one["tokens"][span]))
                self.assertEqual(entity["least_probability"], min(one["probabilities"][span]))
                self.assertLessEqual(entity["probability"], entity["least_probability"] + 1e-4)

    def vectors(self, name, content):
        with open(f"{self.folder}/{name}.vectors", "wb") as file:
            file.write(content)
        return ["--set", f"model.embeddings={self.folder}/{name}.vectors"]

    def test_word_vectors_of_each_form_begin_the_same_run(self):
        self.prepare()
        with open(f"{self.folder}/corpus/corpus.json") as file:
            names = json.load(file)["schema"]["vocabularies"][0]["names"]
        values = {word: [round(random.Random(word).uniform(-1, 1), 3) for _ in range(8)] for word in
                  ("paris", "Runs", "runs", "ANN", "elsewhere")}  # fmt: skip
        lines = "".join(word + " " + " ".join(map(str, vector)) + "\n" for word, vector in values.items())
        binary = b"5 8\n" + b"".join(word.encode() + b" " + struct.pack("<8f", *vector) + b"\n"
                                     for word, vector in values.items())  # fmt: skip
        still = ["--set", "schedule.learning_rate=0"]
        hashes = []
        for name, content in (("glove", lines.encode()), ("text", b"5 8\n" + lines.encode()), ("binary", binary)):
            vectors = self.vectors(name, content)
            hashes.append(self.train(name, 2 if name == "text" else 0, 10, *vectors, *still)[0])
        self.assertEqual(len(set(hashes)), 1)
        table = parameters_of(f"{self.folder}/glove")["embedding.weight"]
        for word, given in (("paris", "paris"), ("runs", "runs"), ("ann", "ANN")):
            self.assertEqual([round(float(v), 3) for v in table[names.index(word)]], values[given])
        # A run goes on without the file.
        first = self.train("again", 0, 20, *self.vectors("gone", lines.encode()))
        self.train("half", 0, 10, *self.vectors("gone", lines.encode()))
        os.remove(f"{self.folder}/gone.vectors")
        self.assertEqual(self.train("half", 0, 20, "--set", f"model.embeddings={self.folder}/gone.vectors"), first)

    def test_vectors_of_lower_case_words_serve_those_with_capitals(self):
        train = self.write("capitals.tsv", "Paris\tB-LOC\nis\tO\nThe\tO\nthe\tO\nANN\tB-PER\nLee\tI-PER\n")
        PROGRAM.run("prepare", "text", "--task", "tag", "--train", train, "--min-count", 1, "--out", f"{self.folder}/corpus")
        given = {"paris": 1, "the": 2, "The": 3, "ann": 4, "Ann": 5, "IS": 6}
        lines = "".join(word + f" {value}" * 8 + "\n" for word, value in given.items())
        self.train("run", 0, 1, *self.vectors("lower", lines.encode()), "--set", "schedule.learning_rate=0")
        with open(f"{self.folder}/corpus/corpus.json") as file:
            names = json.load(file)["schema"]["vocabularies"][0]["names"]
        table = parameters_of(f"{self.folder}/run")["embedding.weight"]
        found = {name: float(table[i][0]) for i, name in enumerate(names)}
        self.assertEqual({name: found[name] for name in ("Paris", "is", "The", "the", "ANN")},
                         {"Paris": 1, "is": 6, "The": 3, "the": 2, "ANN": 4})  # fmt: skip
        self.assertLess(abs(found["Lee"]), 1)

    def test_hostile_word_vectors_are_refused(self):
        self.prepare()
        row = b"paris" + b" 0.5" * 8 + b"\n"
        cases = {
            "the vectors of": (b"paris 1 2 3\n", 64), "have 9 values": (b"1 9\n", 64), "is empty": (b"", 65),
            "says 3 words, the file has 1": (b"3 8\n" + row, 65), ":2: the line has 1 values": (row + b"rome 1\n", 65),
            "value 8 is \"nan\"": (row.replace(b"0.5\n", b"nan\n"), 65),
            "none of the 1 words": (row.replace(b"paris", b"zzz"), 65),
            "word 1 of 9999999999 is not": (b"9999999999 8\nparis " + b"\xff" * 20, 65),
            "the line is longer": (b"a" * 3000000, 65),
            "is not there": (None, 66),
        }  # fmt: skip
        for message, (content, code) in cases.items():
            with self.subTest(message):
                vectors = self.vectors("bad", content or b"")
                if content is None:
                    os.remove(f"{self.folder}/bad.vectors")
                text = PROGRAM.run("train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/x", "--steps",
                                   1, *SETTINGS, *vectors, code=code)  # fmt: skip
                self.assertTrue(message in text or content is None, text)

    def test_another_corpus_is_made_like_the_run_and_judged_by_it(self):
        self.prepare()
        self.train("run", 0, 20)
        before = self.evaluate("run", 0)
        PROGRAM.run("prepare", "text", "--task", "tag", "--like", f"{self.folder}/run", "--test",
                    f"{self.folder}/test.tsv", "--out", f"{self.folder}/like")  # fmt: skip
        os.rename(f"{self.folder}/corpus", f"{self.folder}/old")
        os.rename(f"{self.folder}/like", f"{self.folder}/corpus")
        self.assertEqual(self.evaluate("run", 0), before)

    def test_what_does_not_fit_is_refused_with_a_remedy(self):
        self.prepare()
        train = ["train", "--corpus", f"{self.folder}/corpus", "--run", f"{self.folder}/x", "--steps", 1, *SETTINGS]
        cases = {"model.tie_embeddings=true": "model.tie_embeddings", "model.characters=lstm": "none, cnn and gru",
                 "train.bptt_steps=4": "train.bptt_steps", "validation.metric=wer": "wer"}  # fmt: skip
        for setting, message in cases.items():
            with self.subTest(setting):
                self.assertIn(message, PROGRAM.run(*train, "--set", setting, code=64))
        self.train("run", 0, 1)
        predict = ["predict", "--run", f"{self.folder}/run", "--text", f"{self.folder}/test.tsv"]
        self.assertIn("lines, columns, jsonl", PROGRAM.run(*predict, "--input-form", "xml", code=64))
        lines = self.write("lines.txt", "Ann runs\nBob\n")
        self.assertEqual(PROGRAM.run(*predict[:3], "--text", "-", standard_input="Ann runs\nBob\n"),
                         PROGRAM.run(*predict[:3], "--text", lines))  # fmt: skip
        self.assertIn("standard input is read with --input-form lines only",
                      PROGRAM.run(*predict[:3], "--text", "-", "--input-form", "columns", code=64))  # fmt: skip
        blank = self.write("blank.txt", "Ann runs\n\n")
        self.assertIn("blank.txt:2: the line has no word", PROGRAM.run(*predict[:3], "--text", blank, code=65))
        bad = self.write("bad.tsv", "Ann\tB-PER\n\nruns\tI-PER\n")
        prepare = ["prepare", "text", "--task", "tag", "--train", bad, "--out", f"{self.folder}/z"]
        self.assertIn("bad.tsv:3: I-PER after the begin of the sentence", PROGRAM.run(*prepare, code=65))
        self.assertIn("1 tags broke their scheme", PROGRAM.run(*prepare, "--repair-tags"))
        self.assertIn("--min-count 1", PROGRAM.run("train", "--corpus", f"{self.folder}/z", *train[3:], code=64))


if __name__ == "__main__":
    CorpusCase.program = PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
