#!/usr/bin/env python3
"""Installs the tools as experiments/deploy/INSTALL.md says, and uses completions and man pages.

    shell_test.py          needs bash, zsh, fish, man and a release build in .build/release

The directories have spaces in their names. A shell runs on a terminal of its own, is typed at as by
a person, Tab included, and calls a function in place of the tool, which keeps its arguments.
"""

import os
import pathlib
import pty
import re
import shlex
import signal
import subprocess
import tempfile
import time
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[3]
TAB = "\t"

# What is typed, and the arguments of the call that it leads to.
TYPED = [
    ("scalemodel sna\t", ["snapshot"]),
    ("scalemodel run --check-\t", ["run", "--check-determinism"]),
    ("scalemodel run --runtime v\t", ["run", "--runtime", "virtual"]),
    ("scalemodel run --runtime=v\t", ["run", "--runtime=virtual"]),
    ("scalemodel run --topology ri\t", ["run", "--topology", "ring"]),
    ("scalemodel run --topology my\\ l\t", ["run", "--topology", "my links"]),
    ("scalemodel run --output my\\ r\t", ["run", "--output", "my runs/"]),
    ("scalemodel snapshot my\\ r\t", ["snapshot", "my runs/"]),
    ("scalemodel snapshot 'my r\t", ["snapshot", "my runs/"]),
    ("scalemodel machine --cluster my\\ l\t", ["machine", "--cluster", "my links"]),
    ("scalemodel bank dep\t", ["bank", "deposit"]),
    ("scalemodel run --seed v\t", ["run", "--seed", "v"]),
    ("scalemodel --completions z\t", ["--completions", "zsh"]),
    ("analyze --export p\t", ["--export", "perfetto"]),
    ("analyze my\\ runs/\t", ["my runs/first/"]),
]


class Terminal:
    """A shell on a pseudo-terminal."""

    def __init__(self, words, directory, environment):
        self.child, self.descriptor = pty.fork()
        if self.child == 0:
            os.chdir(directory)
            os.execvpe(words[0], words, environment)
        os.set_blocking(self.descriptor, False)

    def type(self, text):
        os.write(self.descriptor, text.encode())

    def shown(self):
        """What the shell has shown since the last call; reading also lets it go on."""
        shown = b""
        try:
            while piece := os.read(self.descriptor, 4096):
                shown += piece
        except (BlockingIOError, OSError):
            pass
        return shown.decode(errors="replace")

    def end(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.descriptor)


class ShellTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="scalemodel shell ")
        base = pathlib.Path(cls.folder.name)
        cls.prefix, cls.here = base / "the prefix", base / "a place"
        (cls.here / "my runs" / "first").mkdir(parents=True)
        (cls.here / "my links").write_text("0 1\n")
        page = (ROOT / "experiments" / "deploy" / "INSTALL.md").read_text()
        script = re.search(r"```sh\n(PREFIX=.*?)```", page, re.DOTALL).group(1)
        subprocess.run(
            ["bash", "-euc", script], cwd=ROOT, check=True, stdout=subprocess.DEVNULL,
            env={**os.environ, "PREFIX": str(cls.prefix)})
        cls.environment = {
            "PATH": f"{cls.prefix}/bin:{os.environ['PATH']}", "HOME": str(base), "TERM": "xterm",
            "LANG": "C.UTF-8", "XDG_DATA_DIRS": f"{cls.prefix}/share:/usr/share"}

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def check(self, words, preparation):
        """Types every line at a shell, and compares the arguments of the calls."""
        kept = self.here.parent / f"kept-{words[0]}"
        functions = "".join(
            f"{tool}() {{ printf '%s\\n' \"$@\" > {shlex.quote(str(kept))}.new"
            f" && mv {shlex.quote(str(kept))}.new {shlex.quote(str(kept))}; }}\n"
            for tool in ["scalemodel", "analyze"])
        terminal = Terminal(words, self.here, self.environment)
        try:
            start = self.here.parent / "start.sh"
            start.write_text(preparation + functions)
            terminal.type(f". {shlex.quote(str(start))}; scalemodel ready\n")
            self.assertEqual(self.arguments(terminal, kept), ["ready"])
            for typed, expected in TYPED:
                with self.subTest(shell=words[0], typed=typed):
                    # After a directory, zsh leaves the quote open for what is in it.
                    is_open = words[0] == "zsh" and "'" in typed
                    terminal.type(typed + ("'\n" if is_open else "\n"))
                    # The slash after a directory goes away again in zsh.
                    words_typed = [word.rstrip("/") for word in self.arguments(terminal, kept)]
                    self.assertEqual(words_typed, [word.rstrip("/") for word in expected])
        finally:
            terminal.end()

    def arguments(self, terminal, kept):
        shown, end = "", time.monotonic() + 60
        while not kept.exists():
            shown += terminal.shown()
            self.assertLess(time.monotonic(), end, f"the shell shows: {shown!r}")
            time.sleep(0.02)
        words = kept.read_text().splitlines()
        kept.unlink()
        return words

    def test_bash(self):
        files = f"{self.prefix}/share/bash-completion/completions"
        self.check(
            ["bash", "--norc", "--noprofile", "-i"],
            f". {shlex.quote(files)}/scalemodel\n. {shlex.quote(files)}/analyze\n")

    def test_bash_finds_the_files(self):
        self.check(
            ["bash", "--norc", "--noprofile", "-i"],
            ". /usr/share/bash-completion/bash_completion\n")

    def test_zsh(self):
        self.check(
            ["zsh", "-f", "-i"],
            f"fpath+=({shlex.quote(str(self.prefix))}/share/zsh/site-functions)\n"
            "autoload -U compinit && compinit -u -D\n")

    def test_zsh_by_source(self):
        self.check(
            ["zsh", "-f", "-i"],
            "autoload -U compinit && compinit -u -D\n"
            "source <(command scalemodel --completions zsh)\n"
            "source <(command analyze --completions zsh)\n")

    def test_fish(self):
        for typed, expected in TYPED:
            with self.subTest(typed=typed):
                line = typed.rstrip(TAB)
                script = f"complete -C {shlex.quote(line)}"
                offered = subprocess.run(
                    ["fish", "-c", script], cwd=self.here, env=self.environment, check=True,
                    capture_output=True, text=True).stdout.splitlines()
                words = [entry.split(TAB)[0] for entry in offered]
                if line.endswith(" v") and "--seed" in line:
                    self.assertEqual(words, [])
                else:
                    self.assertIn(expected[-1].rstrip("/"), [word.rstrip("/") for word in words])

    def test_manual_pages(self):
        pages = sorted((self.prefix / "share/man/man1").iterdir())
        self.assertEqual(len(pages), 15)
        for page in pages:
            shown = subprocess.run(
                ["man", "--warnings=w", "-E", "UTF-8", "-l", str(page)], capture_output=True,
                text=True, env={**self.environment, "MANWIDTH": "80"})
            self.assertEqual((shown.returncode, shown.stderr), (0, ""), page.name)
            plain = re.sub(".\b", "", shown.stdout)
            tool, *command = page.stem.split("-", 1)
            text = subprocess.run(
                [str(self.prefix / "bin" / tool), *command, "--help"], check=True,
                capture_output=True, text=True).stdout
            options = re.findall(r"^  (--[a-z-]+)", text, re.MULTILINE)
            self.assertGreater(len(options), 1)
            for option in options:
                self.assertRegex(plain, rf"(?m)^ +{option}\b", page.name)
            self.assertLessEqual(max(len(line) for line in plain.splitlines()), 80)

    def test_install_names_every_command(self):
        overview = subprocess.run(
            [str(self.prefix / "bin" / "scalemodel"), "--help"], check=True, capture_output=True,
            text=True).stdout
        for command in re.findall(r"^  scalemodel ([a-z-]+) ", overview, re.MULTILINE):
            self.assertTrue((self.prefix / f"share/man/man1/scalemodel-{command}.1").exists())


if __name__ == "__main__":
    unittest.main()
