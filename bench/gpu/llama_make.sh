#!/usr/bin/env bash
# llama_make.sh: on the GPU machine, in the repository's root: llama-server with CUDA for this card, and three models of an 8B's shape, into
# ${QC_GPU:-/tmp/qc}. Needs nvcc, cmake, ninja and a python3 with numpy. On 16 cores the first server ran 391 and 403 s after the machine's boot
# (2026-11-26), this script being most of it: it is ended after 580 s.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/jobs.sh"
bounded 580 "$0" "$@"
arch=${QC_CUDA_ARCH:-90}
mkdir -p "$home/models" "$home/bin"
python3 bench/gpu/make_gguf.py model .gpu/vocab.bin "$home/models/shape-8b-bf16.gguf" & writing=$!
tar -xJf .gpu/llama-src.tar.xz -C "$home"
cmake -S "$home/llama.cpp" -B "$home/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF -DGGML_NATIVE=ON -DGGML_CUDA=ON \
  -DCMAKE_CUDA_ARCHITECTURES="$arch" -DLLAMA_BUILD_NUMBER=1 -DLLAMA_BUILD_COMMIT="$(cat .gpu/llama-commit)" -DLLAMA_OPENSSL=OFF -DLLAMA_BUILD_TESTS=OFF -DLLAMA_BUILD_EXAMPLES=OFF -DLLAMA_BUILD_APP=OFF \
  -DLLAMA_BUILD_UI=OFF -DLLAMA_USE_PREBUILT_UI=OFF >"$home/cmake.log"
ninja -C "$home/build" llama-server llama-quantize >"$home/ninja.log" || { tail -n 30 "$home/ninja.log"; exit 1; }
cp "$home"/build/bin/llama-{server,quantize} "$home/bin"
wait $writing
for type in Q8_0 Q4_K_M; do
  "$home/bin/llama-quantize" "$home/models/shape-8b-bf16.gguf" "$home/models/shape-8b-${type,,}.gguf" $type >"$home/quantize-$type.log" 2>&1
done
ls -la "$home/models"
