"""Start the installed service as its user would, from another folder; ask it once; end it.

Run by the Python of the environment that `policygraph` is installed in, by `.ci/run`.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

COMMAND = Path(sys.executable).with_name("policygraph")
SAMPLE = Path(__file__).parents[2] / "samples/acme/organization.yaml"
CLUSTER = "acme/prod/payments/eu/eu-1"
QUERY = """
query ($cluster: Ref!) {
  cluster(ref: $cluster) { effectivePolicies { totalCount edges { node { name } via { name } } } }
}
"""
POLICIES = 13  # as the sample's own text promises
START_SECONDS = 60.0
STOP_SECONDS = 30.0


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        serve = [COMMAND, "serve", "--dev", "--port", "0", "--data", "data", "--sample", SAMPLE]
        with (folder / "output").open("wb") as output:
            service = subprocess.Popen(serve, cwd=folder, stdout=output, stderr=output)  # noqa: S603
        try:
            answer = ask(await_address(folder / "output", service), token(folder))
            found = answer["data"]["cluster"]["effectivePolicies"]
            if found["totalCount"] != POLICIES:
                sys.exit(f"{POLICIES} policies should apply to {CLUSTER}: {json.dumps(answer)}")
            service.terminate()
            code = service.wait(STOP_SECONDS)
        except BaseException:
            service.kill()
            sys.stderr.write((folder / "output").read_text(errors="replace"))
            raise
        if code != 0:
            sys.exit(f"the service ended with {code} when it was told to end")
    sys.stdout.write(f"{found['totalCount']} policies apply to {CLUSTER}, the first of them:\n")
    for edge in found["edges"][:3]:
        sys.stdout.write(f"  {edge['node']['name']} through {edge['via']['name']}\n")


def await_address(output: Path, service: subprocess.Popen[bytes]) -> str:
    """Wait until the service has said where it listens."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and service.poll() is None:
        if found := re.search(r"http://127\.0\.0\.1:\d+", output.read_text(errors="replace")):
            return found[0]
        time.sleep(0.1)
    sys.exit(f"the service said no address (exit code: {service.poll()})")


def token(folder: Path) -> str:
    command = [COMMAND, "token", "ada@acme.example", "--data", "data"]
    return subprocess.run(  # noqa: S603
        command, cwd=folder, stdout=subprocess.PIPE, check=True, text=True
    ).stdout.strip()


def ask(address: str, bearer: str) -> Any:
    request = Request(  # noqa: S310  # its address is a loopback one
        f"{address}/graphql",
        data=json.dumps({"query": QUERY, "variables": {"cluster": CLUSTER}}).encode(),
        headers={"Authorization": f"Bearer {bearer}", "Content-Type": "application/json"},
    )
    with urlopen(request, timeout=10) as response:  # noqa: S310
        return json.load(response)


if __name__ == "__main__":
    main()
