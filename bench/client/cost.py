#!/usr/bin/env python3
"""Runs bench_floor and `quantcase bench` in turns against bench_metronome and prints cost and error. See client_cost.sh."""
import json, os, signal, statistics, subprocess, sys, tempfile

BUILD, ROUNDS = sys.argv[1], int(sys.argv[2])
STREAMS, TURNS, TOKENS, GAP_MS, FIRST_MS = 256, 4, 128, 10, 50
LIMIT_COST, LIMIT_EVENT_US, LIMIT_FIRST_US = 1.25, 50, 100


def quantile(xs, q):
    xs = sorted(xs)
    place = q * (len(xs) - 1)
    low = int(place)
    return xs[low] + (xs[min(low + 1, len(xs) - 1)] - xs[low]) * (place - low)


class Metronome:
    def __init__(self, folder, *flags):
        self.log = os.path.join(folder, "truth")
        self.process = subprocess.Popen([f"{BUILD}/bench_metronome", "--first-ms", str(FIRST_MS), "--gap-ms", str(GAP_MS), "--log", self.log, *flags],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def truth(self):
        """Ends the server: X-Request-Id -> the instants at which its tokens were handed to the kernel."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        with open(self.log) as lines:
            return {fields[0]: list(map(int, fields[1:])) for fields in map(str.split, lines) if len(fields) > 1}


def floor(port):
    out = json.loads(subprocess.run([f"{BUILD}/bench_floor", str(port), str(STREAMS), str(STREAMS * TURNS), str(TOKENS)], check=True, stdout=subprocess.PIPE).stdout)
    return out["cpu_s"], out["requests"] * TOKENS / out["seconds"]


def ours(port, folder):
    files = [os.path.join(folder, name) for name in ("bench.json", "records.jsonl")]
    subprocess.run([f"{BUILD}/quantcase", "bench", "--url", f"http://127.0.0.1:{port}", "--concurrency", str(STREAMS), "--requests", str(STREAMS * TURNS), "--max-tokens", str(TOKENS),
                    "--prompts", "random:64", "--warmup", "0", "--quiet", "--json", files[0], "--records", files[1]], check=False)
    with open(files[0]) as f:
        bench = json.load(f)
    with open(files[1]) as f:
        return bench, [json.loads(line) for line in f]


def errors(records, truth):
    """Our instants minus the true ones, us: of first tokens (against sent + what the server took), and of all events."""
    first, every = [], []
    for r in records:
        true = truth.get(r["x_request_id"], [])
        if len(true) != len(r["event_ns"]):
            continue
        every += [abs(a - b) / 1e3 for a, b in zip(r["event_ns"], true)]
        first.append(abs(r["event_ns"][0] - true[0]) / 1e3)
    return first, every


def tell(name, flags):
    costs, ratios, rates, first, every, peak = [], [], [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            server = Metronome(folder, *flags)
            floor_cpu, floor_rate = floor(server.port)
            bench, records = ours(server.port, folder)
            truth = server.truth()
            tokens = bench["output_tokens"]
            costs.append(bench["client_cpu_s"] / tokens * 1e6)
            ratios.append(bench["client_cpu_s"] / floor_cpu)
            rates.append(tokens / bench["duration_s"] / floor_rate)
            peak.append(bench["client_peak_rss_mib"])
            f, e = errors(records, truth)
            first += f
            every += e
    ratio = statistics.median(ratios)
    print(f"{name}: {statistics.median(costs):.1f} us of CPU a token, {ratio:.2f} times the floor (limit {LIMIT_COST}); rate {statistics.median(rates):.3f} of the floor's; peak {max(peak):.0f} MiB; "
          f"event error p50 {quantile(every, .5):.0f} us, p99 {quantile(every, .99):.0f} us (limit {LIMIT_EVENT_US}); first token p99 {quantile(first, .99):.0f} us (limit {LIMIT_FIRST_US})")
    return ratio <= LIMIT_COST and quantile(every, .99) <= LIMIT_EVENT_US and quantile(first, .99) <= LIMIT_FIRST_US


results = [tell("lock-step tokens", []), tell("jittered tokens", ["--jitter"])]
sys.exit(0 if all(results) else 1)
