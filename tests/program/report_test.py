#!/usr/bin/env python3
"""lockstep report: the page, the table and the events of a run, also of one that goes on or was damaged."""

import csv
import html.parser
import json
import shutil
import signal
import struct
import subprocess
import time
import unittest

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


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def scalar_event(tag, value):
    """A record of TensorBoard: Event { step: 1, summary { value { tag, simple_value } } }."""
    value = b"\x0a" + bytes([len(tag)]) + tag + b"\x15" + struct.pack("<f", value)
    summary = b"\x0a" + bytes([len(value)]) + value
    event = b"\x10\x01\x2a" + bytes([len(summary)]) + summary
    length = struct.pack("<Q", len(event))
    return length + masked_crc(length) + event + masked_crc(event)


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

    def test_the_page_shows_what_the_model_makes_of_samples(self):
        page = self.page()
        for text in ("Confusion matrix", "true class", "all 16 sequences of split valid", "Labels of samples", "bases",
                     "Labels of the training split", "Starts and environment"):  # fmt: skip
            self.assertIn(text, page.text)
        self.assertNotIn("Confusion matrix", self.page("--no-samples").text)
        self.assertIn("split test", self.page("--corpus", self.corpus, "--split", "test").text)
        self.fails(64, "no split \"dev\"", "report", "--run", self.run_folder, "--split", "dev")
        self.fails(66, "nowhere", "report", "--run", self.run_folder, "--corpus", self.folder / "nowhere")
        self.fails(64, "are for the page", "report", "--run", self.run_folder, "--split", "test", "--csv", "x.csv")

    def test_without_its_corpus_a_run_is_reported_without_samples(self):
        moved = self.folder / "moved"
        self.corpus.rename(moved)
        try:
            page = self.page()
        finally:
            moved.rename(self.corpus)
        self.assertIn("Loss per target", page.text)
        self.assertNotIn("Confusion matrix", page.text)
        self.assertIn(f"The corpus {self.corpus} that the run was trained on is not there.", page.text)

    def test_the_genes_of_a_genome_are_drawn(self):
        text = self.page().text
        self.assertIn("genes by the labels above", text)
        self.assertRegex(text, r"The labels mean \d+ genes. Of them, the model finds \d+ with the same end")

    def test_the_word_run_may_be_left_out(self):
        self.assertEqual(run_well("report", self.run_folder).strip(), f"{self.run_folder}/report.html")

    def test_the_scalars_of_other_programs_are_drawn_beside(self):
        run_well("report", self.run_folder, "--tensorboard", self.folder / "scalars")
        events = self.folder / "scalars" / self.run_folder.name
        page = self.page("--events", events, "--out", self.folder / "events.html")
        self.assertIn("training/loss", page.text)
        self.assertIn(f"{events.name}, validation", page.text)
        self.fails(66, "there is no event file", "report", self.run_folder, "--events", self.corpus)
        try:
            from torch.utils.tensorboard import SummaryWriter  # pylint: disable=import-outside-toplevel
        except ImportError:
            print("PyTorch or tensorboard is missing: no file of PyTorch was read")
            return
        with SummaryWriter(self.folder / "torch") as writer:
            for step in range(5):
                writer.add_scalar("Loss/train", 1 / (1 + step), step)
        text = self.page("--events", self.folder / "torch", "--out", self.folder / "torch.html").text
        self.assertIn("Loss/train", text)
        self.assertIn("torch, training", text)

    def test_of_events_that_end_early_the_page_says_up_to_which_byte(self):
        run_well("report", self.run_folder, "--tensorboard", self.folder / "whole")
        (whole,) = (self.folder / "whole" / self.run_folder.name).iterdir()
        cut = self.folder / "tfevents.cut"
        cut.write_bytes(whole.read_bytes()[:-1])
        text = self.page("--events", cut, "--out", self.folder / "cut.html").text
        self.assertRegex(text, rf"may still be written; read up to byte \d+ of {cut.stat().st_size}")

    def test_the_table_says_which_scalars_are_not_drawn(self):
        events = self.folder / "tfevents.tags"
        tags = (b"loss/test", b"loss/val", b"eval/loss", b"val")
        events.write_bytes(b"".join(scalar_event(tag, 5) for tag in tags))
        text = self.page("--events", events, "--out", self.folder / "tags.html").text
        for row in ("eval/lossvalidation loss15", "loss/valnot drawn: eval/loss is that curve already15",
                    "loss/testnot drawn: a test is neither training nor validation15",
                    "valnot drawn: the tag names no figure15"):
            self.assertIn(row, text)

    def test_damage_is_told_once(self):
        damaged = self.folder / "damaged"
        shutil.copytree(self.run_folder, damaged)
        newest = max((damaged / "checkpoints").glob("step-*.h5"))
        newest.write_bytes(newest.read_bytes()[:-1])
        code, _, err = run("report", damaged)
        self.assertEqual(code, 0, err)
        self.assertEqual(err.count("is damaged and skipped"), 1, err)

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

    def test_names_cannot_turn_the_text_behind_them(self):
        """Letters that change the direction of writing (U+202A to U+202E, U+2066 to U+2069) in names of runs."""
        turned = self.folder / "a\u202eb\u2066c\u202dd"
        if not turned.exists():
            turned.symlink_to(self.run_folder)
        out = self.folder / "turned.html"
        run_well("report", "--run", self.run_folder, "--compare", turned, "--no-samples", "--out", out)
        text = out.read_text(encoding="utf-8")
        self.assertIn("a?b?c?d", text)
        self.assertNotRegex(text, "[\u202a-\u202e\u2066-\u2069]")

    def test_a_table_has_the_figures_of_metrics(self):
        path = self.folder / "metrics.csv"
        run_well("report", "--run", self.run_folder, "--csv", path)
        with open(path, encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        training = [row for row in rows if row["kind"] == "training"]
        self.assertEqual([int(row["step"]) for row in training], list(range(1, STEPS + 1)))
        self.assertLess(float(training[-1]["loss"]), float(training[0]["loss"]))
        self.assertTrue(any(row["kind"] == "validation" for row in rows))
        before = path.read_bytes()
        self.fails(73, "metrics.csv", "report", "--run", self.run_folder, "--csv", path)
        mine, link = self.folder / "mine.csv", self.folder / "link.csv"
        mine.write_text("my own table")
        link.symlink_to(mine)
        for other in (mine, link):
            self.fails(73, other.name, "report", "--run", self.run_folder, "--csv", other)
        self.assertEqual((path.read_bytes(), mine.read_text()), (before, "my own table"))

    def test_pandas_reads_the_table(self):
        try:
            import pandas  # pylint: disable=import-outside-toplevel
        except ImportError:
            self.skipTest("pandas is missing")
        path = self.folder / "pandas.csv"
        run_well("report", "--run", self.run_folder, "--csv", path)
        table = pandas.read_csv(path)
        self.assertEqual(list(table[table.kind == "training"].step), list(range(1, STEPS + 1)))
        self.assertEqual(str(table.loss.dtype), "float64")

    def check_events(self, folder, last):
        """Each step from 1 to `last` is there once, by the records, and by TensorBoard's own reader if it is here."""
        *old, newest = sorted(folder.iterdir())
        self.assertTrue(all(b"training/" not in path.read_bytes() for path in old))
        data, at, steps = newest.read_bytes(), 0, []
        while at < len(data):
            (length,) = struct.unpack_from("<Q", data, at)
            record = data[at + 12 : at + 12 + length]
            if b"training/loss" in record:
                steps.append(record[10])  # one byte of a varint: steps are below 128
            at += 12 + length + 4
        self.assertEqual(at, len(data))
        self.assertEqual(steps, list(range(1, last + 1)))
        if event_accumulator is None:
            print("tensorboard is missing: its own reader was not asked")
            return
        events = event_accumulator.EventAccumulator(str(folder), size_guidance={"scalars": 0})
        events.Reload()
        loss = events.Scalars("training/loss")
        self.assertEqual([event.step for event in loss], list(range(1, last + 1)))
        self.assertLess(loss[-1].value, loss[0].value)
        self.assertGreater(len(events.Scalars("validation/accuracy")), 0)

    def test_events_are_whole_records(self):
        run_well("report", "--run", self.run_folder, "--tensorboard", self.folder / "events")
        self.check_events(self.folder / "events/run", STEPS)

    def live_run(self, name, steps):
        words = ["train", "--corpus", self.corpus, "--run", self.folder / name, "--steps", steps,
                 "--set", "log.tensorboard=true"]  # fmt: skip
        for key, value in {**small_run.CONFIG, "checkpoint.every": 7}.items():
            words += ["--set", f"{key}={value}"]
        return [str(word) for word in words]

    def test_live_events_have_each_step_once_after_kills_and_resumptions(self):
        words, last = self.live_run("live", 100), 0
        metrics = self.folder / "live/metrics.jsonl"
        for _ in range(2):
            child = subprocess.Popen([small_run.LOCKSTEP, *words], stderr=subprocess.DEVNULL)
            until = time.monotonic() + 30
            while time.monotonic() < until and child.poll() is None:
                if metrics.exists() and len(metrics.read_text().splitlines()) > last + 12:
                    break
                time.sleep(0.002)
            child.send_signal(signal.SIGKILL)
            child.wait()
            last = len(metrics.read_text().splitlines())
        run_well(*words)
        self.check_events(self.folder / "live/events", 100)
        starts = [json.loads(line) for line in (self.folder / "live/starts.jsonl").read_text().splitlines()]
        self.assertEqual([start["ranks"] for start in starts], [1] * len(starts))
        self.assertEqual(starts[0]["step"], 0)
        self.assertGreater(starts[-1]["step"], 0)
        self.assertEqual(starts[-1]["corpus"], str(self.corpus))

    @unittest.skipIf(event_accumulator is None, "tensorboard is missing")
    def test_a_tensorboard_that_is_open_goes_on_with_the_new_file(self):
        run_well(*self.live_run("open", 20))
        events = event_accumulator.EventAccumulator(str(self.folder / "open/events"), size_guidance={"scalars": 0})
        events.Reload()
        for checkpoint in sorted((self.folder / "open/checkpoints").iterdir())[2:]:
            checkpoint.unlink()  # the run goes on from a step that was read already
        run_well(*self.live_run("open", 30))
        events.Reload()
        self.assertEqual([event.step for event in events.Scalars("training/loss")], list(range(1, 31)))

    def test_the_corpus_of_the_last_whole_start_is_found_from_anywhere(self):
        """By its absolute path, whatever a start that was killed has left of its own line."""
        torn = self.folder / "torn"
        words = ["train", "--corpus", self.corpus.name, "--run", torn.name, "--steps", 8]
        for key, value in small_run.CONFIG.items():
            words += ["--set", f"{key}={value}"]
        subprocess.run([small_run.LOCKSTEP, *map(str, words)], cwd=self.folder, check=True, capture_output=True, timeout=60)
        starts = torn / "starts.jsonl"
        self.assertEqual(json.loads(starts.read_text())["corpus"], str(self.corpus))
        whole = starts.read_text()
        for rest in (whole[: len(whole) // 2], whole[:-3], '{"kind":"start","corpus":"' + "x" * 100):
            starts.write_text(whole + rest)
            with open(run_well("report", "--run", torn).strip(), encoding="utf-8") as file:
                self.assertIn("Confusion matrix", Page(file.read()).text, rest)
        words[words.index("--steps") + 1] = 9
        run_well(*words[:1], "--corpus", self.corpus, "--run", torn, *words[5:])
        *_, broken, last = starts.read_text().splitlines()
        self.assertRaises(ValueError, json.loads, broken)
        self.assertEqual(json.loads(last)["step"], 8, "the next start begins a line of its own")

    def test_a_change_of_the_rank_count_is_marked(self):
        changed = self.folder / "changed"
        shutil.copytree(self.run_folder, changed)
        with open(changed / "starts.jsonl", "a", encoding="utf-8") as file:
            file.write('{"kind":"start","step":20,"time":"2026-01-01T00:00:00Z","ranks":3,"threads":2}\n')
        path = run_well("report", "--run", changed, "--no-samples").strip()
        with open(path, encoding="utf-8") as file:
            self.assertIn("started again after step 20, 3 ranks", Page(file.read()).text)

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
