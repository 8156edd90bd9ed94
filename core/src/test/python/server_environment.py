"""Makes the virtual environments of servers that tests ask."""

import fcntl
import subprocess
import sys
import venv


def python_of(folder, packages):
    """Returns the Python of FOLDER/venv, into which pip installs packages unless they are there already.

    An environment of another Python is made anew; of several callers at once, one makes it and the others wait.
    """
    python = folder / "venv" / "bin" / "python"
    complete = folder / "complete"
    content = "\n".join([sys.version] + packages)
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not complete.is_file() or complete.read_text() != content:
            complete.unlink(missing_ok=True)
            venv.create(str(folder / "venv"), with_pip=True, clear=True)
            subprocess.run([str(python), "-m", "pip", "install", "-q"] + packages, check=True)
            complete.write_text(content)
    return python
