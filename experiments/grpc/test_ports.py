"""A machine whose gRPC port is taken: the run says so at once, in both runtimes."""
import json
import socket
import subprocess
import tempfile
import unittest

from cluster import BUILD, free_ports


class TestPorts(unittest.TestCase):
    def test_port_in_use(self):
        for runtime in ("threads", "processes"):
            for machine in range(3):
                with self.subTest(runtime=runtime, machine=machine), \
                        tempfile.TemporaryDirectory() as directory, socket.socket() as taken:
                    first = free_ports(3)
                    taken.bind(("127.0.0.1", first + machine))
                    taken.listen()
                    # Machines give up on each other after 30 s: the failure must come before.
                    outcome = subprocess.run(
                        [BUILD / "scalemodel", "run", "--workload", "bank", "--rates", "5,5,5",
                         "--runtime", runtime, "--grpc", str(first), "--quiet",
                         "--output", f"{directory}/run"],
                        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=25)
                    port = first + machine
                    self.assertIn(
                        f"machine {machine}: port {port} is in use: another program listens on "
                        f"127.0.0.1:{port}", outcome.stderr)
                    self.assertEqual(outcome.stderr.count("\n"), 1, outcome.stderr)
                    self.assertEqual(outcome.returncode, 69)
                    with open(f"{directory}/run/run.json") as file:
                        self.assertEqual(json.load(file)["status"], "failed")


if __name__ == "__main__":
    unittest.main()
