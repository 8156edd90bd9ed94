"""Exports small transformers with random weights for FusionBenchmark, by both exporters of PyTorch.

Tried with torch 2.15.0 and transformers 5.24.0; needs onnx and onnxscript:
    python export_transformers.py FOLDER [MODEL-EXPORTER-ATTENTION-OPSET ...]
where MODEL is bert, distilbert, vit, gpt2, llama or t5, EXPORTER is ts (traces TorchScript) or dy
(traces graphs), ATTENTION is eager or sdpa, and OPSET is a number. Each has four layers of width
384; weights are twice what they are drawn as, so that scores differ.
"""

import os
import sys

import torch
import transformers as t

LAYERS = 4
WIDTH = 384
WORDS = 1000
DEFAULTS = [
    "bert-dy-sdpa-18",
    "bert-dy-sdpa-23",
    "bert-ts-sdpa-17",
    "bert-ts-eager-17",
    "vit-dy-sdpa-18",
    "vit-dy-sdpa-23",
    "gpt2-dy-sdpa-18",
    "t5-dy-sdpa-18",
]


def build(kind, attention):
    how = {"attn_implementation": attention}
    if kind == "bert":
        config = t.BertConfig(
            vocab_size=WORDS, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=12,
            intermediate_size=4 * WIDTH, **how)
        return t.BertModel(config, add_pooling_layer=False)
    if kind == "distilbert":
        config = t.DistilBertConfig(
            vocab_size=WORDS, dim=WIDTH, n_layers=LAYERS, n_heads=6, hidden_dim=4 * WIDTH, **how)
        return t.DistilBertModel(config)
    if kind == "vit":
        config = t.ViTConfig(
            hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=6,
            intermediate_size=4 * WIDTH, **how)
        return t.ViTModel(config, add_pooling_layer=False)
    if kind == "gpt2":
        config = t.GPT2Config(
            vocab_size=WORDS, n_embd=WIDTH, n_layer=LAYERS, n_head=6, n_positions=512, **how)
        return t.GPT2Model(config)
    if kind == "llama":
        config = t.LlamaConfig(
            vocab_size=WORDS, hidden_size=WIDTH, num_hidden_layers=LAYERS, num_attention_heads=6,
            num_key_value_heads=2, intermediate_size=1024, max_position_embeddings=512, **how)
        return t.LlamaModel(config)
    if kind == "t5":
        config = t.T5Config(
            vocab_size=WORDS, d_model=WIDTH, d_kv=64, num_layers=LAYERS, num_heads=6, d_ff=1024,
            **how)
        return t.T5EncoderModel(config)
    raise SystemExit(f"no model {kind}")


class Whole(torch.nn.Module):
    """Returns the last layer alone, from inputs in a fixed order."""

    def __init__(self, model, kind):
        super().__init__()
        self.model = model
        self.decoder = {"use_cache": False} if kind in ("gpt2", "llama") else {}
        self.image = kind == "vit"

    def forward(self, first, attention_mask=None):
        if self.image:
            return self.model(pixel_values=first).last_hidden_state
        return self.model(
            input_ids=first, attention_mask=attention_mask, **self.decoder).last_hidden_state


def export(folder, name):
    kind, exporter, attention, opset = name.split("-")
    torch.manual_seed(1)
    model = build(kind, attention).eval()
    with torch.no_grad():
        for parameter_name, parameter in model.named_parameters():
            if parameter.dim() > 1:
                parameter.mul_(2.0)
            elif "bias" in parameter_name:
                parameter.normal_(0, 0.05)
    if kind == "vit":
        inputs, names = (torch.randn(2, 3, 224, 224),), ["pixel_values"]
        open_sizes = [{0: "batch"}]
    else:
        mask = torch.ones(2, 16, dtype=torch.int64)
        mask[1, 11:] = 0
        inputs, names = (torch.randint(0, WORDS, (2, 16)), mask), ["input_ids", "attention_mask"]
        open_sizes = [{0: "batch", 1: "length"}] * 2
    path = os.path.join(folder, name + ".onnx")
    common = {"input_names": names, "output_names": ["y"], "opset_version": int(opset)}
    with torch.no_grad():
        if exporter == "ts":
            axes = dict(zip(names, open_sizes)) | {"y": open_sizes[0]}
            torch.onnx.export(
                Whole(model, kind), inputs, path, dynamic_axes=axes, dynamo=False, **common)
        else:
            shapes = tuple({axis: torch.export.Dim.DYNAMIC for axis in s} for s in open_sizes)
            program = torch.onnx.export(
                Whole(model, kind), inputs, dynamo=True, dynamic_shapes=shapes, verbose=False,
                **common)
            program.save(path, external_data=False)
    print(path, os.path.getsize(path))


if __name__ == "__main__":
    os.makedirs(sys.argv[1], exist_ok=True)
    for each in sys.argv[2:] or DEFAULTS:
        export(sys.argv[1], each)
