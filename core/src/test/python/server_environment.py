"""Makes the virtual environments of servers that tests ask."""

import subprocess
import venv


def python_of(folder, packages):
    """Returns the Python of FOLDER/venv, into which pip installs packages unless they are there already."""
    python = folder / "venv" / "bin" / "python"
    complete = folder / "complete"
    if not complete.is_file() or complete.read_text() != " ".join(packages):
        complete.unlink(missing_ok=True)
        venv.create(str(folder / "venv"), with_pip=True, clear=True)
        subprocess.run([str(python), "-m", "pip", "install", "-q"] + packages, check=True)
        complete.write_text(" ".join(packages))
    return python
