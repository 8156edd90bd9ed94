"""Quantizes all-MiniLM-L6-v2 with NNCF's post-training quantization, on the samples that inferc calibrates on.

NncfComparison writes both files, and measures the result:

    python3 nncf_minilm.py all-minilm-l6-v2.onnx samples.jsonl nncf.xml
"""

import json
import sys

import nncf
import numpy as np
import openvino as ov


def request(ids):
    ids = np.array([ids], dtype=np.int64)
    return {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}


def main():
    source, samples, target = sys.argv[1:4]
    with open(samples) as lines:
        rows = [json.loads(line) for line in lines]
    model = nncf.quantize(
        ov.Core().read_model(source),
        nncf.Dataset(rows, request),
        preset=nncf.QuantizationPreset.MIXED,
        model_type=nncf.ModelType.TRANSFORMER,
        subset_size=len(rows),
    )
    ov.save_model(model, target, compress_to_fp16=False)
    count = sum(op.get_type_name() == "FakeQuantize" for op in model.get_ops())
    print(f"NNCF {nncf.__version__}, OpenVINO {ov.__version__}, {count} quantized activations, {len(rows)} samples")


if __name__ == "__main__":
    main()
