#!/usr/bin/env python3
"""lockstep report: the page, the table and the events of a run, also of one that goes on or was damaged."""

import csv
import html.parser
import struct

import small_run
from small_run import STEPS, run, run_well

try:
    from tensorboard.backend.event_processing import event_accumulator
except ImportError:
    event_accumulator = None


class Page(html.parser.HTMLParser):
    """What a page holds; fails on elements that are not closed in order."""

    VOID = {"meta", "br", "link", "img"}

    def __init__(self, text):
        super().__init__()
        self.open, self.charts, self.outside, self.text = [], 0, [], ""
        self.feed(text)
        assert not self.open, self.open

    def handle_starttag(self, tag, attributes):
        self.charts += tag == "svg"
        self.outside += [value for name, value in attributes if name in ("href", "src") and not value.startswith("#")]
        if tag in ("script", "link", "img"):
            self.outside.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text += data


class ReportTest(small_run.RunTest):

    def page(self, *words):
        path = run_well("report", "--run", self.run_folder, *words).strip()
        with open(path, encoding="utf-8") as file:
            return Page(file.read())

    def test_a_page_stands_alone_and_has_the_curves(self):
        page = self.page()
        self.assertEqual(page.outside, [])
        self.assertGreaterEqual(page.charts, 6)
        for text in ("Loss per target", "Learning rate", "best validation", "rnn.weight_hh_l0", "model.hidden_size"):
            self.assertIn(text, page.text)

    def test_a_report_is_replaced_and_nothing_else(self):
        self.page()
        self.page()
        mine = self.folder / "mine.html"
        mine.write_text("my own page")
        self.fails(73, "is no report", "report", "--run", self.run_folder, "--out", mine)
        self.assertEqual(mine.read_text(), "my own page")
        link = self.folder / "link.html"
        link.symlink_to(mine)
        self.fails(73, "is no report", "report", "--run", self.run_folder, "--out", link)

    def test_runs_are_compared_with_the_keys_that_differ(self):
        other = self.folder / "other<&>"
        if not other.exists():
            code, _, err = run("train", "--corpus", self.corpus, "--run", other, "--steps", 20, "--set",
                               "model.hidden_size=4", "--set", "batch.sequences=8", "--set", "log.every=1")  # fmt: skip
            self.assertEqual(code, 0, err)
        page = self.page("--compare", other, "--out", self.folder / "both.html")
        self.assertIn("Settings that differ", page.text)
        self.assertIn("other<&>, training", page.text)

    def test_a_table_has_the_figures_of_metrics(self):
        path = self.folder / "metrics.csv"
        run_well("report", "--run", self.run_folder, "--csv", path)
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        training = [row for row in rows if row["kind"] == "training"]
        self.assertEqual([int(row["step"]) for row in training], list(range(1, STEPS + 1)))
        self.assertLess(float(training[-1]["loss"]), float(training[0]["loss"]))
        self.assertTrue(any(row["kind"] == "validation" for row in rows))
        self.fails(73, "metrics.csv", "report", "--run", self.run_folder, "--csv", path)

    def test_events_are_whole_records(self):
        folder = self.folder / "events"
        path = run_well("report", "--run", self.run_folder, "--tensorboard", folder).strip()
        with open(path, "rb") as file:
            data = file.read()
        at = records = 0
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            at += 12 + length + 4
            records += 1
        self.assertEqual(at, len(data))
        self.assertGreater(records, STEPS)
        if event_accumulator is None:
            print("tensorboard is missing: its own reader was not asked")
            return
        events = event_accumulator.EventAccumulator(str(folder / "run"))
        events.Reload()
        loss = events.Scalars("training/loss")
        self.assertEqual([event.step for event in loss], list(range(1, STEPS + 1)))

    def test_a_run_without_checkpoints_and_with_half_a_line_is_reported(self):
        going = self.folder / "going"
        going.mkdir(exist_ok=True)
        text = (self.run_folder / "metrics.jsonl").read_text()
        (going / "metrics.jsonl").write_text(text[: len(text) // 2])
        path = run_well("report", "--run", going).strip()
        with open(path, encoding="utf-8") as file:
            self.assertIn("not done", Page(file.read()).text)
        self.fails(66, "it has no metrics.jsonl", "report", "--run", self.corpus)


if __name__ == "__main__":
    small_run.main()
