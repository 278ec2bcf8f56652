#!/usr/bin/env python3
"""The linear layers of a model of Llama-3.1-8B's shape alone, as vLLM's kernels compute them, against the number of rows (requests at once).

  linear_layers.py [OUT.csv]    on the GPU machine, after vllm_make.sh and with vllm_env.sh sourced: a table of milliseconds a decode step

All four layers of a decoder layer (QKV, output, gate and up, down), eight decoder layers with weights of their own so that no cache holds
them, recorded as one CUDA graph, the median of 30 replays, times 4 for the 32 layers of the model. bf16: torch's linear. fp8, int8: vLLM's cutlass_scaled_mm with a scale
a row of the activations and a scale a column of the weights. Quantizing the activations is not in it, nor is attention.
"""
import statistics
import sys

import torch
import vllm._custom_ops as ops

WIDTH, INNER, KV = 4096, 14336, 1024
SHAPES = [(WIDTH, WIDTH + 2 * KV), (WIDTH, WIDTH), (WIDTH, 2 * INNER), (INNER, WIDTH)]   # inputs, outputs
LAYERS, OF_THE_MODEL = 8, 32
ROWS = [1, 2, 4, 8, 16, 17, 20, 24, 28, 32, 33, 40, 48, 56, 64, 65, 72, 96, 128, 160, 256]


def weights_of(kind):
    for inputs, outputs in SHAPES:
        w = torch.randn(outputs, inputs, device="cuda") * 0.02
        if kind == "bf16":
            yield w.to(torch.bfloat16), None
        else:
            largest = 448.0 if kind == "fp8" else 127.0
            scale = w.abs().amax(dim=1, keepdim=True) / largest
            q = w / scale
            q = q.to(torch.float8_e4m3fn) if kind == "fp8" else q.round().to(torch.int8)
            yield q.t(), scale


def inputs_of(kind, rows):
    of = {}
    for width in {s[0] for s in SHAPES}:
        x = torch.randn(rows, width, device="cuda")
        if kind == "bf16":
            of[width] = (x.to(torch.bfloat16), None)
        else:
            scale = x.abs().amax(dim=1, keepdim=True) / (448.0 if kind == "fp8" else 127.0)
            q = x / scale
            of[width] = (q.to(torch.float8_e4m3fn) if kind == "fp8" else q.round().to(torch.int8), scale)
    return of


def step(kind, layers, inputs):
    for layer in layers:
        for (w, w_scale), (width, _) in zip(layer, SHAPES):
            x, x_scale = inputs[width]
            if kind == "bf16":
                torch.nn.functional.linear(x, w)
            else:
                ops.cutlass_scaled_mm(x, w, x_scale, w_scale, torch.bfloat16)


def milliseconds(kind, layers, rows):
    inputs = inputs_of(kind, rows)
    for _ in range(3):
        step(kind, layers, inputs)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step(kind, layers, inputs)
    times = []
    for _ in range(30):
        began, ended = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
        began.record()
        graph.replay()
        ended.record()
        torch.cuda.synchronize()
        times.append(began.elapsed_time(ended))
    return statistics.median(times) * OF_THE_MODEL / LAYERS


def main(out=None):
    torch.manual_seed(1)
    table = {}
    for kind in ("bf16", "fp8", "int8"):
        layers = [list(weights_of(kind)) for _ in range(LAYERS)]
        for rows in ROWS:
            table.setdefault(rows, {})[kind] = milliseconds(kind, layers, rows)
        del layers
    lines = ["rows,bf16_ms,fp8_ms,int8_ms,fp8_gain,int8_gain"]
    for rows, t in table.items():
        lines.append(f"{rows},{t['bf16']:.3f},{t['fp8']:.3f},{t['int8']:.3f},{t['bf16'] / t['fp8']:.3f},{t['bf16'] / t['int8']:.3f}")
    text = "\n".join([f"# {torch.cuda.get_device_name()}, torch {torch.__version__}"] + lines) + "\n"
    print(text, end="")
    if out:
        with open(out, "w") as file:
            file.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
