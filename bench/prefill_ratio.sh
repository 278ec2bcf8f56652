#!/usr/bin/env bash
# prefill_ratio.sh: is the quick build of llama.cpp fair to the baseline? Its BF16 to Q4_0 prefill speed must stand in the
# ratio of the native build, within 10 %. Both builds take turns, three rounds, so that a drifting machine hits both.
# Exit status: 0 it is, 1 it is not, 2 it could not be tried.
source "$(dirname "${BASH_SOURCE[0]}")/../scripts/common.sh"
rounds=${ROUNDS:-3}
models=$cache/models/smollm2-135m-instruct

if [ ! -x "$cache/llama/quick/bin/llama-bench" ] || [ ! -x "$cache/llama/native/bin/llama-bench" ]; then
  say "PREFILL RATIO NOT CHECKED: it needs the quick and the native build of llama.cpp. Here: $(cd "$cache/llama" 2>/dev/null && echo *)"
  say "run: make llama-native   (about 10 minutes on 2 cores), then make bench again"
  exit 2
fi
for file in "$models-bf16.gguf" "$models-q4_0.gguf"; do
  [ -e "$file" ] || { say "PREFILL RATIO NOT CHECKED: $file is not there; make demo or make test makes it"; exit 2; }
done

# Tokens a second for 512 prompt tokens.
prefill() { "$cache/llama/$1/bin/llama-bench" -m "$models-$2.gguf" -p 512 -n 0 -r 2 -t "$jobs" -o csv 2>/dev/null |
  python3 -c 'import csv, sys; print(next(csv.DictReader(sys.stdin))["avg_ts"])'; }

results=$(mktemp); trap 'stop_ticker; rm -f "$results"' EXIT
say "prefill of 512 tokens, tokens a second"
for round in $(seq "$rounds"); do
  for format in bf16 q4_0; do
    for build in quick native; do
      speed=$(prefill $build $format)
      printf '%s %s %s\n' $build $format "$speed" >>"$results"
      say "  round $round of $rounds: $build $format $speed"
    done
  done
done
python3 - "$results" <<'PY'
import collections, statistics, sys
speeds = collections.defaultdict(list)
for line in open(sys.argv[1]):
    build, fmt, value = line.split()
    speeds[build, fmt].append(float(value))
ratio = {b: statistics.median(x / y for x, y in zip(speeds[b, "bf16"], speeds[b, "q4_0"])) for b in ("quick", "native")}
off = ratio["quick"] / ratio["native"] - 1
print(f"BF16 to Q4_0: quick {ratio['quick']:.3f}, native {ratio['native']:.3f}, difference {off:+.1%} (limit 10 %): {'agrees' if abs(off) <= 0.10 else 'DOES NOT AGREE'}")
sys.exit(abs(off) > 0.10)
PY
