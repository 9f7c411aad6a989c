"""The Dockerfile by its parts, where nothing can build it: what it copies is there, and is the whole package."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_the_image_has_all_of_the_package_and_the_extras_it_names():
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    copied = {name for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE) for name in line.split()[:-1]}
    assert all((ROOT / name).exists() for name in copied)
    let_in = {line.removeprefix("!") for line in (ROOT / ".dockerignore").read_text().splitlines() if line[0] == "!"}
    assert copied == let_in
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    folders = {path.split("/")[0] for path in project["tool"]["setuptools"]["package-dir"].values()}
    assert folders | {"pyproject.toml", project["project"]["readme"]} <= copied
    extras = re.search(r"'\.\[(.+?)\]'", text)[1].split(",")
    assert set(extras) <= project["project"]["optional-dependencies"].keys()
    assert re.search(r'^ENTRYPOINT \["(.+)"\]$', text, re.MULTILINE)[1] in project["project"]["scripts"]
    version = re.search(r"^FROM python:(\d+)\.(\d+)", text, re.MULTILINE)
    assert (int(version[1]), int(version[2])) >= (3, 11)
