"""What somebody at a terminal sees: a live line that fits the width, also after a resize and behind launch/local; lines
of the log that never stand behind it; colours only where they are wanted; plain lines in a file."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "support"))
from program import ENVIRONMENT, Program

LOCAL = os.path.join(os.path.dirname(__file__), "..", "..", "launch", "local")
SETTINGS = [word for setting in ("train.epochs=1000000", "model.hidden_size=16", "validation.every=50",
                                 "checkpoint.every=1000000") for word in ("--set", setting)]  # fmt: skip
ERASE = "\r\033[K"
SECONDS = 60


class Terminal:
    """A command on a terminal of so many columns; its output is `text`."""

    def __init__(self, command, columns, **more):
        self.end, other = pty.openpty()
        self.resize(columns)
        environment = dict(ENVIRONMENT, **{"TERM": "xterm", **more})
        self.child = subprocess.Popen(command, stdin=other, stdout=other, stderr=other, env=environment,
                                      start_new_session=True)  # fmt: skip
        os.close(other)
        self.text = ""

    def resize(self, columns):
        fcntl.ioctl(self.end, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))

    def read_until(self, pattern):
        """Reads on until the pattern is in what is new; that."""
        begin, until = len(self.text), time.monotonic() + SECONDS
        while not re.search(pattern, self.text[begin:]):
            if time.monotonic() > until or not self.read():
                raise AssertionError(f"no {pattern!r} within {SECONDS} s in {self.text[begin:]!r}")
        return self.text[begin:]

    def read(self):
        if not select.select([self.end], [], [], SECONDS)[0]:
            return False
        try:
            got = os.read(self.end, 65536)
        except OSError:  # the command has ended
            return False
        self.text += got.decode(errors="replace")
        return bool(got)

    def end_now(self):
        """For a test that has failed half way."""
        if self.child.poll() is None:
            self.child.terminate()
            self.child.wait()

    def finish(self, number):
        """Sends a signal and reads to the end; the exit code."""
        self.child.send_signal(number)
        while self.read():
            pass
        os.close(self.end)
        return self.child.wait()


def live_lines(text):
    """What is drawn between two erasures and is no line of the log; a piece cut short left out."""
    return [piece for piece in text.split(ERASE)[1:-1] if piece and "\n" not in piece]


class TerminalTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(cls.folder.cleanup)
        cls.corpus = f"{cls.folder.name}/corpus"
        PROGRAM.run("prepare", "dna", "--synthetic", 20000, "--window", 50, "--out", cls.corpus)

    def terminal(self, command, columns, **more):
        terminal = Terminal(command, columns, **more)
        self.addCleanup(terminal.end_now)
        return terminal

    def command(self, name):
        return [PROGRAM.path, "train", "--corpus", self.corpus, "--run", f"{self.folder.name}/{name}", *SETTINGS]

    def check_live_line(self, terminal, columns):
        text = terminal.read_until(r"(?s)(K[^\n\r]*step \d+[^\n\r]*\r.*){3}")
        lines = live_lines(text)
        self.assertGreaterEqual(len(lines), 1)
        for line in lines:
            self.assertLess(len(line), columns, line)

    def check_resized(self, terminal):
        self.check_live_line(terminal, 80)
        terminal.resize(140)
        terminal.read_until("GFLOP/s")
        terminal.resize(45)
        terminal.read_until(r"step \d+  loss [^G]*\r")
        self.check_live_line(terminal, 45)

    def test_the_live_line_fits_the_width_and_lines_of_the_log_stand_alone(self):
        terminal = self.terminal(self.command("one"), 80)
        self.check_resized(terminal)
        terminal.read_until("validation at")
        self.assertEqual(terminal.finish(signal.SIGTERM), 75)
        for line in re.findall(r"[^\n]*validation at step[^\n]*", terminal.text):
            self.assertTrue(line.startswith((ERASE, "validation")), line)
            self.assertRegex(line.split(ERASE)[-1], r"^validation at step")

    def test_behind_the_local_launcher_there_is_a_live_line_too_and_no_banner_at_the_end(self):
        terminal = self.terminal([LOCAL, "-n", "2", *self.command("two")], 80)
        self.check_resized(terminal)
        self.assertEqual(terminal.finish(signal.SIGTERM), 75)
        self.assertIn("stopped at step", terminal.text)
        self.assertNotIn("mpirun", terminal.text)

    def test_only_warnings_and_errors_have_a_colour(self):
        red = "\033[31m"
        bad = [PROGRAM.path, "train", "--confg", "x"]
        terminal = self.terminal(bad, 80)
        terminal.read_until("did you mean --config")
        self.assertIn(f"{red}lockstep: error", terminal.text)
        for more in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            terminal = self.terminal(bad, 80, **more)
            terminal.read_until("did you mean --config")
            self.assertNotIn("\033", terminal.text)

    def test_a_file_gets_plain_lines_and_the_first_soon(self):
        child = subprocess.Popen(self.command("file"), stderr=subprocess.PIPE, env=ENVIRONMENT, text=True)
        started = time.monotonic()
        for line in child.stderr:
            self.assertNotRegex(line, "[\033\r]")
            if re.match(r"step \d+", line):
                break
        self.assertLess(time.monotonic() - started, SECONDS / 3, "lines come every 30 s, the first after 2")
        child.send_signal(signal.SIGTERM)
        child.stderr.read()
        self.assertEqual(child.wait(), 75)
        child.stderr.close()


if __name__ == "__main__":
    PROGRAM = Program(os.path.abspath(sys.argv.pop(1)))
    unittest.main(verbosity=2)
