"""A real Prometheus on a free port in a folder of its own, for tests; and the queries of dashboards."""

import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

DEPLOY = pathlib.Path(__file__).resolve().parents[2] / "deploy"
DASHBOARDS = DEPLOY / "grafana" / "dashboards"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class PrometheusServer:
    """Scrapes `page` (host:port) as deploy/prometheus/prometheus.yml says, with its rules, and
    forwards to the URL `remote_write` when that is given."""

    def __init__(self, page, remote_write=None):
        self.folder = tempfile.mkdtemp(prefix="grayling-prometheus-")
        self.port = free_port()
        config = (DEPLOY / "prometheus" / "prometheus.yml").read_text()
        assert "127.0.0.1:9436" in config, "prometheus.yml does not scrape the default address"
        config = config.replace("127.0.0.1:9436", page).replace("evaluation_interval: 5s",
                                                                "evaluation_interval: 1s")
        if remote_write:
            config += (f"remote_write:\n- url: {remote_write}\n"
                       "  queue_config: {batch_send_deadline: 200ms}\n")
        pathlib.Path(self.folder, "prometheus.yml").write_text(config)
        shutil.copy(DEPLOY / "prometheus" / "rules.yml", self.folder)
        self.log = pathlib.Path(self.folder, "log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                ["prometheus", f"--config.file={self.folder}/prometheus.yml",
                 f"--storage.tsdb.path={self.folder}/data",
                 f"--web.listen-address=127.0.0.1:{self.port}"], stdout=log, stderr=log)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wait_until_ready(self, seconds=60):
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=2):
                    return
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"Prometheus is not ready: {self.log.read_text()[-2000:]}")

    def get(self, path, **parameters):
        """`data` of an answer of the HTTP API; its own words as the error."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=30) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{parameters}: {error.read().decode()}") from error

    def samples(self, query, seconds):
        """How many numbers the query gives over the last `seconds`, NaN left out."""
        end = time.time()
        found = self.get("query_range", query=query, start=end - seconds, end=end, step=1)
        return sum(value != "NaN" for series in found["result"] for _, value in series["values"])


def dashboards():
    return {path.name: json.loads(path.read_text()) for path in sorted(DASHBOARDS.glob("*.json"))}


def queries(dashboard, seconds):
    """(where, PromQL) of each panel and annotation, its variables filled in as Grafana does it."""
    def filled(query):
        for variable in dashboard["templating"]["list"]:
            query = query.replace(f"${variable['name']}", variable.get("allValue", ".*"))
        return query.replace("$__range", f"{seconds}s").replace("$__rate_interval", "4s")
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield f"{panel['title']}/{target['refId']}", filled(target["expr"])
    for annotation in dashboard["annotations"]["list"]:
        yield f"annotation {annotation['name']}", filled(annotation["expr"])


def silent_queries(server, seconds):
    """Those queries of all dashboards that gave no sample, and how many were asked."""
    silent, asked = [], 0
    for name, dashboard in dashboards().items():
        for where, query in queries(dashboard, seconds):
            asked += 1
            if server.samples(query, seconds) == 0:
                silent.append(f"{name}: {where}: {query}")
    return silent, asked


def missing_programs(*programs):
    return [program for program in programs if shutil.which(program) is None]
