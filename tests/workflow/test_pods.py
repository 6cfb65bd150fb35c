"""Jobs of Kubernetes: what is asked of a cluster, and the workflow through one that is played.

The cluster here answers as the API of Kubernetes does and runs what a job's container would, as
processes on this machine.
"""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import yaml

from layeratlas.errors import ConfigError, StoreError
from layeratlas.workflow import pods
from layeratlas.workflow.pods import Cluster, Pod, main
from layeratlas.workflow.stopping import VARIABLE as DEADLINE

ROOT = Path(__file__).resolve().parents[2]
PROFILE = ROOT / "profiles" / "kubernetes"
POD = {"image": "atlas:1", "claim": "layeratlas:/volume"}


class PlayedCluster:
    """Takes jobs, runs their containers, tells of them. `wrong`: what to answer instead."""

    def __init__(self):
        self.jobs: dict[str, dict] = {}
        self.processes: dict[str, subprocess.Popen] = {}
        self.asked: list[str] = []
        self.tokens: list[str | None] = []
        self.wrong: tuple[int, dict] | None = None
        cluster = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self):
                size = int(self.headers.get("Content-Length") or 0)
                body = json.loads(self.rfile.read(size)) if size else None
                cluster.tokens.append(self.headers.get("Authorization"))
                status, told = cluster.answer(self.command, self.path, body)
                content = json.dumps(told).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_DELETE = _answer  # noqa: N815

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, verb: str, path: str, body: dict | None) -> tuple[int, dict]:
        self.asked.append(f"{verb} {path}")
        if self.wrong is not None:
            return self.wrong
        start, _, name = path.removeprefix("/apis/batch/v1/namespaces/").partition("/jobs")
        assert start == "default"
        name = name.removeprefix("/")
        if verb == "POST":
            assert body is not None and body["kind"] == "Job"
            self.start(body)
            return 201, body
        if name not in self.jobs:
            return 404, {"message": f'jobs.batch "{name}" not found'}
        if verb == "DELETE":
            self.end(name)
            return 200, {}
        code = self.processes[name].poll()
        if code is None:
            return 200, {"status": {"active": 1}}
        kind = "Complete" if code == 0 else "Failed"
        conditions = [
            {"type": "SuccessCriteriaMet", "status": "True"},
            {"type": "Failed" if code == 0 else "Complete", "status": "False"},
            {"type": kind, "status": "True"},
        ]
        return 200, {"status": {"conditions": conditions}}

    def start(self, job: dict) -> None:
        name = job["metadata"]["name"]
        (container,) = job["spec"]["template"]["spec"]["containers"]
        told = {one["name"]: one["value"] for one in container["env"]}
        self.jobs[name] = job
        self.processes[name] = subprocess.Popen(
            container["command"],
            cwd=container["workingDir"],
            env=os.environ | told,
            start_new_session=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def end(self, name: str) -> None:
        """As the kubelet ends a pod: a signal to its first process alone."""
        self.processes[name].terminate()
        del self.jobs[name]

    def close(self) -> None:
        for process in self.processes.values():
            if process.poll() is None:
                process.terminate()
                process.wait(timeout=30)
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def cluster(monkeypatch):
    played = PlayedCluster()
    monkeypatch.setenv(pods.VARIABLE, played.address)
    yield played
    played.close()


def manifest(script: str = "/volume/a/job.sh", here: str = "/volume/a", **changes) -> dict:
    return Pod(**{**POD, **changes}).manifest(Path(script), Path(here))


def test_a_job_is_tried_once_and_sees_the_volume():
    job = manifest(rule="train", cpus=2, memory=3000, minutes=45)
    pod = job["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert job["spec"]["backoffLimit"] == 0 and pod["restartPolicy"] == "Never"
    assert container["image"] == "atlas:1" and container["workingDir"] == "/volume/a"
    assert container["command"][-2:] == ["/volume/a/job.sh", "2700"]
    (mount,), (volume,) = container["volumeMounts"], pod["volumes"]
    assert mount == {"name": volume["name"], "mountPath": "/volume"}
    assert volume["persistentVolumeClaim"] == {"claimName": "layeratlas"}
    assert container["resources"] == {
        "requests": {"cpu": "2", "memory": "3000M"},
        "limits": {"memory": "3000M"},
    }
    # Its own deadline comes first, whatever the image takes to come.
    assert pod["activeDeadlineSeconds"] >= 2700 + 300
    assert pod["securityContext"] == {"runAsUser": os.getuid(), "runAsGroup": os.getgid()}


def test_a_card_is_a_limit_which_is_how_kubernetes_takes_it():
    (container,) = manifest(gpus=1)["spec"]["template"]["spec"]["containers"]
    assert container["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert "nvidia.com/gpu" not in container["resources"]["requests"]


@pytest.mark.parametrize("rule", ["assemble_cube", "A" * 80, "_x_"])
def test_names_are_such_as_kubernetes_allows_and_no_two_alike(rule):
    names = {manifest(rule=rule)["metadata"]["name"] for _ in range(20)}
    assert len(names) == 20
    assert all(len(name) <= 63 and name.replace("-", "").isalnum() for name in names)
    assert all(name == name.lower() for name in names)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"claim": "layeratlas"}, "as layeratlas:/volume"),
        ({"claim": "Layer:/volume"}, "as layeratlas:/volume"),
        ({"image": " "}, "name the image"),
        ({"memory": 0}, "--memory 0: at least 1"),
        ({"gpus": -1}, "--gpus -1: 0 or more"),
        ({"here": "/home/me"}, "/home/me is not on the volume of --claim layeratlas:/volume"),
        ({"script": "/volumes/job.sh"}, "/volumes/job.sh is not on the volume"),
    ],
)
def test_what_no_cluster_could_run_is_refused(changes, words):
    with pytest.raises(ConfigError, match=words):
        manifest(**changes)


