"""Names of classes, columns and sequences, and words of texts, with control characters, line ends and markup: every
output has them escaped as its format does it, so that no line, column or element of theirs begins anywhere.

    tests/program/hostile_texts_test.py build/release/lockstep
"""

import csv
import html.parser
import json
import os
import pty
import subprocess
import tempfile

import small_run
from small_run import run_well

ESC = "\x1b[2J"
CLASS = f"yes\nno\t9\t{ESC}<b>&\u009b5m,\"x\"\r"  # as a cell of a CSV file may have it
SEEN = 'yes<U+000A>no<U+0009>9<U+0009><U+001B>[2J<b>&<U+009B>5m,"x"'  # and the line end, which readers strip
TINY = [word for setting in ("model.hidden_size=4", "batch.sequences=8", "batch.slots=2", "checkpoint.every=5")
        for word in ("--set", setting)]  # fmt: skip


class Elements(html.parser.HTMLParser):
    """The elements of a page that are not of the program's own making."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        if tag in ("script", "b", "img") or any(name.startswith("on") for name, _ in attrs):
            self.found.append(tag)


class HostileTextsTest(small_run.unittest.TestCase):
    def setUp(self):
        holder = tempfile.TemporaryDirectory()
        self.addCleanup(holder.cleanup)
        self.place = holder.name

    def write(self, name, text):
        path = f"{self.place}/{name}"
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(text)
        return path

    def read(self, name):
        with open(f"{self.place}/{name}", encoding="utf-8", newline="") as file:
            return file.read()

    def check_shown(self, text):
        """No control character but tabs and line ends, and no line that a name has begun."""
        self.assertEqual([c for c in text if (c < " " and c not in "\n\t") or "\x7f" <= c <= "\x9f"], [], text)
        self.assertNotIn("\nno", text)

    def table(self):
        quoted = CLASS.replace('"', '""')
        rows = [f"{i % 7},{i % 5}," + (f'"{quoted}"' if i % 2 else "other") + "\n" for i in range(80)]
        return self.write("t.csv", f'a,"b{ESC}","c\nd"\n' + "".join(rows))

    def test_classes_of_tables(self):
        table, corpus, run = self.table(), f"{self.place}/c", f"{self.place}/r<b>"
        words = ("--train", table, "--valid", table, "--test", table, "--target-columns", "c\nd", "--target", "class")
        self.check_shown(run_well("prepare", "arrays", *words, "--out", corpus))
        run_well("train", "--corpus", corpus, "--run", run, "--steps", 10, *TINY)
        report = run_well("evaluate", "--run", run, "--corpus", corpus)
        self.check_shown(report)
        self.assertIn(SEEN[:20], report)
        names = [row["name"] for row in json.loads(run_well("evaluate", "--run", run, "--corpus", corpus, "--json"))["classes"]]
        self.assertIn(ESC, "".join(names))  # JSON has escapes of its own
        for what in (corpus, run):
            self.check_shown(run_well("inspect", what))
            self.assertNotIn("\x1b", run_well("inspect", what, "--json"))
        out = f"{self.place}/p.csv"
        run_well("predict", "--run", run, "--arrays", table, "--out", out)
        text = self.read("p.csv")
        self.assertNotIn("\x1b", text)
        rows = list(csv.reader(text.splitlines(keepends=True)))
        self.assertEqual({len(row) for row in rows}, {3}, "each row has its three cells, whatever is in them")
        self.check_page(run)
        self.check_terminal(("inspect", corpus, "--json"), ("predict", "--run", run, "--arrays", table))

    def check_page(self, run):
        run_well("report", "--run", run, "--out", f"{self.place}/page.html")
        page = self.read("page.html")
        self.check_shown(page)
        elements = Elements()
        elements.feed(page)
        self.assertEqual(elements.found, [])

    def check_terminal(self, *commands):
        """What a terminal gets of commands."""
        for words in commands:
            end, other = pty.openpty()
            child = subprocess.Popen([small_run.LOCKSTEP, *words], stdout=other, stderr=subprocess.DEVNULL)
            os.close(other)
            text = b""
            try:
                while part := os.read(end, 65536):
                    text += part
            except OSError:  # the program has ended
                pass
            os.close(end)
            self.assertEqual(child.wait(), 0)
            self.assertGreater(len(text), 50)
            self.assertNotIn(b"\x1b", text)
            self.assertNotIn("\u009b".encode(), text)

    def test_figures_of_a_run_that_somebody_has_named(self):
        """metrics.jsonl as another program, or a person, may have written it."""
        lines = [{"kind": "run", "time": "2026-01-01T00:00:00Z", "version": f"1<script>{ESC}"}]
        lines += [{"kind": "step", "step": step, "loss": 1 / step, f"x,y\n{ESC}<img onload=x>": step} for step in (1, 2, 3)]
        lines += [{"kind": "step", "step": 1e300, "loss": 1}, {"kind": "step", "step": -5, "loss": 1}]
        os.makedirs(f"{self.place}/r/checkpoints")
        self.write("r/metrics.jsonl", "".join(json.dumps(line) + "\n" for line in lines) + "\xff no json\n")
        self.write("r/config.toml", f"[a]\nb = \"<script>{ESC}\"  # </td><script>\n")
        run = f"{self.place}/r"
        self.check_page(run)
        run_well("report", "--run", run, "--csv", f"{self.place}/m.csv")
        text = self.read("m.csv")
        self.assertNotIn("\x1b", text)
        rows = list(csv.reader(text.splitlines(keepends=True)))
        self.assertEqual([len(row) for row in rows], [3] * 4, "what has no name of ours is no figure")
        run_well("report", "--run", run, "--tensorboard", f"{self.place}/events")

    def test_words_and_tags_of_sentences(self):
        """CoNLL columns: a word with a control character stays one word in one line."""
        lines = "".join(f"w{i % 9}\tO\nx{ESC}y\tB-A\n\n" for i in range(40))
        tagged, corpus, run = self.write("t.tsv", lines), f"{self.place}/c", f"{self.place}/r"
        self.check_shown(run_well("prepare", "text", "--task", "tag", "--train", tagged, "--valid", tagged, "--min-count", 1,
                                  "--out", corpus))  # fmt: skip
        run_well("train", "--corpus", corpus, "--run", run, "--steps", 2, *TINY, "--set", "model.embedding_size=4")
        text = self.write("new.txt", f"w1 x{ESC}y w2\n")
        found = run_well("predict", "--run", run, "--text", text)
        self.check_shown(found)
        self.assertEqual([line.split("\t")[0] for line in found.splitlines()], ["w1", "x<U+001B>[2Jy", "w2", ""])
        token = json.loads(run_well("predict", "--run", run, "--text", text, "--output-form", "jsonl"))["tokens"][1]
        self.assertEqual(token, f"x{ESC}y")

    def test_tags_name_classes(self):
        """So a tag with a control character is refused with its line."""
        tagged = self.write("t.tsv", f"w\tO\n\nx\tB-A\ny\tB-{ESC}\n\n")
        code, _, err = small_run.run("prepare", "text", "--task", "tag", "--train", tagged, "--valid", tagged, "--out", f"{self.place}/c")
        self.assertEqual(code, 65)
        self.assertIn('t.tsv:4: the tag "B-<U+001B>[2J" has a control character', err)
        self.check_shown(err)

    def test_tensors_of_a_file(self):
        """Names of tensors are shown in what `import` refuses and in what it tells."""
        names = [f"rnn.weight_ih_l0\n2026 ok{ESC}", f"x\nno{ESC}", f"a\nno{ESC}.weight_ih_l0", f"b\nno{ESC}.weight_ih_l0"]
        for count in (1, 2, 4):
            header = {name: {"dtype": "F32", "shape": [1], "data_offsets": [4 * i, 4 * i + 4]} for i, name in enumerate(names[:count])}
            self.write_safetensors(header, bytes(4 * count))
            self.check_refused_import(64)
        for wrong in ({"dtype": f"F9\nno{ESC}", "shape": [1], "data_offsets": [0, 4]}, {"dtype": "F32"}, [],
                      {"dtype": "F32", "shape": [9], "data_offsets": [0, 4]}, {"dtype": "F32", "shape": [1], "data_offsets": [4, 0]},
                      {"dtype": "F32", "shape": [f"\nno{ESC}"], "data_offsets": [0, 4]}):  # fmt: skip
            self.write_safetensors({names[0]: wrong}, bytes(4))
            self.check_refused_import(65)

    def write_safetensors(self, header, body):
        text = json.dumps(header).encode()
        with open(f"{self.place}/x.safetensors", "wb") as file:
            file.write(len(text).to_bytes(8, "little") + text + body)

    def check_refused_import(self, expected):
        if not os.path.exists(f"{self.place}/c"):
            run_well("prepare", "dna", "--synthetic", 2000, "--window", 32, "--out", f"{self.place}/c")
        code, out, err = small_run.run("import", "--in", f"{self.place}/x.safetensors", "--corpus", f"{self.place}/c",
                                       "--run", f"{self.place}/imported")  # fmt: skip
        self.assertEqual(code, expected, err)
        self.check_shown(out + err)
        self.assertNotIn("\n2026", err)

    def test_messages_and_logs(self):
        """A name in an error cannot pass for a line of the log."""
        name = f"{self.place}/x\n2026-01-01 00:00:00 I all is well{ESC}"
        code, _, err = small_run.run("inspect", name)
        self.assertEqual(code, 66)
        self.assertNotIn("\x1b", err)
        self.assertNotIn("\n2026", err)
        code, _, err = small_run.run("check", "--corpus", "c", "--set", f"model.cell={ESC}")
        self.assertEqual(code, 64)
        self.assertNotIn("\x1b", err)


if __name__ == "__main__":
    small_run.main()
