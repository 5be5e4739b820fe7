#!/usr/bin/env python3
"""Samples that others push to a real graylingd: what a real Prometheus forwards, also over a kill -9,
and what the CLI ingests; and what --retention leaves of it. Ends with 77 (skipped) without Prometheus.
"""
import datetime
import http.server
import itertools
import sys
import tempfile
import threading
import time
import unittest

from graylingd_process import Graylingd
from prometheus_server import PrometheusServer, free_port, missing_programs

if missing := missing_programs("prometheus"):
    print(f"skipped: no {missing[0]}; apt-get install prometheus")
    sys.exit(77)

UTC = datetime.timezone.utc


class Page:
    """A page of metrics that count its scrapes."""

    def __init__(self):
        scrapes = itertools.count(1)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                number = next(scrapes)
                body = (f'shop_orders_total{{shop="a\\"b"}} {number}\n'
                        f'shop_orders_total{{shop="c"}} {number / 10}\n'
                        "shop_nothing NaN\nshop_most +Inf\n").encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/plain; version=0.0.4")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


def instant(seconds):
    return datetime.datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def settled():
    """An instant whose scrapes have ended."""
    return round(time.time() - 1.5, 3)


def printed(time_ms):
    """As the CLI prints an instant."""
    moment = datetime.datetime.fromtimestamp(time_ms // 1000, UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{time_ms % 1000:03}Z"


def series_text(labels):
    def quoted(value):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    pairs = sorted((name, value) for name, value in labels.items() if name != "__name__")
    return labels["__name__"] + "{" + ",".join(f"{n}={quoted(v)}" for n, v in pairs) + "}"


def comparable(samples):
    """NaN differs from itself; its text does not."""
    return {series: [(moment, repr(value)) for moment, value in values]
            for series, values in samples.items()}


class ForwardedByPrometheus(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="grayling-pushed-")
        self.addCleanup(folder.cleanup)
        self.daemon = Graylingd(folder.name, "--ingest-address", f"127.0.0.1:{free_port()}")
        self.addCleanup(self.daemon.stop)
        self.page = Page()
        self.addCleanup(self.page.close)
        self.prometheus = PrometheusServer(
            self.page.address, remote_write=f"http://{self.daemon.ingest_address}/api/v1/write")
        self.addCleanup(self.prometheus.close)
        self.prometheus.wait_until_ready()

    def scraped(self, metric, until):
        """What Prometheus itself has of the minute before `until`."""
        found = self.prometheus.get("query", query=f"{metric}[1m]", time=until)
        return {series_text(series["metric"]):
                [(printed(round(float(moment) * 1000)), float(value))
                 for moment, value in series["values"]] for series in found["result"]}

    def wait_for_scrapes(self, count):
        """Prometheus spreads its first scrapes over their period."""
        deadline = time.monotonic() + 60
        while min(map(len, self.scraped("shop_most", time.time()).values()), default=0) < count:
            self.assertLess(time.monotonic(), deadline, f"Prometheus has not scraped {count} times")
            time.sleep(0.2)

    def assertForwarded(self, metric, until):
        expected = self.scraped(metric, until)
        self.assertTrue(expected, metric)
        deadline = time.monotonic() + 40
        while time.monotonic() < deadline:
            recorded = self.daemon.samples(metric, instant(until - 60), instant(until + 0.001))
            if comparable(recorded) == comparable(expected):
                return expected
            time.sleep(0.5)
        self.assertEqual(comparable(expected), comparable(recorded))

    def test_what_it_scraped_is_read_back_equal(self):
        self.wait_for_scrapes(5)
        time.sleep(1)
        until = settled()
        orders = self.assertForwarded("shop_orders_total", until)
        self.assertGreaterEqual(min(map(len, orders.values())), 4)
        self.assertEqual({'"a\\"b"', '"c"'}, {text.split("shop=")[1][:-1] for text in orders})
        for metric in ("shop_most", "shop_nothing", "up", "scrape_samples_scraped"):
            self.assertForwarded(metric, until)

    def test_a_killed_daemon_misses_nothing(self):
        self.wait_for_scrapes(3)
        self.daemon.kill()
        self.wait_for_scrapes(5)
        self.daemon.start()
        self.wait_for_scrapes(8)
        self.assertForwarded("shop_orders_total", settled())


class Retention(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="grayling-retention-")
        self.addCleanup(folder.cleanup)
        self.daemon = Graylingd(folder.name)
        self.addCleanup(self.daemon.stop)
        self.now = time.time()

    def ingest(self, value, hours_ago):
        stamp = int((self.now - hours_ago * 3600) * 1000)
        _, said = self.daemon.grayling("metric", "ingest", "-",
                                       text=f'sensor{{place="x"}} {value} {stamp}\n')
        self.assertEqual("1 samples are recorded\n", said)

    def values(self):
        found = self.daemon.samples("sensor", instant(self.now - 20 * 3600), "now")
        return [value for values in found.values() for _, value in values]

    def restart(self, *flags):
        self.daemon.stop()
        self.daemon.flags = flags
        self.daemon.start()

    def test_old_samples_go_and_pinned_ones_stay(self):
        for value, hours_ago in ((1, 9), (2, 6), (3, 3), (4, 0.5)):
            self.ingest(value, hours_ago)
        self.daemon.grayling("metric", "pin", "add", "good", "--from", instant(self.now - 7 * 3600),
                             "--to", instant(self.now - 5 * 3600))
        self.restart()
        self.assertEqual([1, 2, 3, 4], self.values())
        self.restart("--retention", "1h")
        deadline = time.monotonic() + 20
        while len(self.values()) > 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual([2, 4], self.values())
        self.daemon.grayling("metric", "pin", "remove", "good")
        self.restart("--retention", "1h")
        while len(self.values()) > 1 and time.monotonic() < deadline:
            time.sleep(0.1)
        self.assertEqual([4], self.values())


if __name__ == "__main__":
    unittest.main()
