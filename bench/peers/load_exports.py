"""Loads one export with the tool's own code. load_exports.py FORMAT FOLDER: exit 0 loaded, 2 the tool is not installed, 1 its loader refuses."""
import json
import sys
from pathlib import Path


def guidellm(folder):
    """The loader behind `guidellm benchmark from-file`; its computed fields must agree with what we wrote."""
    from guidellm.benchmark.schemas.report import GenerativeBenchmarksReport
    for path in sorted(folder.glob("*.json")):
        report = GenerativeBenchmarksReport.load_file(path)
        raw = json.loads(path.read_text())
        for benchmark, told in zip(report.benchmarks, raw["benchmarks"]):
            for request, row in zip(benchmark.requests.successful, told["requests"]["successful"]):
                for name in ("time_to_first_token_ms", "inter_token_latency_ms", "time_per_output_token_ms", "output_tokens", "request_latency"):
                    ours, theirs = row[name], getattr(request, name)
                    assert (ours is None) == (theirs is None) and (ours is None or abs(ours - theirs) <= 1e-2 + 1e-6 * abs(theirs)), (path, name, ours, theirs)
        yield f"{path.name}: {len(report.benchmarks)} benchmarks"


def aiperf(folder):
    """The models behind aiperf's own exports, and behind `aiperf plot`."""
    from aiperf.common.models import MetricRecordInfo
    from aiperf.common.models.export_models import JsonExportData
    from aiperf.plot.core.data_loader import DataLoader
    for path in sorted(folder.glob("*/profile_export_aiperf.json")):
        data = JsonExportData.model_validate_json(path.read_text())
        lines = [MetricRecordInfo.model_validate_json(line) for line in path.with_name("profile_export.jsonl").read_text().splitlines()]
        assert data.request_latency is not None and len(lines) > 0
        run = DataLoader().load_run(path.parent)
        yield f"{path.parent.name}: {len(lines)} records, {len(run.requests)} in `aiperf plot`"


def vllm(folder):
    """What vLLM's compare scripts and `vllm bench sweep plot` do with a result: json.load, a data frame, columns by name."""
    import pandas
    runs = json.loads((folder / "summary.json").read_text())
    frame = pandas.DataFrame.from_records(runs)
    needed = ["model_id", "completed", "max_concurrency", "request_throughput", "total_token_throughput", "output_throughput"]
    needed += [f"{s}_{m}_ms" for s in ("mean", "median", "p99", "std") for m in ("ttft", "tpot", "itl")] + ["p99_e2el_ms"]
    missing = [name for name in needed if name not in frame.columns]
    assert not missing and frame[needed[1:]].notna().all().all(), missing
    for path in sorted(folder.glob("serving_*.json")):
        run = json.loads(path.read_text())
        assert len({len(run[k]) for k in ("input_lens", "output_lens", "ttfts", "itls", "start_times", "errors")}) == 1, path
    yield f"summary.json: {len(runs)} runs, columns of compare-json-results.py and of sweep/plot.py"


def sglang(folder):
    """sglang has no loader of its own: its users read the lines into a data frame."""
    import pandas
    for path in sorted(folder.glob("*.jsonl")):
        frame = pandas.read_json(path, lines=True)
        for name in ("max_concurrency", "output_throughput", "median_ttft_ms", "p99_itl_ms", "mean_e2e_latency_ms", "concurrency"):
            assert frame[name].notna().all(), (path, name)
        yield f"{path.name}: {len(frame)} runs"


if __name__ == "__main__":
    loader, where = globals()[sys.argv[1]], Path(sys.argv[2])
    try:
        found = list(loader(where))
    except ImportError as missing:
        print(f"skipped: {missing}")
        sys.exit(2)
    assert found, "nothing to load"
    print("\n".join(found))
