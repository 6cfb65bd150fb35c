"""Jobs of the workflow as jobs of Kubernetes: one pod each, on a volume that all of them share.

Snakemake's own executor for Kubernetes allows no shared folder, copies declared inputs and outputs
through object storage and loses the rest with the pod. Our jobs leave more than that: records,
receipts, plans, checkpoints, leases. So `profiles/kubernetes` takes the generic executor, and this
is what it calls, in a pod that has the volume too:

    python -m layeratlas.workflow.pods submit OPTIONS SCRIPT    → the job's name
    python -m layeratlas.workflow.pods status NAME              → running, success or failed
    python -m layeratlas.workflow.pods cancel NAME …

It talks to the cluster as pods do, by the token of their service account; elsewhere, where the
volume is mounted at the same place, through `kubectl proxy` at the address in
`LAYERATLAS_KUBERNETES`.

A job is tried once: it is Snakemake that tries again. Its pod is told when it ends
(`LAYERATLAS_DEADLINE`), and a signal to it reaches the script, which writes a checkpoint.
"""

from __future__ import annotations

import argparse
import os
import re
import secrets
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from layeratlas.errors import ConfigError, LayerAtlasError, StoreError
from layeratlas.words import named, quoted
from layeratlas.workflow.stopping import VARIABLE as DEADLINE

VARIABLE = "LAYERATLAS_KUBERNETES"
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
CARD = "nvidia.com/gpu"
#: Seconds that a pod may take to fetch its image before its own time starts, that it has after a
#: signal, and that a job which is over stays to be looked at.
FETCHING, GRACE, KEPT = 600, 120, 86_400
_SECONDS = 30.0
_CLAIM = re.compile(r"([a-z0-9]([a-z0-9.-]*[a-z0-9])?):(/[^:]*)")

# Kubernetes signals the first process of a container alone, and that one heeds no signal unless it
# says so. The script and all that it starts are a group, and the group is told.
_ENTRY = f"""\
set -m
export {DEADLINE}=$(($(date +%s) + $1))
/bin/sh "$0" &
job=$!
trap 'kill -TERM -- "-$job"' TERM
wait "$job"
status=$?
while kill -0 -- "-$job" 2>/dev/null; do
    wait "$job"
    status=$?
    sleep 0.2
done
exit "$status"
"""


@dataclass(frozen=True)
class Pod:
    """What a job asks for; ConfigError for what Kubernetes would not take.

    `claim` is `NAME:PATH`, a PersistentVolumeClaim (ReadWriteMany) and where pods see it; `memory`
    in MB, `minutes` of work.
    """

    image: str
    claim: str
    rule: str = "job"
    cpus: int = 1
    memory: int = 1000
    minutes: int = 60
    gpus: int = 0

    def __post_init__(self) -> None:
        if not self.image.strip() or not self.image.isprintable():
            raise ConfigError(
                f"--image {quoted(self.image, 60)}: name the image of the environment"
            )
        if not _CLAIM.fullmatch(self.claim):
            raise ConfigError(
                f"--claim {quoted(self.claim, 60)}: the volume's claim and where pods see it, "
                "as layeratlas:/volume"
            )
        for name in ("cpus", "memory", "minutes"):
            if getattr(self, name) < 1:
                raise ConfigError(f"--{name} {getattr(self, name)}: at least 1")
        if self.gpus < 0:
            raise ConfigError(f"--gpus {self.gpus}: 0 or more")

    def manifest(self, script: Path, here: Path) -> dict[str, Any]:
        """The job for the cluster's API: it runs `script` in the folder `here`.

        ConfigError where the volume holds them not, for no pod would find them.
        """
        volume, _, at = self.claim.partition(":")
        for path in (script, here):
            if not path.is_relative_to(at):
                raise ConfigError(
                    f"{named(path)} is not on the volume of --claim {self.claim}: start Snakemake "
                    "in a pod that has the volume there, in a folder on it"
                )
        name = f"layeratlas-{re.sub('[^a-z0-9]+', '-', self.rule.lower())[:30].strip('-')}"
        labels = {"app": "layeratlas", "layeratlas/rule": self.rule[:63]}
        limits = {"memory": f"{self.memory}M"}
        if self.gpus:
            limits[CARD] = str(self.gpus)
        container = {
            "name": "job",
            "image": self.image,
            "command": ["bash", "-c", _ENTRY, str(script), str(60 * self.minutes)],
            "workingDir": str(here),
            # Snakemake ends where it has no place for its caches, and this user has no home.
            "env": [{"name": "HOME", "value": "/tmp"}],
            "resources": {
                "requests": {"cpu": str(self.cpus), "memory": f"{self.memory}M"},
                "limits": limits,
            },
            "volumeMounts": [{"name": "work", "mountPath": at}],
        }
        pod = {
            "restartPolicy": "Never",
            "activeDeadlineSeconds": 60 * self.minutes + FETCHING,
            "terminationGracePeriodSeconds": GRACE,
            # Whoever reads and removes its files next is the user who started all of it.
            "securityContext": {"runAsUser": os.getuid(), "runAsGroup": os.getgid()},
            "containers": [container],
            "volumes": [{"name": "work", "persistentVolumeClaim": {"claimName": volume}}],
        }
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": f"{name}-{secrets.token_hex(5)}", "labels": labels},
            "spec": {
                "backoffLimit": 0,
                "ttlSecondsAfterFinished": KEPT,
                "template": {"metadata": {"labels": labels}, "spec": pod},
            },
        }


