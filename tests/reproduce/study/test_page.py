"""The raters' page: all of it is here, and it asks nobody else."""

import re

from ssagan_jax.reproduce.study.page import KINDS, read_page


def test_every_file_that_is_asked_for_is_there():
    files = {name: content.decode() for name, content in read_page().items()}
    asked = set(re.findall(r'(?:src|href)="static/([^"]+)"', files["index.html"]))
    asked |= {name for text in files.values() for name in re.findall(r'from "\./([^"]+)"', text)}
    assert asked == set(files) - {"index.html"}
    assert all("." + name.rpartition(".")[2] in KINDS for name in files)


def test_it_asks_nothing_of_other_servers():
    for name, content in read_page().items():
        text = content.decode().replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert not re.search(r"https?:|//\w+\.", text), name
