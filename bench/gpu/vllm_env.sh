# vllm_env.sh: sourced on the GPU machine, after jobs.sh: where vllm_make.sh has put vLLM, and what it needs without a network.
# shellcheck shell=bash
export PYTHONPATH=${PYTHONPATH:-$home/site} QUANTCASE_MODELS=$home/models VLLM_CACHE_ROOT=$home/cache
export HF_HUB_OFFLINE=1 TRANSFORMERS_OFFLINE=1 VLLM_NO_USAGE_STATS=1 DO_NOT_TRACK=1 PYTHONUNBUFFERED=1
export LD_LIBRARY_PATH=$PWD/.gpu:${LD_LIBRARY_PATH:-} VLLM_USE_FLASHINFER_SAMPLER=0   # FlashInfer is not carried
