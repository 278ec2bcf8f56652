#!/usr/bin/env python3
"""Checkpoint folders of Llama-3.1-8B's shape in several formats, without weights: vLLM fills them at random with --load-format dummy.
Memory depends on their shapes alone, speed also on the values: random_weights.py makes them such as a trained checkpoint has.

  vllm_models.py OUT TOKENIZER    a folder each of bf16, fp8, int8, awq, w4a16 and gptq; TOKENIZER's files go into each

The gptq one is an impostor: vLLM looks for quantized tensors in the files, finds none, and serves BF16 under that name.
"""
import json
import pathlib
import shutil
import sys

SHAPE = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "bfloat16",
    "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8,
    "head_dim": 128, "hidden_act": "silu", "rms_norm_eps": 1e-5, "vocab_size": 128256, "max_position_embeddings": 131072,
    "rope_theta": 500000.0, "tie_word_embeddings": False, "attention_bias": False, "mlp_bias": False, "use_cache": True,
    "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                     "original_max_position_embeddings": 8192},
    "bos_token_id": 128000, "eos_token_id": 128001,
}


def scheme(bits, kind, strategy, dynamic=False, group=None):
    return {"num_bits": bits, "type": kind, "strategy": strategy, "symmetric": True, "dynamic": dynamic, "group_size": group,
            "observer": None if dynamic else "minmax", "observer_kwargs": {}, "actorder": None, "block_structure": None}


def compressed(form, weights, inputs=None):
    group = {"targets": ["Linear"], "weights": weights, "input_activations": inputs, "output_activations": None}
    return {"quant_method": "compressed-tensors", "format": form, "quantization_status": "compressed", "ignore": ["lm_head"],
            "config_groups": {"group_0": group}, "kv_cache_scheme": None, "global_compression_ratio": None}


FORMATS = {
    "bf16": None,
    "fp8": compressed("float-quantized", scheme(8, "float", "channel"), scheme(8, "float", "token", dynamic=True)),
    "int8": compressed("int-quantized", scheme(8, "int", "channel"), scheme(8, "int", "token", dynamic=True)),
    "w4a16": compressed("pack-quantized", scheme(4, "int", "group", group=128)),
    "awq": {"quant_method": "awq", "version": "gemm", "bits": 4, "group_size": 128, "zero_point": True, "modules_to_not_convert": None},
    "gptq": {"quant_method": "gptq", "bits": 4, "group_size": 128, "sym": True, "desc_act": False, "true_sequential": True,
             "static_groups": False, "damp_percent": 0.01, "lm_head": False},
}


def main(out, tokenizer):
    for name, quantization in FORMATS.items():
        folder = pathlib.Path(out, name)
        folder.mkdir(parents=True, exist_ok=True)
        config = dict(SHAPE, **({"quantization_config": quantization} if quantization else {}))
        (folder / "config.json").write_text(json.dumps(config, indent=1))
        (folder / "generation_config.json").write_text(json.dumps({"bos_token_id": 128000, "eos_token_id": 128001, "do_sample": False}))
        for file in pathlib.Path(tokenizer).iterdir():
            shutil.copy(file, folder)
    print("in", out + ":", *FORMATS)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(*sys.argv[1:])
