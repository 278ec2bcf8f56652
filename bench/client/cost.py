#!/usr/bin/env python3
"""Runs bench_floor and `quantcase bench` in turns against bench_metronome and prints cost, error, rate, memory, start and end. See client_cost.sh."""
import json, os, resource, signal, statistics, subprocess, sys, tempfile, time

BUILD, ROUNDS = sys.argv[1], int(sys.argv[2])
FIRST_MS, TOKENS = 50, 128
LIMITS = {"cost": 1.25, "event": 50, "first": 100, "rate": 0.98, "memory": 32, "stream": 32, "start": 50, "end": 200}


def quantile(xs, q):
    xs = sorted(xs)
    place = q * (len(xs) - 1)
    low = int(place)
    return xs[low] + (xs[min(low + 1, len(xs) - 1)] - xs[low]) * (place - low)


class Metronome:
    def __init__(self, folder, gap_ms, flags):
        self.log = os.path.join(folder, "truth")
        self.process = subprocess.Popen([f"{BUILD}/bench_metronome", "--first-ms", str(FIRST_MS), "--gap-ms", str(gap_ms), "--log", self.log, *flags],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.port = int(self.process.stdout.readline().split()[1])

    def truth(self):
        """Ends the server: X-Request-Id -> the instants at which its tokens were handed to the kernel."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        with open(self.log) as lines:
            return {fields[0]: list(map(int, fields[1:])) for fields in map(str.split, lines) if len(fields) > 1}


def floor(port, streams, turns):
    out = json.loads(subprocess.run([f"{BUILD}/bench_floor", str(port), str(streams), str(streams * turns), str(TOKENS)], check=True, stdout=subprocess.PIPE).stdout)
    return out["cpu_s"], out["requests"] * TOKENS / out["seconds"]


def ours(port, folder, streams, turns, extra=(), records=True):
    files = [os.path.join(folder, name) for name in ("bench.json", "records.jsonl")]
    begin = time.monotonic_ns()
    subprocess.run([f"{BUILD}/quantcase", "bench", "--url", f"http://127.0.0.1:{port}", "--concurrency", str(streams), "--requests", str(streams * turns), "--max-tokens", str(TOKENS),
                    "--prompts", "random:64", "--warmup", "0", "--quiet", "--json", files[0], *(["--records", files[1]] if records else []), *extra], check=False)
    end = time.monotonic_ns()
    with open(files[0]) as f:
        bench = json.load(f)
    if not records:
        return bench, [], begin, end
    with open(files[1]) as f:
        return bench, [json.loads(line) for line in f], begin, end


def errors(records, truth):
    """Our instants minus the true ones, us: of first tokens, and of all events."""
    first, every = [], []
    for r in records:
        true = truth.get(r["x_request_id"], [])
        if len(true) != len(r["event_ns"]):
            continue
        every += [abs(a - b) / 1e3 for a, b in zip(r["event_ns"], true)]
        first.append(abs(r["event_ns"][0] - true[0]) / 1e3)
    return first, every


def against_floor(name, streams, gap_ms, flags, extra=(), turns=4):
    """Both in turns. All figures of one kind of load."""
    seen = {key: [] for key in ("us", "cost", "rate", "first", "every", "memory", "start", "end")}
    how = "?"
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(ROUNDS):
            server = Metronome(folder, gap_ms, flags)
            floor_cpu, floor_rate = floor(server.port, streams, turns)
            bench, records, begin, end = ours(server.port, folder, streams, turns, extra)
            truth = server.truth()
            tokens = bench["output_tokens"]
            seen["us"].append(bench["client_cpu_s"] / tokens * 1e6)
            seen["cost"].append(bench["client_cpu_s"] / floor_cpu)
            seen["rate"].append(tokens / bench["duration_s"] / floor_rate)
            seen["start"].append((min(r["sent_ns"] for r in records) - begin) / 1e6)
            seen["end"].append((end - max(r["done_ns"] for r in records)) / 1e6)
            seen["memory"].append(bench["client_peak_rss_mib"])
            first, every = errors(records, truth)
            seen["first"] += first
            seen["every"] += every
            how = bench["receive"]
    at = {key: statistics.median(seen[key]) for key in ("us", "cost", "rate", "start", "end")}
    at["event"], at["token"], at["memory"] = quantile(seen["every"], 0.99), quantile(seen["first"], 0.99), max(seen["memory"])
    print(f"{name}, {how}: {at['us']:.1f} us of CPU a token, {at['cost']:.2f} times the floor; rate {at['rate']:.3f} of the floor's; event error p50 {quantile(seen['every'], .5):.0f} us, p99 {at['event']:.0f} us; "
          f"first token p99 {at['token']:.0f} us; first request after {at['start']:.0f} ms, over {at['end']:.0f} ms after the last token; peak {at['memory']:.0f} MiB with all records kept", flush=True)
    return at


def memory_of(streams, gap_ms, turns=1):
    """Peak MiB without records on disk, each stream open at once."""
    with tempfile.TemporaryDirectory() as folder:
        server = Metronome(folder, gap_ms, ["--jitter"])
        bench, _, _, _ = ours(server.port, folder, streams, turns, records=False)
        server.truth()
    return bench


def held(name, value, limit, least=False):
    good = value >= limit if least else value <= limit
    print(f"  {'met    ' if good else 'NOT MET'} {name}: {value:.3g} (limit {'at least ' if least else ''}{limit})", flush=True)
    return good


def main():
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    good = []
    for name, flags in (("lock-step", []), ("jittered", ["--jitter"])):
        at = against_floor(f"256 streams, 10 ms, {name}", 256, 10, flags)
        good += [held("CPU over the floor's", at["cost"], LIMITS["cost"]), held("event error p99, us", at["event"], LIMITS["event"]), held("first token error p99, us", at["token"], LIMITS["first"]),
                 held("rate over the floor's", at["rate"], LIMITS["rate"], True), held("first request, ms", at["start"], LIMITS["start"]), held("end, ms", at["end"], LIMITS["end"])]
    against_floor("256 streams, 10 ms, jittered", 256, 10, ["--jitter"], ["--receive", "epoll"])
    for streams, gap_ms in ((1024, 10), (256, 2)):
        at = against_floor(f"{streams} streams, {gap_ms} ms, jittered", streams, gap_ms, ["--jitter"])
        good.append(held("rate over the floor's", at["rate"], LIMITS["rate"], True))
    few, many = memory_of(256, 10), memory_of(10_000, 500)
    print(f"10,000 streams, a token every 500 ms: {many['requests_ok']} of 10000 answered whole, peak {many['client_peak_rss_mib']:.0f} MiB")
    good += [held("peak at 256 streams, MiB", few["client_peak_rss_mib"], LIMITS["memory"]),
             held("memory per open stream, KiB", (many["client_peak_rss_mib"] - few["client_peak_rss_mib"]) * 1024 / (10_000 - 256), LIMITS["stream"]), held("streams answered whole", many["requests_ok"], 10_000, True)]
    sys.exit(0 if all(good) else 1)


if __name__ == "__main__":
    main()
