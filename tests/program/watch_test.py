#!/usr/bin/env python3
"""lockstep watch: the curves of a run as text, once or again and again on a terminal."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time

import small_run
from small_run import STEPS, run, run_well

LINES = '{"kind":"step","step":%d,"epoch":0,"loss":%g,"time":"2026-01-01T00:00:00Z"}\n'


def screen_of(text):
    """What was drawn last, without escapes."""
    return re.sub(r"\033\[[0-9;]*[A-Za-z]", "", text.split("\033[H")[-1])


class WatchTest(small_run.RunTest):
    def made_run(self, name, text):
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        (folder / "metrics.jsonl").write_text(text)
        return folder

    def on_terminal(self, words, columns, seconds, **more):
        """What the command writes on a terminal of this width in so many seconds, or until it ends; its exit code."""
        end, other = pty.openpty()
        fcntl.ioctl(end, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8", **more}
        child = subprocess.Popen([small_run.LOCKSTEP, "watch", *map(str, words)], stdin=other, stdout=other,
                                 stderr=other, env=environment)  # fmt: skip
        os.close(other)
        text, until = b"", time.monotonic() + seconds
        while time.monotonic() < until and select.select([end], [], [], until - time.monotonic())[0]:
            try:
                text += os.read(end, 65536)
            except OSError:
                break
        if child.poll() is None and time.monotonic() >= until:
            child.terminate()
        os.close(end)
        return text.decode(errors="replace"), child.wait()

    def test_without_a_terminal_the_curves_are_printed_once_in_80_columns(self):
        text = run_well("watch", "--run", self.run_folder)
        self.assertNotIn("\033", text)
        self.assertLessEqual(max(map(len, text.splitlines())), 80)
        self.assertIn(f"step {STEPS}/{STEPS} (100%)", text)
        self.assertRegex(text, r"\nloss  training \S+  validation \(o\) ")
        self.assertIn("gradient_norm ", text)
        self.assertEqual(text, run_well("watch", self.run_folder, "--once"))

    def test_a_run_that_is_done_is_complete_whatever_was_logged(self):
        for mark, said in (('{"step":7,"epoch":2,"skipped":0}', "step 7/7 (100%), epoch 2, done"),
                           ('{"step":"x"}', "step 5/7 (71%), epoch 0, done"), ("{", "step 5/7 (71%)")):  # fmt: skip
            folder = self.made_run("ended", LINES % (5, 1.0))
            (folder / "config.toml").write_text("[train]\nsteps = 7\n")
            (folder / "done.json").write_text(mark)
            self.assertIn(said, run_well("watch", folder, "--once"))

    def test_figures_are_chosen_by_name(self):
        text = run_well("watch", "--run", self.run_folder, "--figures", "learning_rate")
        self.assertRegex(text, r"\nlearning_rate  training ")
        self.assertNotIn("\nloss  training", text)
        self.fails(64, "it has: ", "watch", "--run", self.run_folder, "--figures", "lossy")
        self.fails(66, "no metrics.jsonl", "watch", "--run", self.corpus)

    def test_a_run_that_is_done_is_drawn_on_the_terminal_and_ends_the_watch(self):
        for columns in (40, 100):
            text, code = self.on_terminal([self.run_folder], columns, 20)
            self.assertEqual(code, 0)
            lines = screen_of(text).splitlines()
            self.assertLess(max(map(len, lines)), columns)
            self.assertLess(len(lines), 30)
            self.assertRegex("".join(lines), "[\u2801-\u28ff]")
        self.assertIn("\033[36m", text)
        plain, _ = self.on_terminal([self.run_folder], 80, 20, NO_COLOR="1", LC_ALL="C")
        self.assertNotIn("m", "".join(re.findall(r"\033\[[0-9;]*([A-Za-z])", plain)))
        self.assertNotRegex(plain, "[\u2801-\u28ff]")
        dumb, _ = self.on_terminal([self.run_folder], 80, 20, TERM="dumb")
        self.assertNotIn("\033", dumb)

    def test_a_run_that_goes_on_is_drawn_anew(self):
        folder = self.made_run("going", LINES % (1, 5) + '{"kind":"step","st')
        child_text, _ = self.on_terminal([folder, "--every", "0.1"], 80, 1.5)
        self.assertIn("step 1, epoch 0", screen_of(child_text))
        with open(folder / "metrics.jsonl", "a", encoding="utf-8") as file:
            file.write('ep":2,"loss":4}\n')
        self.assertIn("going: step 2", run_well("watch", folder))
        self.assertGreaterEqual(child_text.count("\033[H"), 3)

    def test_hostile_lines_move_no_cursor(self):
        bad = '{"kind":"step","step":3,"loss":1,"\\u001b[2Jx":1,"time":"\\u001b[31m"}\n'
        folder = self.made_run("hostile", LINES % (1, 5) + "\033[2J\n[[[[\n" + bad + "x" * (2 << 20) + "\n")
        text = run_well("watch", folder)
        self.assertNotIn("\033", text)
        self.assertIn("hostile: step 3", text)
        self.assertEqual(run("watch", self.made_run("empty", ""))[0], 0)


if __name__ == "__main__":
    small_run.main()
