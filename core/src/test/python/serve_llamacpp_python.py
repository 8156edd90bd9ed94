"""Serves the small language model of serve_llamacpp.py by the server of llama-cpp-python on loopback, until it is ended.

    serve_llamacpp_python.py FOLDER PORT [KEY]

It is another server than llama.cpp's own: OpenAI's protocols by FastAPI and sse-starlette, and one request at a time.

FOLDER keeps a virtual environment of what pip installs, which the next run finds there; making it takes a C++ compiler
and minutes. With the folder alone, nothing else is done.
"""

import os
import pathlib
import sys

from server_environment import python_of
from serve_llamacpp import CONTEXT, write_model

PACKAGES = ["llama-cpp-python[server]==0.3.36", "gguf==0.19.0"]


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    model = folder / "tiny.gguf"
    if os.environ.get("INFERC_SERVING") == "llama-cpp-python":
        write_model(model)
        key = ["--api_key", sys.argv[3]] if len(sys.argv) > 3 else []
        command = ["--model", str(model), "--model_alias", "tiny", "--host", "127.0.0.1", "--port", sys.argv[2]]
        # The one who asks computes on the other cores.
        command += ["--n_ctx", str(CONTEXT), "--n_threads", "1", "--n_threads_batch", "1"]
        # By default the next request cuts the answer to the one before short.
        command += ["--interrupt_requests", "false"]
        os.execv(sys.executable, [sys.executable, "-m", "llama_cpp.server"] + command + key)
    folder.mkdir(parents=True, exist_ok=True)
    # Not for the processor at hand alone, and without what looks at pictures.
    os.environ.setdefault("CMAKE_ARGS", "-DGGML_NATIVE=OFF -DLLAVA_BUILD=OFF")
    python = python_of(folder, PACKAGES)
    if len(sys.argv) > 2:
        os.environ["INFERC_SERVING"] = "llama-cpp-python"
        os.execv(str(python), [str(python)] + sys.argv)


if __name__ == "__main__":
    main()
