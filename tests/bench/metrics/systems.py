"""The three systems of the end-to-end comparison, each as one process that scrapes the same pages."""

import json
import os
import pathlib
import signal
import socket
import subprocess
import time
import urllib.parse
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def fetch(url, data=None, timeout=300):
    with urllib.request.urlopen(url, data=data, timeout=timeout) as answer:
        return answer.read()


def wait_for(condition, seconds, what):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if value := condition():
                return value
        except OSError:
            pass
        time.sleep(0.1)
    raise SystemExit(f"end_to_end: {what} did not happen within {seconds} s")


def bytes_under(folder):
    return sum(path.stat().st_size for path in pathlib.Path(folder).rglob("*") if path.is_file())


def scrape_config(port, targets):
    """For Prometheus and VictoriaMetrics: one job per page, because the path is the job's."""
    jobs = [{"job_name": f"t{number}", "metrics_path": f"/target/{number}",
             "static_configs": [{"targets": [f"127.0.0.1:{port}"]}]} for number in range(targets)]
    return json.dumps({"global": {"scrape_interval": "1s", "scrape_timeout": "1s"},
                       "scrape_configs": jobs})


class System:
    """A running system under measure."""

    def __init__(self, folder, argv):
        self.folder = pathlib.Path(folder)
        with open(self.folder / "log", "w") as log:
            self.process = subprocess.Popen(argv, stdout=log, stderr=log)

    def cpu_seconds(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / TICKS

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        return int(status.split("VmHWM:")[1].split()[0]) / 1024

    def metric(self, name):
        """The sum of a metric over its labels, on the system's own page."""
        page = fetch(f"http://127.0.0.1:{self.port}/metrics").decode()
        return sum(float(line.rsplit(" ", 1)[1]) for line in page.splitlines()
                   if line.startswith((name + " ", name + "{")))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=120)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Graylingd(System):
    name = "graylingd"

    def __init__(self, folder, page_port, targets):
        self.bin = os.environ.get("GRAYLING_BIN", "build/release/bin")
        self.socket = f"{folder}/graylingd.sock"
        super().__init__(folder, [
            f"{self.bin}/graylingd", "--state", f"{folder}/data", "--socket", self.socket,
            "--libvirt", "test:///default", "--metrics", "127.0.0.1:0", "--ready-file",
            f"{folder}/ready", "--vmfault-marks", f"{folder}/marks"])
        ready = self.folder / "ready"
        wait_for(lambda: ready.exists() and ready.read_text().endswith("\n"), 60, "graylingd")
        self.port = int(ready.read_text().strip().rsplit(":", 1)[1])
        for number in range(targets):
            self.grayling("metric", "target", "add", f"t{number}", "--url",
                          f"http://127.0.0.1:{page_port}/target/{number}", "--label",
                          f"job=t{number}")

    def grayling(self, *arguments, output="csv"):
        return subprocess.run([f"{self.bin}/grayling", "--daemon", f"unix://{self.socket}",
                               "--output", output, *arguments], check=True, capture_output=True,
                              text=True, timeout=600).stdout

    def samples(self):
        return self.metric("grayling_samples_appended_total")

    def read(self, metric, seconds):
        begin = time.monotonic()
        lines = self.grayling("metric", "query", metric, "--from", f"{seconds}s")
        return lines.count("\n") - 1, time.monotonic() - begin

    def make_durable(self):
        time.sleep(2)  # its promise is 1 s

    def bytes_on_disk(self):
        return bytes_under(self.folder / "data")


class Prometheus(System):
    name = "Prometheus 2.42"

    def __init__(self, folder, page_port, targets):
        self.port = free_port()
        config = pathlib.Path(folder, "scrape.yml")
        config.write_text(scrape_config(page_port, targets))
        super().__init__(folder, ["prometheus", f"--config.file={config}",
                                  f"--storage.tsdb.path={folder}/data", "--web.enable-admin-api",
                                  f"--web.listen-address=127.0.0.1:{self.port}"])
        wait_for(lambda: fetch(f"http://127.0.0.1:{self.port}/-/ready"), 60, "Prometheus")

    def samples(self):
        return self.metric("prometheus_tsdb_head_samples_appended_total")

    def read(self, metric, seconds):
        query = urllib.parse.urlencode({"query": f"{metric}[{seconds}s]"})
        begin = time.monotonic()
        text = fetch(f"http://127.0.0.1:{self.port}/api/v1/query?{query}")
        took = time.monotonic() - begin
        return sum(len(one["values"]) for one in json.loads(text)["data"]["result"]), took

    def make_durable(self):
        # A block of what is still in memory: what compaction would make of it.
        fetch(f"http://127.0.0.1:{self.port}/api/v1/admin/tsdb/snapshot", data=b"")

    def bytes_on_disk(self):
        """Of the block; the write-ahead log comes on top of it for two to three hours."""
        return bytes_under(self.folder / "data" / "snapshots")

    def log_bytes(self):
        return bytes_under(self.folder / "data" / "wal")


class VictoriaMetrics(System):
    name = "VictoriaMetrics 1.79"

    def __init__(self, folder, page_port, targets):
        self.port = free_port()
        config = pathlib.Path(folder, "scrape.yml")
        config.write_text(scrape_config(page_port, targets))
        super().__init__(folder, ["victoria-metrics", f"-promscrape.config={config}",
                                  f"-storageDataPath={folder}/data",
                                  f"-httpListenAddr=127.0.0.1:{self.port}",
                                  "-search.latencyOffset=1s"])
        wait_for(lambda: fetch(f"http://127.0.0.1:{self.port}/health"), 60, "VictoriaMetrics")

    def samples(self):
        return self.metric("vm_rows_inserted_total")

    def read(self, metric, seconds):
        begin = time.monotonic()
        query = urllib.parse.urlencode({"match[]": metric, "start": time.time() - seconds})
        text = fetch(f"http://127.0.0.1:{self.port}/api/v1/export?{query}")
        took = time.monotonic() - begin
        return sum(len(json.loads(line)["values"]) for line in text.splitlines()), took

    def make_durable(self):
        fetch(f"http://127.0.0.1:{self.port}/internal/force_flush")
        fetch(f"http://127.0.0.1:{self.port}/internal/force_merge")
        time.sleep(5)

    def bytes_on_disk(self):
        return bytes_under(self.folder / "data")


SYSTEMS = (Graylingd, Prometheus, VictoriaMetrics)
