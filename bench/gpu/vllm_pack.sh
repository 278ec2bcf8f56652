#!/usr/bin/env bash
# vllm_pack.sh: vLLM 0.25.1 for a GPU machine without a network that has Python 3.12, PyTorch 2.11 (CUDA 13) and transformers: about 160 MB in
# .gpu/vllm.0 to .gpu/vllm.3, each small enough for one transfer. There: bench/gpu/vllm_make.sh, then bench/gpu/vllm_run.sh.
source "$(dirname "${BASH_SOURCE[0]}")/../../scripts/common.sh"
cd "$root"
parts=4
work=$cache/gpu-vllm; mkdir -p "$work" .gpu
tags=(--python-version 3.12 --implementation cp)
for n in 5 12 17 24 27 28 31 34; do tags+=(--platform "manylinux_2_${n}_x86_64"); done
tags+=(--platform manylinux1_x86_64 --platform manylinux2014_x86_64)
stamp=$(short_hash <bench/gpu/vllm-cuda.lock)
if [ ! -e "$work/overlay.$stamp.txz" ]; then
  rm -rf "$work/site"
  watched "vLLM's packages for the GPU machine" python3 -m pip install -q --no-deps --require-hashes --only-binary=:all: --no-compile "${tags[@]}" \
    --target "$work/site" --requirement bench/gpu/vllm-cuda.lock
  # Libraries of kernels that Hopper or a dense model does not use; their Python files must stay.
  find "$work/site" \( -name '_vllm_fa2*' -o -name '*flashmla*.so' -o -path '*/deep_gemm*/*.so' -o -path '*/fmha_sm100/*.so' -o -name libxgrammar.a \) -delete
  rm -rf "$work/site/bin"
  find "$work/site" -name '*.so*' -size +1M -exec strip --strip-unneeded {} + 2>/dev/null || true
  watched "pack them" tar -C "$work/site" -I 'xz -T0 -6' -cf "$work/overlay.part" .
  mv "$work/overlay.part" "$work/overlay.$stamp.txz"
fi
# Llama 3's vocabulary, as llama.cpp's own tests have it, as a Hugging Face tokenizer.
if [ ! -e "$work/tokenizer.txz" ]; then
  "$root/scripts/fetch.sh" llama-source
  "$root/scripts/vllm.sh"
  watched "a reader of GGUF" python3 -m pip install -q --no-deps --require-hashes --target "$work/gguf" \
    --requirement <(echo "gguf==0.17.1 --hash=sha256:7bc5aa7eeb1931f7d39b48fdc5b38fda6b294b9dca75cf607ac69557840a3943")
  tar -xzf "$(downloaded llama-source)" -C "$work" package/llama/gitRelease.bundle
  rm -rf "$work/llama.cpp"; git clone --quiet "$work/package/llama/gitRelease.bundle" "$work/llama.cpp"
  mkdir -p "$work/vocabulary" "$work/tokenizer"; cp "$work/llama.cpp/models/ggml-vocab-llama-bpe.gguf" "$work/vocabulary/"
  watched "the tokenizer" env PYTHONPATH="$work/gguf" "$cache/vllm/current/venv/bin/python" -c \
    'import sys, transformers as t; t.AutoTokenizer.from_pretrained(sys.argv[1], gguf_file="ggml-vocab-llama-bpe.gguf").save_pretrained(sys.argv[2])' \
    "$work/vocabulary" "$work/tokenizer"
  tar -C "$work/tokenizer" -I 'xz -6' -cf "$work/tokenizer.part" .
  mv "$work/tokenizer.part" "$work/tokenizer.txz"; rm -rf "$work/llama.cpp" "$work/package"
fi
cp "$work/tokenizer.txz" .gpu/
rm -f .gpu/vllm.?
split --numeric-suffixes --suffix-length 1 --number "$parts" "$work/overlay.$stamp.txz" .gpu/vllm.
ls -la .gpu
