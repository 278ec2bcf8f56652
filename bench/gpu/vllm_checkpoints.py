#!/usr/bin/env python3
"""Checkpoints of Llama-3.2-1B's shape with real tensors of random values, and folders that no vLLM can serve.

  vllm_checkpoints.py OUT TOKENIZER    real-bf16, real-gptq (4 bit, groups of 128, symmetric; needs torch and safetensors), the same as
                                       real-gptq-order with act-order and cut short, and shape-70b, no-weights, no-tokenizer, no-arch,
                                       no-type, no-quant, many-words
"""
import json
import pathlib
import shutil
import sys

from vllm_models import SHAPE

SMALL = dict(SHAPE, hidden_size=2048, intermediate_size=8192, num_hidden_layers=16, head_dim=64, tie_word_embeddings=True)
BIG = dict(SHAPE, hidden_size=8192, intermediate_size=28672, num_hidden_layers=80, num_attention_heads=64)
GPTQ = {"quant_method": "gptq", "bits": 4, "group_size": 128, "sym": True, "desc_act": False, "true_sequential": True, "static_groups": False,
        "damp_percent": 0.01, "lm_head": False, "checkpoint_format": "gptq"}
BROKEN = {
    "shape-70b": BIG,                                                              # does not fit on the card
    "no-weights": SMALL,                                                           # there is no file of weights
    "no-tokenizer": SMALL,
    "no-arch": dict(SMALL, architectures=["TomorrowForCausalLM"]),                 # a model newer than the vLLM
    "no-type": dict(SMALL, architectures=["TomorrowForCausalLM"], model_type="tomorrow"),
    "no-quant": dict(SMALL, quantization_config=dict(GPTQ, quant_method="tomorrow")),
    "many-words": dict(SMALL, vocab_size=128000),                                  # the tokenizer has 256 more than the embedding
}


def folder_of(out, name, config, tokenizer):
    folder = pathlib.Path(out, name)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    (folder / "generation_config.json").write_text(json.dumps({"bos_token_id": 128000, "eos_token_id": 128001, "do_sample": False}))
    for file in pathlib.Path(tokenizer).iterdir():
        if name != "no-tokenizer":
            shutil.copy(file, folder)
    return folder


def linears(config):
    """name -> (outputs, inputs) of every linear layer."""
    width, ffn, kv = config["hidden_size"], config["intermediate_size"], config["num_key_value_heads"] * config["head_dim"]
    shapes = {"self_attn.q_proj": (width, width), "self_attn.k_proj": (kv, width), "self_attn.v_proj": (kv, width), "self_attn.o_proj": (width, width),
              "mlp.gate_proj": (ffn, width), "mlp.up_proj": (ffn, width), "mlp.down_proj": (width, ffn)}
    return {f"model.layers.{i}.{name}": shape for i in range(config["num_hidden_layers"]) for name, shape in shapes.items()}


def others(config, torch, dtype, device):
    width = config["hidden_size"]
    tensors = {"model.embed_tokens.weight": (torch.randn(config["vocab_size"], width, device=device) * 0.02).to(dtype), "model.norm.weight": torch.ones(width, dtype=dtype)}
    for i in range(config["num_hidden_layers"]):
        for name in ("input_layernorm", "post_attention_layernorm"):
            tensors[f"model.layers.{i}.{name}.weight"] = torch.ones(width, dtype=dtype)
    return tensors


def gptq_linear(name, outputs, inputs, torch, device):
    """What GPTQ writes: 8 values of 4 bits in an int32 along the inputs; zero points of 8, stored as 7; a scale for each group and output."""
    groups = inputs // GPTQ["group_size"]
    return {
        name + ".qweight": torch.randint(-2**31, 2**31 - 1, (inputs // 8, outputs), dtype=torch.int32, device=device),
        name + ".qzeros": torch.full((groups, outputs // 8), 0x77777777, dtype=torch.int32),
        name + ".scales": (0.003 + 0.002 * torch.rand(groups, outputs, device=device)).to(torch.float16),
        name + ".g_idx": (torch.arange(inputs, dtype=torch.int32) // GPTQ["group_size"]),
    }


def main(out, tokenizer, layers=None, device=None):
    import torch
    from safetensors.torch import save_file
    for name, config in BROKEN.items():
        folder_of(out, name, config, tokenizer)
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    shape = dict(SMALL, num_hidden_layers=int(layers or SMALL["num_hidden_layers"]))
    torch.manual_seed(1)
    plain, quantized = others(shape, torch, torch.bfloat16, device), others(shape, torch, torch.float16, device)
    for name, (outputs, inputs) in linears(shape).items():
        plain[name + ".weight"] = (torch.randn(outputs, inputs, device=device) * 0.02).to(torch.bfloat16)
        quantized.update(gptq_linear(name, outputs, inputs, torch, device))
    ordered = {key: value[torch.randperm(len(value))] if key.endswith(".g_idx") else value for key, value in quantized.items()}
    half = dict(shape, torch_dtype="float16", quantization_config=GPTQ)
    for name, config, tensors in (("real-bf16", shape, plain), ("real-gptq", half, quantized), ("cut-short", half, quantized),
                                  ("real-gptq-order", dict(half, quantization_config=dict(GPTQ, desc_act=True)), ordered)):
        folder = folder_of(out, name, config, tokenizer)
        save_file({key: value.cpu().contiguous() for key, value in tensors.items()}, folder / "model.safetensors", {"format": "pt"})
        if name == "cut-short":
            with open(folder / "model.safetensors", "r+b") as file:
                file.truncate((folder / "model.safetensors").stat().st_size // 2)
        print(name, (folder / "model.safetensors").stat().st_size, "bytes")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    main(*sys.argv[1:])
