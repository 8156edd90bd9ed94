"""Runs PyTorch on the architecture of all-MiniLM-L6-v2 on the CPU, one run for each line it reads.

Another process measures it in turns with a compiled model: it sends a line, this answers with one when the run is over.
Eager, single precision, weights drawn at random, since time does not depend on them. Started by EmbeddingBenchmark:

    python3 pytorch_minilm_cpu.py BATCH TOKENS THREADS
"""

import sys

import torch

from pytorch_gpu import VOCABULARY, Encoder


def main():
    batch, tokens, threads = (int(a) for a in sys.argv[1:4])
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    model = Encoder().eval()
    ids = torch.randint(1000, VOCABULARY, (batch, tokens))
    mask, segments = torch.ones_like(ids), torch.zeros_like(ids)
    with torch.inference_mode():
        model(ids, mask, segments)
        print(f"PyTorch {torch.__version__} eager FP32, {torch.get_num_threads()} threads", flush=True)
        for _ in sys.stdin:
            model(ids, mask, segments)
            print("done", flush=True)


if __name__ == "__main__":
    main()