def test_a_pod_finds_its_cluster_by_its_account(tmp_path):
    (tmp_path / "token").write_text("secret\n")
    (tmp_path / "namespace").write_text("physics")
    here = {"KUBERNETES_SERVICE_HOST": "10.0.0.1", "KUBERNETES_SERVICE_PORT": "6443"}
    found = Cluster.found(here, tmp_path)
    assert found == Cluster("https://10.0.0.1:6443", "physics", "secret", str(tmp_path / "ca.crt"))
    assert (
        Cluster.found({"KUBERNETES_SERVICE_HOST": "::1"}, tmp_path).address == "https://[::1]:443"
    )
    for environment, account in (({}, tmp_path), (here, tmp_path / "none")):
        with pytest.raises(ConfigError, match=r"no pod with a service account.*desk\.yaml"):
            Cluster.found(environment, account)


def test_the_account_is_shown_and_only_to_the_cluster(cluster, monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    Cluster(cluster.address, token="secret").status("a")
    Cluster(cluster.address).status("a")
    assert cluster.tokens == ["Bearer secret", None]


def test_a_job_runs_and_is_told_of(cluster, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    script = tmp_path / "job.sh"
    script.write_text(f"echo ${DEADLINE} $PWD >made; test $(cat code) = 0")
    options = ["--image", "a", "--claim", f"work:{tmp_path}", "--rule", "train", "--minutes", "7"]
    for code, told in (("0", "success"), ("3", "failed")):
        (tmp_path / "code").write_text(code)
        assert main(["submit", *options, "job.sh"]) == 0
        name = capsys.readouterr().out.strip()
        assert name.startswith("layeratlas-train-")
        cluster.processes[name].wait(timeout=60)
        assert main(["status", name]) == 0
        assert capsys.readouterr().out == f"{told}\n"
    deadline, where = (tmp_path / "made").read_text().split()
    assert 6.5 * 60 < int(deadline) - time.time() <= 7 * 60 and where == str(tmp_path)


def test_a_job_that_is_cancelled_hears_of_it_and_puts_its_work_down(
    cluster, tmp_path, monkeypatch, capsys
):
    """The signal goes to the first process alone; the script, two further down, hears it."""
    monkeypatch.chdir(tmp_path)
    code = (
        "import signal, sys, time\n"
        "from pathlib import Path\n"
        "def end(*_):\n"
        "    time.sleep(1)\n"
        "    Path('checkpoint').write_text('written')\n"
        "    sys.exit(1)\n"
        "signal.signal(signal.SIGTERM, end)\n"
        "Path('started').touch()\n"
        "time.sleep(300)\n"
    )
    (tmp_path / "work.py").write_text(code)
    (tmp_path / "job.sh").write_text(f"cd . && {sys.executable} work.py && exit 0 || exit 1")
    assert main(["submit", "--image", "a", "--claim", f"work:{tmp_path}", "job.sh"]) == 0
    name = capsys.readouterr().out.strip()
    for _ in range(300):
        if (tmp_path / "started").exists():
            break
        time.sleep(0.1)
    assert main(["status", name]) == 0 and capsys.readouterr().out == "running\n"
    assert main(["cancel", name, "gone"]) == 0
    assert cluster.processes[name].wait(timeout=60) not in (0, -signal.SIGTERM)
    assert (tmp_path / "checkpoint").read_text() == "written"
    assert main(["status", name]) == 0 and capsys.readouterr().out == "failed\n"


def test_a_cluster_that_refuses_is_quoted(cluster, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    cluster.wrong = 403, {"message": "exceeded quota: pods=10"}
    assert main(["submit", "--image", "a", "--claim", f"work:{tmp_path}", "job.sh"]) == 1
    assert "does not take the job: 'exceeded quota: pods=10'" in capsys.readouterr().err
    assert main(["cancel", "a"]) == 1
    assert "does not end a: 'exceeded quota" in capsys.readouterr().err


def test_a_cluster_that_does_not_tell_just_now_is_asked_again(cluster, monkeypatch, capsys):
    cluster.wrong = 500, {}
    assert main(["status", "a"]) == 0
    said = capsys.readouterr()
    assert said.out == "running\n" and "'HTTP status 500'; it is asked again" in said.err
    monkeypatch.setenv(pods.VARIABLE, "http://127.0.0.1:1")
    assert main(["status", "a"]) == 0
    said = capsys.readouterr()
    assert said.out == "running\n" and "does not answer at http://127.0.0.1:1" in said.err
    with pytest.raises(StoreError, match="does not answer"):
        Cluster.found().submit({})


def test_the_desk_may_do_what_jobs_need_and_sees_the_volume_where_the_profile_says():
    documents = {
        document["kind"]: document
        for document in yaml.safe_load_all((PROFILE / "desk.yaml").read_text(encoding="utf-8"))
    }
    (rule,) = documents["Role"]["rules"]
    assert (rule["apiGroups"], rule["resources"]) == (["batch"], ["jobs"])
    assert {*rule["verbs"]} == {"create", "get", "delete"}
    pod = documents["StatefulSet"]["spec"]["template"]["spec"]
    account = documents["ServiceAccount"]["metadata"]["name"]
    assert pod["serviceAccountName"] == account
    assert documents["RoleBinding"]["subjects"] == [{"kind": "ServiceAccount", "name": account}]
    assert documents["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteMany"]
    given = yaml.safe_load((PROFILE / "config.yaml").read_text(encoding="utf-8"))
    words = given["cluster-generic-submit-cmd"].split()
    claim, image = (words[words.index(name) + 1] for name in ("--claim", "--image"))
    (container,), (volume,) = pod["containers"], pod["volumes"]
    name = volume["persistentVolumeClaim"]["claimName"]
    assert claim == f"{name}:{container['volumeMounts'][0]['mountPath']}"
    assert name == documents["PersistentVolumeClaim"]["metadata"]["name"]
    assert container["image"] == image
    assert os.access(PROFILE / "cancel", os.X_OK)


@pytest.mark.skipif(
    importlib.util.find_spec("snakemake_executor_plugin_cluster_generic") is None,
    reason='needs the executor: pip install "layeratlas[kubernetes]"',
)
def test_the_workflow_through_the_profile_makes_what_a_laptop_makes(project, cluster, tmp_path):
    """Every job in a pod of the played cluster; same content, records and receipts beside it."""
    target = "results/smoke/cubes/tiny.json"
    other = project.copy(tmp_path / "local")
    profile = project.folder / "profiles" / "kubernetes" / "config.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("layeratlas:/volume", f"layeratlas:{project.folder}"))
    hasty = ("--seconds-between-status-checks", "2", "--max-jobs-per-timespan", "20/1s")
    project.make(target, options=("--workflow-profile", "profiles/kubernetes", *hasty))
    other.make(target, device="cpu")
    rules = [job["metadata"]["labels"]["layeratlas/rule"] for job in cluster.jobs.values()]
    assert sorted(rules) == ["assemble_cube", "measure", "prepare_dataset", "train"]
    hashes = [
        json.loads((one.folder / target).read_text())["content_hash"] for one in (project, other)
    ]
    assert hashes[0] == hashes[1]
    assert len(project.records()) == 4
    assert not project.planned(target)
