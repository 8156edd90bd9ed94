"""Serves a small language model by llama.cpp's own server on loopback, until it is ended.

    serve_llamacpp.py FOLDER PORT [KEY]

The model is called "tiny": two layers of random weights over a vocabulary of made-up words, which answers each prompt by
words, the same ones each time if nothing is drawn, and never ends by itself where ignore_eos is asked for. With KEY,
requests must have it. INFERC_WIDTH and INFERC_LAYERS in the environment make it larger, and INFERC_PROCESSOR has the
number of a processor that it stays on.

FOLDER keeps a virtual environment of what pip installs, which the next run finds there. With the folder alone, nothing
else is done.
"""

import os
import pathlib
import signal
import sys

# llama.cpp with its server as a wheel. The bindings that most use come as sources, take minutes to compile, and have a
# server of their own, which answers one request at a time.
PACKAGES = ["xllamacpp==2026.10.11549", "gguf==0.19.0"]

CONTEXT = 4096
SLOTS = 4
# A wider model takes longer for each token, for measurements that a client's own work must not matter to.
WIDTH, LAYERS = int(os.environ.get("INFERC_WIDTH", "64")), int(os.environ.get("INFERC_LAYERS", "2"))
HIDDEN, HEADS = 2 * WIDTH, 4

SYLLABLES = [a + b for a in "bdfgklmnprst" for b in "aeiou"]
CHAT = (
    "{% for message in messages %}{{ message['role'] + ': ' + message['content'] + '\\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ 'assistant:' }}{% endif %}"
)


def vocabulary(types):
    """Tokens with their types: what SentencePiece always has, each byte, ASCII, and words to answer by."""
    tokens = [("<unk>", types.UNKNOWN), ("<s>", types.CONTROL), ("</s>", types.CONTROL)]
    tokens += [("<0x%02X>" % byte, types.BYTE) for byte in range(256)]
    tokens += [(chr(code), types.NORMAL) for code in range(33, 127)] + [("\u2581", types.NORMAL)]
    words = len(tokens)
    tokens += [("\u2581" + a + b, types.NORMAL) for a in SYLLABLES[:16] for b in SYLLABLES[:32]]
    return tokens, words


def write_model(path):
    import gguf
    import numpy

    random = numpy.random.default_rng(1)
    tokens, words = vocabulary(gguf.TokenType)
    writer = gguf.GGUFWriter(str(path), "llama")
    writer.add_name("tiny")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(LAYERS)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_rope_dimension_count(WIDTH // HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([text for text, _ in tokens])
    writer.add_token_scores([-float(i) for i in range(len(tokens))])
    writer.add_token_types([kind for _, kind in tokens])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    writer.add_unk_token_id(0)
    writer.add_chat_template(CHAT)

    def add(name, *shape):
        writer.add_tensor(name, random.normal(0, 0.5, shape).astype(numpy.float32))

    def add_norm(name):
        writer.add_tensor(name, numpy.ones(WIDTH, numpy.float32))

    add("token_embd.weight", len(tokens), WIDTH)
    add_norm("output_norm.weight")
    output = random.normal(0, 0.5, (len(tokens), WIDTH)).astype(numpy.float32)
    # All but words stay at 0, where the best word is far above: each token of an answer is text.
    output[:words] = 0
    writer.add_tensor("output.weight", output)
    for layer in range(LAYERS):
        block = "blk.%d." % layer
        add_norm(block + "attn_norm.weight")
        for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
            add(block + name + ".weight", WIDTH, WIDTH)
        add_norm(block + "ffn_norm.weight")
        add(block + "ffn_gate.weight", HIDDEN, WIDTH)
        add(block + "ffn_up.weight", HIDDEN, WIDTH)
        add(block + "ffn_down.weight", WIDTH, HIDDEN)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def serve(path, port, key):
    import xllamacpp

    if "INFERC_PROCESSOR" in os.environ:
        os.sched_setaffinity(0, {int(os.environ["INFERC_PROCESSOR"])})
    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(path)
    parameters.model_alias = {"tiny"}
    parameters.hostnames = ["127.0.0.1"]
    parameters.port = port
    parameters.api_keys = [key] if key else []
    parameters.n_ctx = CONTEXT
    parameters.n_parallel = SLOTS
    # The one who asks computes on the other cores.
    parameters.cpuparams.n_threads = 1
    parameters.cpuparams_batch.n_threads = 1
    parameters.ui = False
    server = xllamacpp.Server(parameters)
    print("llama.cpp at", server.listening_address, flush=True)
    signal.pause()


def main():
    folder = pathlib.Path(sys.argv[1]).resolve()
    if os.environ.get("INFERC_SERVING") == "llama.cpp":
        model = folder / "tiny.gguf"
        write_model(model)
        serve(model, int(sys.argv[2]), sys.argv[3] if len(sys.argv) > 3 else "")
        return
    from server_environment import python_of

    folder.mkdir(parents=True, exist_ok=True)
    python = python_of(folder, PACKAGES)
    if len(sys.argv) > 2:
        os.environ["INFERC_SERVING"] = "llama.cpp"
        os.execv(str(python), [str(python)] + sys.argv)


if __name__ == "__main__":
    main()
