"""Times PyTorch on the architecture of all-MiniLM-L6-v2, to compare a compiled model with.

BERT with 6 layers, hidden size 384, 12 heads, intermediate size 1536, written with plain PyTorch and its fused
attention. The weights are random, since time does not depend on them. Blocks of all variants take turns. After each
round it prints a table and writes pytorch-minilm.json and pytorch-minilm.md to the folder given. Round N from the second
on starts when somebody makes the file round-N there: so another program can measure in between, on the same GPU.

    python3 pytorch_minilm.py OUT_FOLDER [--iterations 1000] [--compile FP32,FP16] [--rounds 2]
"""

import argparse
import json
import pathlib
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

BLOCKS = 10
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


class Variant:
    """One model at one shape, and what was measured of it."""

    def __init__(self, name, call, batch, length):
        ids = torch.randint(1000, VOCABULARY, (batch, length), device="cuda")
        mask, segments = torch.ones_like(ids), torch.zeros_like(ids)
        self.name, self.shape, self.times, self.medians = name, f"{batch}x{length}", [], []
        self.call = lambda: call(ids, mask, segments)

    def warm_up(self):
        for _ in range(50):
            self.call()
        torch.cuda.synchronize()

    def block(self, calls):
        """Times calls, each to the end of its work on the device."""
        for _ in range(5):
            self.call()
        torch.cuda.synchronize()
        times = []
        for _ in range(calls):
            start = time.perf_counter_ns()
            self.call()
            torch.cuda.synchronize()
            times.append((time.perf_counter_ns() - start) / 1e6)
        self.times += times
        self.medians.append(round(statistics.median(times), 4))

    def row(self):
        times = sorted(self.times)
        return {
            "what": self.name,
            "shape": self.shape,
            "p50 ms": round(statistics.median(times), 4),
            "p95 ms": round(times[int(0.95 * len(times))], 4),
            "least ms": round(times[0], 4),
            "medians of blocks ms": self.medians,
        }


def variants(compiled):
    for precision, dtype in (("FP32", torch.float32), ("FP16", torch.float16)):
        model = Encoder().eval().to("cuda", dtype)
        for batch in (1, 32):
            yield Variant(f"eager {precision}", model, batch, 128)
        if precision in compiled:
            # Of fixed shapes: each gets a compilation of its own.
            fast = torch.compile(model, mode="reduce-overhead", dynamic=False)
            for batch in (1, 32):
                yield Variant(f"torch.compile reduce-overhead {precision}", fast, batch, 128)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--compile", default="FP32,FP16", help="which precisions to compile, or none")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--patience", type=float, default=600, help="seconds to wait for a round's file")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = False

    with torch.inference_mode():
        all_variants = list(variants(arguments.compile.split(",")))
        for variant in all_variants:
            variant.warm_up()
            print("ready:", variant.name, variant.shape, flush=True)
        for number in range(1, arguments.rounds + 1):
            if number > 1 and not wait(arguments.folder / f"round-{number}", arguments.patience):
                break
            for _ in range(BLOCKS):
                for variant in all_variants:
                    variant.block(arguments.iterations // BLOCKS)
            write(arguments.folder, [variant.row() for variant in all_variants], number)


def wait(file, patience):
    """Waits until others, which measure in between, ask for the next round."""
    end = time.monotonic() + patience
    while not file.exists():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def write(folder, rows, rounds):
    machine = {"pytorch": torch.__version__, "cuda": torch.version.cuda, "gpu": torch.cuda.get_device_name()}
    (folder / "pytorch-minilm.json").write_text(json.dumps({**machine, "rounds": rounds, "rows": rows}, indent=2))
    lines = [f"PyTorch {machine['pytorch']}, CUDA {machine['cuda']}, {machine['gpu']}, {rounds} rounds", ""]
    lines += ["| | shape | p50 ms | p95 ms | least ms |", "|---|---|---|---|---|"]
    lines += [f"| {r['what']} | {r['shape']} | {r['p50 ms']} | {r['p95 ms']} | {r['least ms']} |" for r in rows]
    (folder / "pytorch-minilm.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines), flush=True)
    (folder / f"round-{rounds}-done").touch()


if __name__ == "__main__":
    main()
