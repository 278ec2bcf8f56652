#!/usr/bin/env python3
"""Other load clients beside ours against the same server of known send times: CPU a token, TTFT and gaps. See client_peers.sh."""
import json, os, resource, subprocess, sys, tempfile

from cost import FIRST_MS, TOKENS, Metronome, floor, ours, quantile

STREAMS, GAP_MS, TURNS = 256, 10, 4
VLLM, TOKENIZER = sys.argv[3], sys.argv[4]


def cpu_of(words, folder):
    """User and system seconds of a command and all that it started."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with open(os.path.join(folder, "peer.log"), "w") as log:
        subprocess.run(words, check=True, stdout=log, stderr=subprocess.STDOUT, timeout=600, cwd=folder, env={**os.environ, "HF_HUB_OFFLINE": "1"})
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def vllm(port, requests, streams, folder):
    """Seconds of CPU, and its result file."""
    cpu = cpu_of([VLLM, "bench", "serve", "--backend", "openai", "--base-url", f"http://127.0.0.1:{port}", "--endpoint", "/v1/completions", "--model", "metronome", "--tokenizer", TOKENIZER,
                  "--dataset-name", "random", "--random-input-len", "64", "--random-output-len", str(TOKENS), "--ignore-eos", "--num-prompts", str(requests), "--max-concurrency", str(streams),
                  "--save-result", "--save-detailed", "--result-filename", "vllm.json", "--disable-tqdm"], folder)
    with open(os.path.join(folder, "vllm.json")) as f:
        return cpu, json.load(f)


def row(name, us, ratio, ttft, gaps):
    show = lambda xs: "n/a" if not xs else " / ".join(f"{quantile(xs, q):.2f}" for q in (0.5, 0.99))
    print(f"{name:<18} {us:8.1f} us of CPU a token, {ratio:5.2f} times the floor; TTFT p50 / p99 {show(ttft)} ms; gap p50 / p99 {show(gaps)} ms", flush=True)


with tempfile.TemporaryDirectory() as folder:
    server = Metronome(folder, GAP_MS, [])
    floor_cpu, _ = floor(server.port, STREAMS, TURNS)
    tokens = STREAMS * TURNS * TOKENS
    row("floor", floor_cpu / tokens * 1e6, 1, [], [])
    bench, records, _, _ = ours(server.port, folder, STREAMS, TURNS)
    gaps = [(b - a) / 1e6 for r in records for a, b in zip(r["event_ns"], r["event_ns"][1:])]
    row("quantcase bench", bench["client_cpu_s"] / tokens * 1e6, bench["client_cpu_s"] / floor_cpu, [(r["first_ns"] - r["sent_ns"]) / 1e6 for r in records], gaps)
    if os.path.exists(VLLM) and os.path.exists(TOKENIZER):
        few, _ = vllm(server.port, 1, 1, folder)       # what it takes to start
        many, result = vllm(server.port, STREAMS * TURNS, STREAMS, folder)
        row("vllm bench serve", (many - few) / tokens * 1e6, (many - few) / floor_cpu, [t * 1e3 for t in result["ttfts"]], [g * 1e3 for each in result["itls"] for g in each])
    else:
        print("vllm bench serve: not set up (make test-vllm sets it up)")
    truth = [t for t in server.truth().values()]
    true_gaps = [(b - a) / 1e6 for t in truth for a, b in zip(t, t[1:])]
    print(f"{'the truth':<18} first token {FIRST_MS} to {FIRST_MS + GAP_MS} ms after the request; gap p50 / p99 {quantile(true_gaps, 0.5):.2f} / {quantile(true_gaps, 0.99):.2f} ms over all clients")
