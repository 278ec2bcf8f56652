#!/usr/bin/env bash
# vllm_make.sh: on the GPU machine, in the repository's root, when all parts of vllm_pack.sh lie in ${QC_GPU:-/tmp/qc}: unpacks vLLM beside them,
# with the plugin that fills weights as a trained checkpoint would, and writes the models' folders. Ends with vLLM's version.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/jobs.sh"
bounded 300 "$0" "$@"
mkdir -p "$home/site" "$home/tokenizer" "$home/models"
cat "$home"/vllm.? | tar -xJ -C "$home/site"
bench/gpu/random_weights.sh "$home/site"
python3 -m compileall -q -j 0 "$home/site/vllm" >/dev/null || true   # else the first server does it, on one core
tar -xJf .gpu/tokenizer.txz -C "$home/tokenizer"
python3 bench/gpu/vllm_models.py "$home/models" "$home/tokenizer"
PYTHONPATH=$home/site python3 -c 'import importlib.metadata as m, torch; print("vllm", m.version("vllm"), "torch", torch.__version__, torch.cuda.get_device_name())'
