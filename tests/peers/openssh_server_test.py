#!/usr/bin/env python3
"""A page behind a real OpenSSH server, scraped by a real graylingd through the real ssh."""

import http.server
import os
import pathlib
import pwd
import subprocess
import tempfile
import threading
import time
import unittest

from graylingd_process import Graylingd
from prometheus_server import free_port

SERVER = pathlib.Path(os.environ["GRAYLING_PEERS"]) / "openssh"
IS_ROOT = os.getuid() == 0
USER = "nobody" if IS_ROOT else pwd.getpwuid(os.getuid()).pw_name


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = b'shop_orders_total{shop="c"} 3\n'
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class Sshd:
    """Serves one user on loopback: root's tests have it run as nobody, for it needs no right."""

    def __init__(self, folder):
        self.folder = folder
        self.port = free_port()
        for key in ("host_key", "user_key"):
            subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", f"{folder}/{key}"],
                           check=True)
        public = pathlib.Path(f"{folder}/host_key.pub").read_text()
        pathlib.Path(f"{folder}/known_hosts").write_text(f"[127.0.0.1]:{self.port} {public}")
        pathlib.Path(f"{folder}/sshd_config").write_text(f"""ListenAddress 127.0.0.1
Port {self.port}
HostKey {folder}/host_key
AuthorizedKeysFile {folder}/user_key.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM yes
StrictModes no
PidFile none
""")
        pathlib.Path(f"{folder}/ssh_config").write_text(f"""Host shop
  HostName 127.0.0.1
  Port {self.port}
  User {USER}
  IdentityFile {folder}/user_key
  IdentitiesOnly yes
  UserKnownHostsFile {folder}/known_hosts
  StrictHostKeyChecking yes
""")
        # What a person has in ~/.ssh/config.
        os.makedirs(f"{folder}/bin")
        wrapper = pathlib.Path(f"{folder}/bin/ssh")
        wrapper.write_text(f'#!/bin/sh\nexec /usr/bin/ssh -F {folder}/ssh_config "$@"\n')
        wrapper.chmod(0o755)
        if IS_ROOT:
            os.chmod(folder, 0o755)
            os.chown(f"{folder}/host_key", pwd.getpwnam(USER).pw_uid, -1)
        self.start()

    def start(self):
        user = pwd.getpwnam(USER)
        down = ["setpriv", f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
        environment = {**os.environ, "LD_LIBRARY_PATH": f"{SERVER}/usr/lib/x86_64-linux-gnu"}
        with open(f"{self.folder}/sshd.log", "a") as log:
            self.process = subprocess.Popen(
                [*(down if IS_ROOT else []), f"{SERVER}/usr/sbin/sshd", "-D", "-e",
                 "-f", f"{self.folder}/sshd_config"],
                stdout=log, stderr=log, env=environment, start_new_session=True)

    def stop(self):
        """The listener and its sessions, as a reboot ends them."""
        mine = [int(pid) for pid in subprocess.run(
            ["pgrep", "-f", f"^sshd: {USER}"], capture_output=True, text=True).stdout.split()
            if os.getsid(int(pid)) == self.process.pid or parent(int(pid)) == self.process.pid]
        self.process.terminate()
        self.process.wait(timeout=10)
        for pid in mine:
            try:
                os.kill(pid, 15)
            except ProcessLookupError:
                pass


def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def ssh_clients(folder):
    done = subprocess.run(["pgrep", "-f", f"ssh -F {folder}/ssh_config"], capture_output=True, text=True)
    return done.stdout.split()


def until(happened, seconds=30):
    deadline = time.monotonic() + seconds
    while not (found := happened()) and time.monotonic() < deadline:
        time.sleep(0.2)
    return found


class OpensshServer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="grayling-sshd-")
        cls.page = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=cls.page.serve_forever, daemon=True).start()
        cls.sshd = Sshd(cls.folder.name)
        os.environ["PATH"] = f"{cls.folder.name}/bin:{os.environ['PATH']}"
        cls.daemon = Graylingd(cls.folder.name)
        cls.daemon.grayling("metric", "target", "add", "shop", "--url",
                            f"http://127.0.0.1:{cls.page.server_port}/metrics", "--ssh", "shop",
                            "--period", "500ms")

    @classmethod
    def tearDownClass(cls):
        cls.daemon.stop()
        cls.sshd.stop()
        cls.page.shutdown()
        cls.page.server_close()
        cls.folder.cleanup()

    def row(self):
        return self.daemon.grayling("metric", "target", "list", "--output", "csv")[0]

    def is_up(self):
        """By the last two seconds' samples: what was before them is not asked."""
        now = time.time()
        moment = lambda at: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        up = self.daemon.samples("up", moment(now - 2), moment(now + 2))
        return bool(up) and [values[-1][1] for values in up.values()] == [1.0]

    def test_01_the_page_is_scraped_through_the_forward(self):
        self.assertTrue(until(self.is_up), self.row() + self.daemon.log())

    def test_02_a_server_that_went_away_is_named_and_found_again(self):
        self.sshd.stop()
        self.assertTrue(until(lambda: "the ssh to shop ended" in self.row()), self.row())
        self.assertFalse(self.is_up())
        self.sshd.start()
        self.assertTrue(until(self.is_up, 60), self.row() + self.daemon.log())

    def test_03_a_daemon_that_is_killed_leaves_no_ssh_behind(self):
        self.assertTrue(ssh_clients(self.folder.name))
        self.daemon.kill()
        self.assertTrue(until(lambda: not ssh_clients(self.folder.name), 5))
        self.daemon.start()
        time.sleep(2)
        self.assertTrue(until(self.is_up), self.row())

    def test_04_a_server_whose_key_is_another_is_refused(self):
        known = pathlib.Path(f"{self.folder.name}/known_hosts")
        right = known.read_text()
        another = pathlib.Path(f"{self.folder.name}/user_key.pub").read_text().split()[1]
        known.write_text(right.replace(right.split()[2], another))
        self.daemon.stop()
        self.daemon.start()
        self.assertTrue(until(lambda: "ended with status 255" in self.row()), self.row())
        self.assertFalse(self.is_up())
        known.write_text(right)
        self.assertTrue(until(self.is_up, 60), self.row())


if __name__ == "__main__":
    unittest.main()
