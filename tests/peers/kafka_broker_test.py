#!/usr/bin/env python3
"""gala-gopher's messages through a real Kafka broker (3.7.2, KRaft, one node) into a real graylingd."""

import glob
import json
import os
import subprocess
import tempfile
import time
import unittest

from graylingd_process import Graylingd
from prometheus_server import free_port

JARS = ":".join(glob.glob(f"{os.environ['GRAYLING_PEERS']}/kafka/**/*.jar", recursive=True))
JAVA = ["java", "-Xmx300m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", JARS]


class Broker:
    """Its topics stay in `folder` when it is stopped and started again."""

    def __init__(self, folder):
        self.folder = folder
        self.port, controller = free_port(), free_port()
        self.address = f"127.0.0.1:{self.port}"
        with open(f"{folder}/server.properties", "w") as out:
            out.write(f"""process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://{self.address},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://{self.address}
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={folder}/data
num.partitions=2
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
group.initial.rebalance.delay.ms=0
""")
        self.run("kafka.tools.StorageTool", "format", "-t", "MkU3OEVBNTcwNTJENDM2Qg",
                 "-c", f"{folder}/server.properties")
        self.start()

    def run(self, tool, *arguments, text=""):
        done = subprocess.run([*JAVA, tool, *arguments], input=text, capture_output=True, text=True,
                              timeout=120)
        if done.returncode != 0:
            raise AssertionError(f"{tool}: {done.stdout}{done.stderr}")
        return done.stdout

    def start(self):
        with open(f"{self.folder}/log", "a") as log:
            self.process = subprocess.Popen([*JAVA, "kafka.Kafka", f"{self.folder}/server.properties"],
                                            stdout=log, stderr=log)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=60)

    def produce(self, topic, messages):
        self.run("kafka.tools.ConsoleProducer", "--bootstrap-server", self.address, "--topic", topic,
                 text="".join(json.dumps(message) + "\n" for message in messages))

    def committed(self, group):
        """The group's offsets, added up over the partitions of its topics; and the topics' ends."""
        text = self.run("kafka.admin.ConsumerGroupCommand", "--bootstrap-server", self.address,
                        "--describe", "--group", group)
        rows = [line.split() for line in text.splitlines() if line.startswith(group)]
        known = [row for row in rows if row[3] != "-"]
        return sum(int(row[3]) for row in known), sum(int(row[4]) for row in rows)


def metadata():
    return {"meta_name": "proc", "entity_name": "proc", "keys": ["tgid"], "metrics": ["rss"]}


class KafkaBroker(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="grayling-kafka-")
        os.makedirs(f"{cls.folder.name}/kafka")
        cls.broker = Broker(f"{cls.folder.name}/kafka")
        cls.start = int(time.time() * 1000) - 100_000
        cls.sent = 0
        cls.broker.produce("gala_gopher_metadata", [metadata()])
        cls.daemon = Graylingd(cls.folder.name, "--kafka-brokers", cls.broker.address)

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()
        cls.broker.stop()
        cls.folder.cleanup()

    @classmethod
    def produce(cls, count):
        cls.broker.produce("gala_gopher", [
            {"timestamp": cls.start + number, "entity_name": "proc", "tgid": "7", "rss": str(number)}
            for number in range(cls.sent, cls.sent + count)])
        cls.sent += count

    def values(self):
        found = self.daemon.samples("gala_gopher_proc_rss", *self.span())
        return [value for _, value in found.get('gala_gopher_proc_rss{tgid="7"}', [])]

    def span(self):
        moment = lambda ms: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(ms / 1000))
        return moment(self.start - 1000), moment(self.start + 200_000)

    def expect_all(self):
        deadline = time.monotonic() + 60
        while len(self.values()) < self.sent and time.monotonic() < deadline:
            time.sleep(0.5)
        self.assertEqual([float(number) for number in range(self.sent)], self.values())

    def test_01_every_message_becomes_the_sample_that_gala_gophers_own_page_would_have(self):
        self.produce(1000)
        self.expect_all()

    def test_02_offsets_are_committed_up_to_the_end(self):
        deadline = time.monotonic() + 60
        while True:
            committed, end = self.broker.committed("grayling")
            if committed == end or time.monotonic() > deadline:
                break
        self.assertEqual((self.sent, self.sent), (committed, end))

    def test_03_a_daemon_killed_in_the_middle_loses_no_message(self):
        producer = subprocess.Popen(
            [*JAVA, "kafka.tools.ConsoleProducer", "--bootstrap-server", self.broker.address,
             "--topic", "gala_gopher"], stdin=subprocess.PIPE, text=True, stdout=subprocess.DEVNULL)
        for number in range(self.sent, self.sent + 20_000):
            producer.stdin.write(json.dumps({"timestamp": self.start + number, "entity_name": "proc",
                                             "tgid": "7", "rss": str(number)}) + "\n")
            if number % 200 == 0:
                time.sleep(0.05)
            if number == self.sent + 10_000:
                self.daemon.kill()
                self.daemon.start()
        producer.stdin.close()
        producer.wait(timeout=60)
        type(self).sent += 20_000
        self.expect_all()

    def test_04_a_broker_that_was_away_is_found_again(self):
        self.broker.stop()
        time.sleep(3)
        self.broker.start()
        self.produce(500)
        self.expect_all()


if __name__ == "__main__":
    unittest.main()
