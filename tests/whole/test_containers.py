"""The image's recipe, the workflows and the development container: what they name is there."""

import json
import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
KNOWN = {
    *("ARG", "FROM", "COPY", "WORKDIR", "RUN", "USER", "VOLUME"),
    *("HEALTHCHECK", "ENTRYPOINT", "CMD"),
}


def instructions():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    text = re.sub(r"^#.*\n", "", text, flags=re.M).replace("\\\n", " ")
    return [tuple(line.split(None, 1)) for line in text.splitlines() if line.strip()]


def test_every_instruction_is_one_and_the_last_user_has_no_rights():
    found = instructions()
    assert {name for name, _ in found} == KNOWN
    assert [value for name, value in found if name == "USER"] == ["1000"]
    names = [name for name, _ in found]
    assert names.index("USER") < names.index("ENTRYPOINT") < names.index("CMD")
    for name, value in found:
        if name in ("HEALTHCHECK", "ENTRYPOINT", "CMD", "VOLUME"):
            assert all(isinstance(word, str) for word in json.loads(value[value.index("[") :]))


def test_what_is_copied_is_there_and_not_ignored():
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    kept = {line.removeprefix("!") for line in kept if line.startswith("!")}
    assert all((ROOT / name).exists() for name in kept)
    assert {"setup.py", "pyproject.toml", "README.md", "LICENSE", "ssagan_jax", "configs"} <= kept
    for name, value in instructions():
        if name == "COPY" and not value.startswith("--from"):
            for source in value.split()[:-1]:
                assert (ROOT / source).exists() and source.partition("/")[0] in {*kept, "."}


@pytest.mark.parametrize("name", ["install.sh", "entrypoint.sh"])
def test_the_scripts_are_scripts(name):
    path = ROOT / "docker" / name
    assert path.stat().st_mode & 0o111
    subprocess.run(["/bin/sh", "-n", str(path)], check=True)


def test_an_unknown_kind_is_refused():
    done = subprocess.run(
        [str(ROOT / "docker" / "install.sh"), "gpu", "x.whl"], capture_output=True, text=True
    )
    assert done.returncode == 2
    assert done.stderr == 'Unknown kind "gpu": expected cpu, cuda or tpu.\n'


@pytest.mark.parametrize("path", sorted((ROOT / ".github/workflows").glob("*.yml")))
def test_workflows_run_what_is_there(path):
    jobs = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    commands = [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]
    assert commands and all(re.match(r"\.ci/run|pip install -e ", command) for command in commands)


def test_the_development_container_installs_extras_that_exist():
    path = ROOT / ".devcontainer" / "devcontainer.json"
    command = json.loads(path.read_text(encoding="utf-8"))["postCreateCommand"]
    extras = re.search(r"\[(.*)\]", command)[1].split(",")
    setup = (ROOT / "setup.py").read_text(encoding="utf-8")
    assert all(f'"{extra}":' in setup for extra in extras)
