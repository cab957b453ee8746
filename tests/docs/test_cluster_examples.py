"""The examples of a cluster are sound, and use what there is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
import yaml

from pipeline.cli.app import cli
from tests.support import ROOT, page, records

distributed = pytest.importorskip("distributed", reason="Dask is not installed: the extra 'cluster'")

EXAMPLES = ROOT / "docs" / "examples"
OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all((EXAMPLES / "kubernetes.yaml").read_text("utf-8")))


def of_kind(kind: str) -> list[dict[str, Any]]:
    return [one for one in OBJECTS if one["kind"] == kind]


def pods() -> Iterator[dict[str, Any]]:
    """The templates of all pods."""
    for one in OBJECTS:
        if one["kind"] == "Deployment":
            yield one["spec"]["template"]
        elif one["kind"] == "CronJob":
            yield one["spec"]["jobTemplate"]["spec"]["template"]


def commands() -> Iterator[list[str]]:
    """What the containers run."""
    for pod in pods():
        for container in pod["spec"]["containers"]:
            command = container["command"]
            yield command[2].split() if command[:2] == ["sh", "-c"] else command


def options_of(command: list[str]) -> tuple[set[str], set[str]]:
    """The long options that ``command`` gives, and those that the program knows."""
    from distributed.cli import dask_scheduler, dask_worker

    programs = {"scheduler": dask_scheduler.main, "worker": dask_worker.main}
    if command[0] == "dask":
        known: click.Command = programs[command[1]]
    else:
        found = cli.get_command(click.Context(cli), command[1])
        assert found is not None
        known = found
    given = {part.partition("=")[0] for part in command if part.startswith("--")}
    return given, {name for parameter in known.params for name in (*parameter.opts, *parameter.secondary_opts)}


def test_every_object_has_what_kubernetes_asks_of_it() -> None:
    assert {one["kind"] for one in OBJECTS} == {
        "ConfigMap",
        "Service",
        "Deployment",
        "NetworkPolicy",
        "CronJob",
    }
    for one in OBJECTS:
        assert one["apiVersion"]
        assert re.fullmatch(r"[a-z0-9-]+", one["metadata"]["name"])
    for pod in pods():
        volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
        for container in pod["spec"]["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} <= volumes
            assert all(isinstance(part, str) for part in container["command"])
            assert container["securityContext"]["allowPrivilegeEscalation"] is False
            assert container["resources"]["requests"]
        named = {volume["configMap"]["name"] for volume in pod["spec"]["volumes"] if "configMap" in volume}
        assert named <= {one["metadata"]["name"] for one in of_kind("ConfigMap")}


def test_labels_find_what_they_are_meant_for() -> None:
    labels = [pod["metadata"]["labels"] for pod in pods()]
    for one in of_kind("Deployment"):
        assert one["spec"]["selector"]["matchLabels"] == one["spec"]["template"]["metadata"]["labels"]
    (service,) = of_kind("Service")
    assert service["spec"]["selector"] in labels
    (policy,) = of_kind("NetworkPolicy")
    (allowed,) = policy["spec"]["ingress"]
    assert all(allowed["from"][0]["podSelector"]["matchLabels"].items() <= one.items() for one in labels)


def test_commands_use_options_that_there_are_and_find_the_scheduler() -> None:
    (service,) = of_kind("Service")
    address = f"tls://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    for command in commands():
        given, known = options_of(command)
        assert given <= known, command
        assert "scheduler" in command or address in command


def test_the_configuration_names_settings_that_dask_has() -> None:
    defaults = yaml.safe_load(Path(distributed.__file__).with_name("distributed.yaml").read_text("utf-8"))
    (config,) = of_kind("ConfigMap")

    def check(given: Any, known: Any, path: str = "") -> None:
        for name, value in given.items():
            assert name in known, f"{path}{name}"
            if isinstance(value, dict):
                check(value, known[name], f"{path}{name}.")

    check(yaml.safe_load(config["data"]["dask.yaml"]), defaults)


def test_the_image_is_made_of_files_that_there_are() -> None:
    lines = (EXAMPLES / "cluster.Dockerfile").read_text("utf-8")
    assert re.search(r"^FROM python:3\.\d+", lines, re.MULTILINE)
    for name in re.findall(r"--requirement (\S+)", lines):
        assert (ROOT / name).is_file()


@pytest.mark.skipif(
    any(shutil.which(name) is None for name in ("bash", "openssl")), reason="bash and openssl are not installed"
)
def test_the_batch_script_runs(tmp_path: Path) -> None:
    """With a stand-in for Slurm's srun, which runs the command on this machine."""
    programs = tmp_path / ".venv" / "bin"
    programs.mkdir(parents=True)
    (programs / "activate").write_text(f'export PATH="{programs}:{Path(sys.executable).parent}:$PATH"\n')
    (programs / "srun").write_text('#!/bin/sh\nexec "$@"\n')
    (programs / "claims").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pipeline.cli "$@"\n')
    (programs / "dask").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m dask "$@"\n')
    for program in programs.iterdir():
        program.chmod(0o755)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "tea.html").write_text(page("Tea lowered the risk of colds by 12 percent in 340 adults."))
    done = subprocess.run(
        ["bash", EXAMPLES / "claims.sbatch"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT), "SLURM_JOB_ID": "7", "SLURM_CPUS_PER_TASK": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(records(tmp_path / "extracted", "articles")) == 1
    assert not list(tmp_path.glob(".dask-*"))
