"""Times PyTorch on the architecture of all-MiniLM-L6-v2, to compare a compiled model with.

BERT with 6 layers, hidden size 384, 12 heads, intermediate size 1536, written with plain PyTorch and its fused
attention. The weights are random, since time does not depend on them. Prints a line for each measurement as it is made
and writes pytorch-minilm.json and pytorch-minilm.md to the folder given.

    python3 pytorch_minilm.py OUT_FOLDER [--iterations 1000] [--skip-compile]
"""

import argparse
import json
import pathlib
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

LAYERS, HIDDEN, HEADS, INNER, VOCABULARY, POSITIONS = 6, 384, 12, 1536, 30522, 512


class Layer(nn.Module):
    """One encoder layer: attention and a feed-forward network, each with its residual and normalization."""

    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.out = (nn.Linear(HIDDEN, HIDDEN) for _ in range(4))
        self.attention_norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.up, self.down = nn.Linear(HIDDEN, INNER), nn.Linear(INNER, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)

    def heads(self, x):
        batch, length, _ = x.shape
        return x.view(batch, length, HEADS, HIDDEN // HEADS).transpose(1, 2)

    def forward(self, x, mask):
        attended = F.scaled_dot_product_attention(
            self.heads(self.query(x)), self.heads(self.key(x)), self.heads(self.value(x)), attn_mask=mask)
        attended = attended.transpose(1, 2).reshape(x.shape)
        x = self.attention_norm(x + self.out(attended))
        return self.norm(x + self.down(F.gelu(self.up(x))))


class Encoder(nn.Module):
    """Embeddings of words, positions and segments, and the layers."""

    def __init__(self):
        super().__init__()
        self.words = nn.Embedding(VOCABULARY, HIDDEN)
        self.positions = nn.Embedding(POSITIONS, HIDDEN)
        self.segments = nn.Embedding(2, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids, mask, segments):
        places = torch.arange(ids.shape[1], device=ids.device)
        x = self.norm(self.words(ids) + self.positions(places) + self.segments(segments))
        added = (1.0 - mask[:, None, None, :].to(x.dtype)) * torch.finfo(x.dtype).min
        for layer in self.layers:
            x = layer(x, added)
        return x


def time_calls(call, iterations):
    """Wall-clock milliseconds of each call, to the end of its work on the device."""
    for _ in range(50):
        call()
    torch.cuda.synchronize()
    times = []
    for _ in range(iterations):
        start = time.perf_counter_ns()
        call()
        torch.cuda.synchronize()
        times.append((time.perf_counter_ns() - start) / 1e6)
    return times


def measure(name, model, batch, length, iterations):
    ids = torch.randint(1000, VOCABULARY, (batch, length), device="cuda")
    mask, segments = torch.ones_like(ids), torch.zeros_like(ids)
    with torch.inference_mode():
        times = sorted(time_calls(lambda: model(ids, mask, segments), iterations))
    return {
        "what": name,
        "shape": f"{batch}x{length}",
        "p50 ms": round(statistics.median(times), 4),
        "p95 ms": round(times[int(0.95 * len(times))], 4),
        "least ms": round(times[0], 4),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--skip-compile", action="store_true")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = False

    rows = []
    for precision, dtype in (("FP32", torch.float32), ("FP16", torch.float16)):
        model = Encoder().eval().to("cuda", dtype)
        kinds = [("eager", lambda: model)]
        if not arguments.skip_compile:
            # A fresh compilation for each shape, so that none is generalized to open shapes.
            kinds.append(("torch.compile reduce-overhead", lambda: torch.compile(model, mode="reduce-overhead")))
        for kind, make in kinds:
            for batch in (1, 32):
                torch.compiler.reset()
                row = measure(f"{kind} {precision}", make(), batch, 128, arguments.iterations)
                rows.append(row)
                print(json.dumps(row), flush=True)
                write(arguments.folder, rows)


def write(folder, rows):
    machine = {"pytorch": torch.__version__, "cuda": torch.version.cuda, "gpu": torch.cuda.get_device_name()}
    (folder / "pytorch-minilm.json").write_text(json.dumps({**machine, "rows": rows}, indent=2))
    lines = [f"PyTorch {machine['pytorch']}, CUDA {machine['cuda']}, {machine['gpu']}", ""]
    lines += ["| | shape | p50 ms | p95 ms | least ms |", "|---|---|---|---|---|"]
    lines += [f"| {r['what']} | {r['shape']} | {r['p50 ms']} | {r['p95 ms']} | {r['least ms']} |" for r in rows]
    (folder / "pytorch-minilm.md").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
