#!/usr/bin/env python3
"""A BF16 GGUF file of a real model's shape with random weights: speed and memory depend on shapes only, so no weights need travel.

  make_gguf.py vocabulary SAMPLE.gguf VOCAB.bin    keeps the tokenizer's metadata of a real file (2 MB)
  make_gguf.py model VOCAB.bin OUT.gguf            Llama-3.1-8B's shape; needs numpy (16 GB, about 20 s)
"""
import struct
import sys

# Llama-3.1-8B's config.json.
LAYERS, WIDTH, HEADS, KV_HEADS, FFN, VOCAB, CONTEXT = 32, 4096, 32, 8, 14336, 128256, 131072
ALIGN, BF16, F32 = 32, 30, 0
U32, FLOAT, STRING, ARRAY, I32 = 4, 6, 8, 9, 5
SIZES = {0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8}


def string(text):
    data = text if isinstance(text, bytes) else text.encode()
    return struct.pack("<Q", len(data)) + data


class Reader:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data, self.at = file.read(64 << 20), 0

    def take(self, form):
        values = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize("<" + form)
        return values[0]

    def text(self):
        n = self.take("Q")
        self.at += n
        return self.data[self.at - n:self.at]

    def skip(self, kind):
        if kind == STRING:
            self.text()
        elif kind == ARRAY:
            inner, n = self.take("I"), self.take("Q")
            if inner == STRING:
                for _ in range(n):
                    self.text()
            else:
                self.at += n * SIZES[inner]
        else:
            self.at += SIZES[kind]

    def tokenizer(self):
        """name -> (type, raw bytes) of every tokenizer.* key."""
        assert self.take("I") == 0x46554747, "not a GGUF file"
        self.take("I"), self.take("Q")
        kept = {}
        for _ in range(self.take("Q")):
            name, kind = self.text().decode(), self.take("I")
            start = self.at
            self.skip(kind)
            if name.startswith("tokenizer."):
                kept[name] = (kind, self.data[start:self.at])
        return kept


def padded(kept):
    """The vocabulary filled up to the shape's size with words that no text is split into."""
    kind, raw = kept["tokenizer.ggml.tokens"]
    have = struct.unpack_from("<Q", raw, 4)[0]
    more = b"".join(string(f"pad{i}") for i in range(have, VOCAB))
    kept["tokenizer.ggml.tokens"] = (kind, struct.pack("<IQ", STRING, VOCAB) + raw[12:] + more)
    kind, raw = kept["tokenizer.ggml.token_type"]
    kept["tokenizer.ggml.token_type"] = (kind, struct.pack("<IQ", I32, VOCAB) + raw[12:] + struct.pack("<i", 1) * (VOCAB - have))
    return kept


def tensors():
    kv = WIDTH // HEADS * KV_HEADS
    yield "token_embd.weight", (WIDTH, VOCAB)
    for i in range(LAYERS):
        for name, shape in (("attn_norm", (WIDTH,)), ("attn_q", (WIDTH, WIDTH)), ("attn_k", (WIDTH, kv)), ("attn_v", (WIDTH, kv)),
                            ("attn_output", (WIDTH, WIDTH)), ("ffn_norm", (WIDTH,)), ("ffn_gate", (WIDTH, FFN)), ("ffn_up", (WIDTH, FFN)),
                            ("ffn_down", (FFN, WIDTH))):
            yield f"blk.{i}.{name}.weight", shape
    yield "output_norm.weight", (WIDTH,)
    yield "output.weight", (WIDTH, VOCAB)


def model_keys():
    yield "general.architecture", STRING, string("llama")
    yield "general.name", STRING, string("Llama-3.1-8B's shape, random weights")
    yield "quantcase.weights", STRING, string("random")   # the report says so in every table; llama-quantize keeps it
    yield "general.file_type", U32, struct.pack("<I", 32)
    for key, value in (("block_count", LAYERS), ("context_length", CONTEXT), ("embedding_length", WIDTH), ("feed_forward_length", FFN),
                       ("attention.head_count", HEADS), ("attention.head_count_kv", KV_HEADS), ("rope.dimension_count", WIDTH // HEADS), ("vocab_size", VOCAB)):
        yield "llama." + key, U32, struct.pack("<I", value)
    yield "llama.attention.layer_norm_rms_epsilon", FLOAT, struct.pack("<f", 1e-5)
    yield "llama.rope.freq_base", FLOAT, struct.pack("<f", 500000.0)


def vocabulary(sample, out):
    with open(out, "wb") as file:
        for name, (kind, raw) in Reader(sample).tokenizer().items():
            file.write(string(name) + struct.pack("<IQ", kind, len(raw)) + raw)


def read_vocabulary(path):
    reader, kept = Reader(path), {}
    while reader.at < len(reader.data):
        name, kind, n = reader.text().decode(), reader.take("I"), reader.take("Q")
        kept[name] = (kind, reader.data[reader.at:reader.at + n])
        reader.at += n
    return kept


def model(vocab, out):
    import numpy
    keys = list(model_keys()) + [(name, kind, raw) for name, (kind, raw) in padded(read_vocabulary(vocab)).items()]
    infos, offset, sizes = b"", 0, []
    for name, shape in tensors():
        count, kind = numpy.prod(shape, dtype=numpy.int64), F32 if len(shape) == 1 else BF16
        infos += string(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", n) for n in shape) + struct.pack("<IQ", kind, offset)
        sizes.append((kind, int(count)))
        offset += -(-int(count) * (4 if kind == F32 else 2) // ALIGN) * ALIGN
    head = struct.pack("<IIQQ", 0x46554747, 3, len(sizes), len(keys))
    head += b"".join(string(name) + struct.pack("<I", kind) + raw for name, kind, raw in keys) + infos
    # One block of 16 M random values, read from another place for each tensor.
    block = (numpy.random.default_rng(1).normal(0, 0.02, (1 << 24) + 4096).astype("<f4").view("<u4") >> 16).astype("<u2")
    with open(out, "wb") as file:
        file.write(head + b"\0" * (-len(head) % ALIGN))
        for number, (kind, count) in enumerate(sizes):
            if kind == F32:
                file.write(numpy.ones(count, "<f4").tobytes())
                continue
            start = (number * 37) % 4096
            for done in range(0, count, 1 << 24):
                file.write(block[start:start + min(1 << 24, count - done)].tobytes())


{"vocabulary": vocabulary, "model": model}[sys.argv[1]](*sys.argv[2:])
