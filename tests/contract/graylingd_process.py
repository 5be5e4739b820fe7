"""A real graylingd with libvirt's test driver in a folder of its own, for tests."""

import csv
import io
import os
import pathlib
import signal
import subprocess
import time

BIN = pathlib.Path(os.environ.get("GRAYLING_BIN", "build/release/bin"))


class Graylingd:
    """Started with `flags`; its state stays in `folder` when it is stopped and started again."""

    def __init__(self, folder, *flags):
        self.folder = pathlib.Path(folder)
        self.flags = flags
        self.process = None
        self.start()

    def start(self):
        ready = self.folder / "ready"
        ready.unlink(missing_ok=True)
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen(
                [BIN / "graylingd", "--state", self.folder / "state", "--socket", self.socket(),
                 "--libvirt", "test:///default", "--metrics", "127.0.0.1:0", "--ready-file", ready,
                 "--vmfault-marks", self.folder / "marks", *self.flags], stdout=log, stderr=log)
        deadline = time.monotonic() + 60
        while not (ready.exists() and ready.read_text().endswith("\n")):
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"graylingd is not ready: {self.log()[-2000:]}")
            time.sleep(0.05)
        self.metrics_address, *more = ready.read_text().split()
        self.ingest_address = more[0] if more else None

    def stop(self):
        if self.process is None:
            return
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process = None

    def kill(self):
        """As kill -9 does."""
        self.process.kill()
        self.process.wait()
        self.process = None

    def socket(self):
        return self.folder / "graylingd.sock"

    def log(self):
        return (self.folder / "log").read_text()

    def grayling(self, *arguments, text=None):
        """What the CLI prints on standard output and standard error."""
        done = subprocess.run([BIN / "grayling", "--daemon", f"unix://{self.socket()}", *arguments],
                              input=text, capture_output=True, text=True, timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"grayling {arguments}: {done.stderr}")
        return done.stdout, done.stderr

    def samples(self, selector, begin, end):
        """{series: [(time as printed, value), ...]}"""
        out, _ = self.grayling("metric", "query", selector, "--from", begin, "--to", end,
                               "--output", "csv")
        found = {}
        for row in csv.DictReader(io.StringIO(out)):
            found.setdefault(row["SERIES"], []).append((row["TIME"], float(row["VALUE"] or "nan")))
        return found
