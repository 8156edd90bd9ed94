"""Runs aiperf against a server of OpenAI's completion protocol on loopback.

    run_aiperf.py FOLDER URL MODEL PROMPTS REQUESTS TOKENS OUT CLIENTS [RATE]

CLIENTS send their next request when they have an answer; with RATE, so many requests a second are sent at even distances,
CLIENTS at once at most.

PROMPTS has a prompt a line, as JSON's {"text": ...}, sent in turns; each answer has as many TOKENS. The figures are in
OUT/profile_export_aiperf.json. Answers are counted by the server; the tokenizer that aiperf asks for is made here, and is
no model's.

FOLDER keeps a virtual environment of what pip installs, which the next run finds there. With the folder alone, nothing
else is done.
"""

import os
import pathlib
import subprocess
import sys

from server_environment import python_of

PACKAGES = ["aiperf==0.13.0"]

TOKENIZER = """
import sys
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast
words = Tokenizer(models.WordLevel({"<unk>": 0, "<s>": 1, "</s>": 2}, unk_token="<unk>"))
words.pre_tokenizer = pre_tokenizers.Whitespace()
PreTrainedTokenizerFast(
    tokenizer_object=words, unk_token="<unk>", bos_token="<s>", eos_token="</s>"
).save_pretrained(sys.argv[1])
"""


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    python = python_of(folder, PACKAGES)
    if len(sys.argv) == 2:
        return
    url, model, prompts, requests, tokens, out, clients = sys.argv[2:9]
    tokenizer = folder / "tokenizer"
    environment = dict(os.environ, HF_HUB_DISABLE_TELEMETRY="1", DO_NOT_TRACK="1")
    subprocess.run([str(python), "-c", TOKENIZER, str(tokenizer)], check=True, env=environment)
    command = [str(python.with_name("aiperf")), "profile", "-m", model, "-u", url]
    command += ["--endpoint-type", "completions", "--streaming", "--use-server-token-count"]
    command += ["--concurrency", clients, "--request-count", requests, "--warmup-request-count", "20"]
    if len(sys.argv) > 9:
        command += ["--request-rate", sys.argv[9], "--arrival-pattern", "constant"]
    command += ["--input-file", prompts, "--custom-dataset-type", "single_turn"]
    command += ["--dataset-sampling-strategy", "sequential", "--tokenizer", str(tokenizer)]
    for extra in ("ignore_eos:true", "max_tokens:" + tokens, "temperature:0", "seed:1"):
        command += ["--extra-inputs", extra]
    command += ["--no-server-metrics", "--no-gpu-telemetry", "--ui", "none"]
    command += ["--output-artifact-dir", out]
    sys.exit(subprocess.run(command, env=environment).returncode)


if __name__ == "__main__":
    main()
