#!/usr/bin/env bash
# vllm_make.sh: on the GPU machine, in the repository's root, when all parts of vllm_pack.sh lie in ${QC_GPU:-/tmp/qc}: unpacks vLLM beside them
# and writes the models' folders. Ends with vLLM's version; about 20 s.
set -euo pipefail
home=${QC_GPU:-/tmp/qc}
mkdir -p "$home/site" "$home/tokenizer" "$home/models"
cat "$home"/vllm.? | tar -xJ -C "$home/site"
tar -xJf .gpu/tokenizer.txz -C "$home/tokenizer"
python3 bench/gpu/vllm_models.py "$home/models" "$home/tokenizer"
PYTHONPATH=$home/site python3 -c 'import importlib.metadata as m, torch; print("vllm", m.version("vllm"), "torch", torch.__version__, torch.cuda.get_device_name())'
