"""Times PyTorch on the architecture of all-MiniLM-L6-v2 or PP-OCRv4 recognition, to compare a compiled model with.

MiniLM is BERT with 6 layers, hidden size 384, 12 heads, intermediate size 1536. PP-OCRv4 recognition is a chain of depthwise
and pointwise convolutions, two attention blocks and a head for 6625 characters. Both are written with plain PyTorch and its
fused operators; batch normalization behind a convolution is folded into it, as whoever cares for time does. The weights are
random, since time does not depend on them. Blocks of all variants take turns. After each round it prints a table and writes
pytorch-MODEL.json and pytorch-MODEL.md to the folder given. Round N from the second on starts when somebody makes the file
round-N there: so another program can measure in between, on the same GPU.

    python3 pytorch_gpu.py OUT_FOLDER [--model minilm|ocr] [--iterations 1000] [--compile FP32,FP16] [--rounds 2]
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


class Unit(nn.Sequential):
    """A convolution with what PP-LCNetV3 puts behind it: a learned scale and shift, hard swish, and the same again."""

    def __init__(self, channels_in, channels_out, kernel, stride=1, groups=1):
        super().__init__(nn.Conv2d(channels_in, channels_out, kernel, stride, kernel // 2, groups=groups))
        self.before, self.after = (nn.Parameter(torch.rand(2)) for _ in range(2))

    def forward(self, x):
        x = super().forward(x) * self.before[0] + self.before[1]
        return F.hardswish(x) * self.after[0] + self.after[1]


class Squeeze(nn.Module):
    """Weighs channels by what is in all of the image."""

    def __init__(self, channels):
        super().__init__()
        self.down, self.up = nn.Conv2d(channels, channels // 4, 1), nn.Conv2d(channels // 4, channels, 1)

    def forward(self, x):
        return x * F.hardsigmoid(self.up(F.relu(self.down(x.mean((2, 3), keepdim=True)))))


class Mixer(nn.Module):
    """One attention block of the neck."""

    def __init__(self, width=120, heads=8):
        super().__init__()
        self.heads = heads
        self.norms = nn.ModuleList(nn.LayerNorm(width, eps=1e-5) for _ in range(2))
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)

    def forward(self, x):
        batch, length, width = x.shape
        mixed = self.qkv(self.norms[0](x)).view(batch, length, 3, self.heads, width // self.heads)
        attended = F.scaled_dot_product_attention(*mixed.permute(2, 0, 3, 1, 4).unbind(0))
        x = x + self.out(attended.transpose(1, 2).reshape(x.shape))
        return x + self.down(F.silu(self.up(self.norms[1](x))))


class Recognizer(nn.Module):
    """PP-OCRv4 recognition: images of height 48 to probabilities of characters, one row for each 8 pixels of width."""

    # Channels out, kernel and stride of each depthwise convolution with the pointwise one behind it, and whether channels
    # are weighed between them.
    BLOCKS = [(32, 3, 1, False), (64, 3, 1, False), (64, 3, 1, False), (128, 3, (2, 1), False), (128, 3, 1, False),
              (240, 3, (1, 2), False), *[(240, 5, 1, False)] * 4, (480, 5, (2, 1), True), (480, 5, 1, True),
              (480, 5, (2, 1), False), (480, 5, 1, False)]

    def __init__(self):
        super().__init__()
        layers, channels = [nn.Conv2d(3, 16, 3, 2, 1)], 16
        for out, kernel, stride, squeezed in self.BLOCKS:
            layers.append(Unit(channels, channels, kernel, stride, channels))
            layers += [Squeeze(channels)] if squeezed else []
            layers.append(Unit(channels, out, 1))
            channels = out
        self.body = nn.Sequential(*layers)
        self.narrow = nn.Sequential(nn.Conv2d(480, 60, (1, 3), padding=(0, 1)), nn.SiLU(), nn.Conv2d(60, 120, 1), nn.SiLU())
        self.mixers = nn.Sequential(Mixer(), Mixer(), nn.LayerNorm(120, eps=1e-6))
        self.widen = nn.Sequential(nn.Conv2d(120, 480, 1), nn.SiLU())
        self.join = nn.Sequential(nn.Conv2d(960, 60, (1, 3), padding=(0, 1)), nn.SiLU(), nn.Conv2d(60, 120, 1), nn.SiLU())
        self.head = nn.Linear(120, 6625)

    def forward(self, image):
        seen = F.avg_pool2d(self.body(image), (3, 2), (3, 2))
        x = self.narrow(seen)
        x = self.mixers(x.flatten(2).transpose(1, 2)).transpose(1, 2).unsqueeze(2)
        x = self.join(torch.cat((seen, self.widen(x)), 1))
        return self.head(x.squeeze(2).transpose(1, 2)).softmax(2)


def words(dtype, batch, length):
    ids = torch.randint(1000, VOCABULARY, (batch, length), device="cuda")
    return ids, torch.ones_like(ids), torch.zeros_like(ids)


def images(dtype, *shape):
    return (torch.rand(*shape, device="cuda", dtype=dtype) * 2 - 1,)


# The class, its inputs, and the shapes.
MODELS = {
    "minilm": (Encoder, words, [(1, 128), (32, 128)]),
    "ocr": (Recognizer, images, [(1, 3, 48, 320), (6, 3, 48, 320)]),
}


class Variant:
    """One model at one shape, and what was measured of it."""

    def __init__(self, name, call, shape, inputs):
        self.name, self.shape, self.times, self.medians = name, "x".join(map(str, shape)), [], []
        self.call = lambda: call(*inputs)

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


def variants(kind, compiled):
    architecture, inputs, shapes = MODELS[kind]
    for precision, dtype in (("FP32", torch.float32), ("FP16", torch.float16)):
        model = architecture().eval().to("cuda", dtype)
        for shape in shapes:
            yield Variant(f"eager {precision}", model, shape, inputs(dtype, *shape))
        if precision in compiled:
            # Of fixed shapes: each gets a compilation of its own.
            fast = torch.compile(model, mode="reduce-overhead", dynamic=False)
            for shape in shapes:
                yield Variant(f"torch.compile reduce-overhead {precision}", fast, shape, inputs(dtype, *shape))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--model", choices=MODELS, default="minilm")
    parser.add_argument("--iterations", type=int, default=1000)
    parser.add_argument("--compile", default="FP32,FP16", help="which precisions to compile, or none")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--patience", type=float, default=600, help="seconds to wait for a round's file")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    torch.backends.cuda.matmul.allow_tf32 = False

    with torch.inference_mode():
        all_variants = list(variants(arguments.model, arguments.compile.split(",")))
        for variant in all_variants:
            variant.warm_up()
            print("ready:", variant.name, variant.shape, flush=True)
        for number in range(1, arguments.rounds + 1):
            if number > 1 and not wait(arguments.folder / f"round-{number}", arguments.patience):
                break
            for _ in range(BLOCKS):
                for variant in all_variants:
                    variant.block(arguments.iterations // BLOCKS)
            write(arguments.folder, arguments.model, [variant.row() for variant in all_variants], number)


def wait(file, patience):
    """Waits until others, which measure in between, ask for the next round."""
    end = time.monotonic() + patience
    while not file.exists():
        if time.monotonic() > end:
            return False
        time.sleep(0.2)
    return True


def write(folder, kind, rows, rounds):
    machine = {"pytorch": torch.__version__, "cuda": torch.version.cuda, "gpu": torch.cuda.get_device_name()}
    (folder / f"pytorch-{kind}.json").write_text(json.dumps({**machine, "rounds": rounds, "rows": rows}, indent=2))
    lines = [f"PyTorch {machine['pytorch']}, CUDA {machine['cuda']}, {machine['gpu']}, {rounds} rounds", ""]
    lines += ["| | shape | p50 ms | p95 ms | least ms |", "|---|---|---|---|---|"]
    lines += [f"| {r['what']} | {r['shape']} | {r['p50 ms']} | {r['p95 ms']} | {r['least ms']} |" for r in rows]
    (folder / f"pytorch-{kind}.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines), flush=True)
    (folder / f"round-{rounds}-done").touch()


if __name__ == "__main__":
    main()