@dataclass(frozen=True)
class Cluster:
    """Where jobs are asked for: an address, the token to show, what proves the address."""

    address: str
    namespace: str = "default"
    token: str | None = None
    authority: str | bool = True

    @classmethod
    def found(cls, environment: Mapping[str, str] = os.environ, account: Path = ACCOUNT) -> Cluster:
        """As this pod is told. ConfigError outside of one, without the address of a proxy."""
        if address := environment.get(VARIABLE):
            return cls(address.rstrip("/"), environment.get(f"{VARIABLE}_NAMESPACE", "default"))
        host = environment.get("KUBERNETES_SERVICE_HOST")
        try:
            token, namespace = (
                (account / name).read_text(encoding="utf-8").strip()
                for name in ("token", "namespace")
            )
        except OSError:
            host = None
        if not host:
            raise ConfigError(
                "This is no pod with a service account: start Snakemake in one, as "
                "profiles/kubernetes/desk.yaml makes it, or name a `kubectl proxy` in "
                f"{VARIABLE}=http://127.0.0.1:8001."
            )
        host = f"[{host}]" if ":" in host else host
        port = environment.get("KUBERNETES_SERVICE_PORT", "443")
        return cls(f"https://{host}:{port}", namespace, token, str(account / "ca.crt"))

    def submit(self, manifest: Mapping[str, Any]) -> str:
        """The name of the new job. StoreError where the cluster does not take it."""
        status, told = self._ask("POST", "", manifest)
        if status not in (200, 201, 202):
            raise StoreError(f"Kubernetes does not take the job: {self._words(status, told)}")
        return told["metadata"]["name"]

    def status(self, name: str) -> str:
        """`running`, `success`, or `failed`, as one that is not there any more has.

        StoreError where the cluster does not tell.
        """
        status, told = self._ask("GET", f"/{name}")
        if status == 404:
            return "failed"
        if status != 200:
            raise StoreError(f"Kubernetes does not tell of {name}: {self._words(status, told)}")
        conditions = told.get("status", {}).get("conditions") or []
        true = {one["type"] for one in conditions if one.get("status") == "True"}
        return "success" if "Complete" in true else "failed" if "Failed" in true else "running"

    def cancel(self, name: str) -> None:
        """End a job and its pod; one that is gone is no error. StoreError for other answers."""
        status, told = self._ask("DELETE", f"/{name}", {"propagationPolicy": "Background"})
        if status not in (200, 202, 404):
            raise StoreError(f"Kubernetes does not end {name}: {self._words(status, told)}")

    def _ask(self, verb: str, path: str, body: Mapping[str, Any] | None = None) -> tuple[int, Any]:
        import requests

        address = f"{self.address}/apis/batch/v1/namespaces/{self.namespace}/jobs{path}"
        headers = {} if self.token is None else {"Authorization": f"Bearer {self.token}"}
        try:
            with requests.Session() as session:
                # Proxies of the environment lead out of the cluster.
                session.trust_env = False
                told = session.request(
                    verb,
                    address,
                    json=body,
                    headers=headers,
                    verify=self.authority,
                    timeout=_SECONDS,
                )
                return told.status_code, told.json()
        except (requests.RequestException, OSError) as error:
            # Not its text, which may be long and holds no more than this.
            raise StoreError(
                f"Kubernetes does not answer at {self.address}: {type(error).__name__}"
            ) from error

    @staticmethod
    def _words(status: int, told: Any) -> str:
        message = told.get("message") if isinstance(told, dict) else None
        return quoted(str(message or f"HTTP status {status}"), 300)


def main(arguments: Sequence[str]) -> int:
    """One of the three commands; what cannot be done is one sentence on standard error."""
    parser = argparse.ArgumentParser(prog="layeratlas.workflow.pods")
    commands = parser.add_subparsers(dest="command", required=True)
    submit = commands.add_parser("submit")
    submit.add_argument("--image", required=True)
    submit.add_argument("--claim", required=True)
    submit.add_argument("--rule", default="job")
    for name, default in (("cpus", 1), ("memory", 1000), ("minutes", 60), ("gpus", 0)):
        submit.add_argument(f"--{name}", type=int, default=default)
    submit.add_argument("script", type=Path)
    commands.add_parser("status").add_argument("name")
    commands.add_parser("cancel").add_argument("names", nargs="+")
    given = vars(parser.parse_args(arguments))
    command = given.pop("command")
    try:
        if command == "submit":
            script = given.pop("script").absolute()
            manifest = Pod(**given).manifest(script, Path.cwd())
            print(Cluster.found().submit(manifest))
        elif command == "status":
            print(_patient(Cluster.found(), given["name"]))
        else:
            cluster = Cluster.found()
            for name in given["names"]:
                cluster.cancel(name)
    except LayerAtlasError as error:
        print(f"layeratlas: {error}", file=sys.stderr)
        return 1
    return 0


def _patient(cluster: Cluster, name: str) -> str:
    """The status; of a cluster that does not answer just now, that the job runs: a controller would
    give up everything otherwise."""
    try:
        return cluster.status(name)
    except StoreError as error:
        print(f"layeratlas: {error}; it is asked again", file=sys.stderr)
        return "running"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
