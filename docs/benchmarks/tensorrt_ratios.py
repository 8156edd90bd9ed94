"""Sets what TensorRtBenchmark measured beside what pytorch_gpu.py measured on the same GPU.

Prints, for each model that was measured with its data on the device and CUDA graphs, how many times faster it is than each
variant of PyTorch at the same shape, with the 95 % interval of the ratio of the geometric means of the blocks' medians
(Welch's, on logarithms; the blocks of two processes are no pairs).

    python3 tensorrt_ratios.py PYTORCH_JSON MINILM_JSON...
"""

import json
import math
import pathlib
import statistics
import sys

MEDIANS = "medians of blocks ms"
# Two-sided 95 % quantiles of Student's t, by degrees of freedom; between them the next smaller one's is taken.
T = {5: 2.571, 8: 2.306, 10: 2.228, 15: 2.131, 20: 2.086, 30: 2.042, 60: 2.0, 1000: 1.962}


def quantile(freedom):
    return T[max((k for k in T if k <= freedom), default=5)]


def ratio(slow, fast):
    a, b = ([math.log(x) for x in values] for values in (slow, fast))
    va, vb = statistics.variance(a) / len(a), statistics.variance(b) / len(b)
    spread = va + vb
    freedom = spread**2 / (va**2 / (len(a) - 1) + vb**2 / (len(b) - 1)) if spread else 1000
    middle, half = statistics.mean(a) - statistics.mean(b), quantile(freedom) * math.sqrt(spread)
    return tuple(math.exp(x) for x in (middle, middle - half, middle + half))


def main():
    torch_rows = json.loads(pathlib.Path(sys.argv[1]).read_text())["rows"]
    print("| inferc | p50 ms | beside | its p50 ms | times faster | 95 % |\n|---|---|---|---|---|---|")
    for file in sys.argv[2:]:
        if file.endswith("-layers.json"):  # a pattern catches them too
            continue
        for row in json.loads(pathlib.Path(file).read_text()):
            if "RESIDENT, CUDA graphs" not in row["what"]:
                continue
            for other in torch_rows:
                if other["shape"] in row["what"]:
                    middle, low, high = ratio(other[MEDIANS], row["inferc, " + MEDIANS])
                    print(f"| {row['what']} | {row['inferc p50 ms']} | {other['what']} | {other['p50 ms']}"
                          f" | {middle:.2f} | {low:.2f}–{high:.2f} |")


if __name__ == "__main__":
    main()
