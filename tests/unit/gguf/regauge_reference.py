#!/usr/bin/env python3
"""Re-gauges support/tiny_llama.h's model a second time, on its own: prints the SHA-256 that regauge_test.cpp expects.

usage: regauge_reference.py [SEED]    (standard library only; the plain one's sum comes first)
"""
import hashlib
import struct
import sys

MASK = (1 << 64) - 1
HEADS, KV_HEADS, SPAN = 4, 2, 0.5


def f32(x):
    return struct.unpack("<f", struct.pack("<f", x))[0]


def bf16(x):
    bits = struct.unpack("<I", struct.pack("<f", x))[0]
    keep, cut = bits >> 16, bits & 0xFFFF
    return keep + (cut > 0x8000 or (cut == 0x8000 and keep & 1))


def scramble(z):
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def gains(seed, name, n):
    fnv = 0xCBF29CE484222325
    for byte in name.encode():
        fnv = ((fnv ^ byte) * 0x100000001B3) & MASK
    state = scramble((seed + scramble(fnv)) & MASK)
    out = []
    for _ in range(n):
        state = (state + 0x9E3779B97F4A7C15) & MASK
        u = (scramble(state) >> 11) / 2**53
        out.append(f32(2.0 ** ((2 * u - 1) * SPAN)))
    return out


SHAPES = [("token_embd.weight", (3, 8)), ("blk.0.attn_norm.weight", (8,)), ("blk.0.attn_q.weight", (8, 8)), ("blk.0.attn_k.weight", (4, 8)),
          ("blk.0.attn_v.weight", (4, 8)), ("blk.0.attn_v.bias", (4,)), ("blk.0.attn_output.weight", (8, 8)), ("blk.0.ffn_norm.weight", (8,)),
          ("blk.0.ffn_gate.weight", (32, 8)), ("blk.0.ffn_up.weight", (32, 8)), ("blk.0.ffn_down.weight", (8, 32)), ("output_norm.weight", (8,))]


def model():
    out, start = {}, 0
    for name, shape in SHAPES:
        start += 11
        rows, columns = shape if len(shape) == 2 else (1, shape[0])
        steps = [(start + i * 37) % 127 - 63 for i in range(rows * columns)]
        flat = [(64 if s == 0 else s) / 64 for s in steps]
        out[name] = [flat[r * columns:(r + 1) * columns] for r in range(rows)]
    return out


def regauge(w, seed):
    def times_columns(name, g):
        w[name] = [[f32(x * t) for x, t in zip(row, g)] for row in w[name]]

    def over_columns(name, g):
        w[name] = [[f32(x / t) for x, t in zip(row, g)] for row in w[name]]

    def times_rows(name, g):
        w[name] = [[f32(x * t) for x in row] for row, t in zip(w[name], g)]

    b = "blk.0."
    for norm, readers in (("attn_norm", ("attn_q", "attn_k", "attn_v")), ("ffn_norm", ("ffn_gate", "ffn_up"))):
        t = gains(seed, b + norm, 8)
        times_columns(b + norm + ".weight", t)
        for reader in readers:
            over_columns(b + reader + ".weight", t)
    s = gains(seed, b + "attn_v", 4)
    times_rows(b + "attn_v.weight", s)
    times_columns(b + "attn_v.bias", s)
    over_columns(b + "attn_output.weight", [s[row] for row in (0, 1, 0, 1, 2, 3, 2, 3)])  # heads 0 and 1 read value head 0, 2 and 3 read 1
    s = gains(seed, b + "ffn_up", 32)
    times_rows(b + "ffn_up.weight", s)
    over_columns(b + "ffn_down.weight", s)


def text(s):
    return struct.pack("<Q", len(s)) + s.encode()


def gguf(w):
    keys = [("general.architecture", 8, text("llama")), ("general.file_type", 4, struct.pack("<I", 32)), ("general.name", 8, text("tiny"))]
    keys += [("llama." + k, 4, struct.pack("<I", v)) for k, v in (("block_count", 1), ("attention.head_count", HEADS), ("attention.head_count_kv", KV_HEADS))]
    head = b"GGUF" + struct.pack("<IQQ", 3, len(SHAPES), len(keys))
    for name, kind, value in keys:
        head += text(name) + struct.pack("<I", kind) + value
    data = b""
    for name, shape in SHAPES:
        flat = [x for row in w[name] for x in row]
        matrix = len(shape) == 2
        head += text(name) + struct.pack("<I", len(shape)) + b"".join(struct.pack("<Q", d) for d in reversed(shape))
        head += struct.pack("<IQ", 30 if matrix else 0, len(data))
        data += b"".join(struct.pack("<H", bf16(x)) if matrix else struct.pack("<f", x) for x in flat)
        data += bytes(-len(data) % 32)
    return head + bytes(-len(head) % 32) + data


seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
weights = model()
print("plain   ", hashlib.sha256(gguf(weights)).hexdigest())
regauge(weights, seed)
print("seed", seed, hashlib.sha256(gguf(weights)).hexdigest())
