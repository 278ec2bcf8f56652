#!/usr/bin/env python3
"""Checkpoint folders of Qwen2.5-3B's shape: the first user's model, for restart-3b.toml.

  qwen_models.py OUT TOKENIZER         3b-bf16 and 3b-awq without weights, for --load-format dummy (random_weights.py)
  qwen_models.py OUT TOKENIZER real    3b-real-bf16, 3b-real-awq and 3b-real-gptq with real tensors of random values, 10 GB, and a chat
                                       template (needs torch and safetensors)

The quantized ones say float16, as Qwen's own do.
"""
import json
import sys

from vllm_checkpoints import GPTQ, folder_of, gptq_linear, linears, others
from vllm_models import FORMATS

SHAPE = {
    "architectures": ["Qwen2ForCausalLM"], "model_type": "qwen2", "torch_dtype": "bfloat16",
    "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36, "num_attention_heads": 16, "num_key_value_heads": 2,
    "head_dim": 128, "hidden_act": "silu", "rms_norm_eps": 1e-6, "vocab_size": 151936, "max_position_embeddings": 32768,
    "rope_theta": 1000000.0, "tie_word_embeddings": True, "use_sliding_window": False, "use_cache": True,
    "bos_token_id": 128000, "eos_token_id": 128001,
}
HALF = dict(SHAPE, torch_dtype="float16")
AWQ = FORMATS["awq"]
TEMPLATE = ("{% for message in messages %}{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\\n\\n' + message['content'] + '<|eot_id|>' }}{% endfor %}"
            "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n' }}{% endif %}")
BIASED = ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj")


def with_a_word_for_each(folder, words=SHAPE["vocab_size"]):
    """The tokenizer has fewer words than the model: a token beyond them would be an answer without text. One is left, for what Qwen's class adds."""
    file = folder / "tokenizer.json"
    tokenizer = json.loads(file.read_text())
    vocab = tokenizer["model"]["vocab"]
    after = max([*vocab.values(), *(token["id"] for token in tokenizer["added_tokens"])]) + 1
    vocab.update({f"w{n}.": n for n in range(after, words - 1)})
    file.write_text(json.dumps(tokenizer, ensure_ascii=False))


def awq_linear(name, outputs, inputs, torch, device):
    """What AWQ writes: 8 values of 4 bits in an int32 along the outputs; zero points of 8; a scale for each group and output."""
    groups = inputs // AWQ["group_size"]
    return {
        name + ".qweight": torch.randint(-2**31, 2**31 - 1, (inputs, outputs // 8), dtype=torch.int32, device=device),
        name + ".qzeros": torch.full((groups, outputs // 8), 0x88888888 - (1 << 32), dtype=torch.int32),
        name + ".scales": (0.003 + 0.002 * torch.rand(groups, outputs, device=device)).to(torch.float16),
    }


def plain_linear(name, outputs, inputs, torch, device):
    return {name + ".weight": (torch.randn(outputs, inputs, device=device) * 0.02).to(torch.bfloat16)}


def real(out, tokenizer, shape=SHAPE):
    import torch
    from safetensors.torch import save_file
    device = "cuda" if torch.cuda.is_available() else "cpu"
    for name, quantization, linear in (("3b-real-bf16", None, plain_linear), ("3b-real-awq", AWQ, awq_linear), ("3b-real-gptq", GPTQ, gptq_linear)):
        torch.manual_seed(1)
        dtype = torch.float16 if quantization else torch.bfloat16
        tensors = others(shape, torch, dtype, device)
        for layer, (outputs, inputs) in linears(shape).items():
            tensors.update(linear(layer, outputs, inputs, torch, device))
            if layer.endswith(BIASED):
                tensors[layer + ".bias"] = (torch.randn(outputs, device=device) * 0.02).to(dtype)
        config = dict(shape, torch_dtype="float16", quantization_config=quantization) if quantization else shape
        folder = folder_of(out, name, config, tokenizer)
        with_a_word_for_each(folder, shape["vocab_size"])
        (folder / "chat_template.jinja").write_text(TEMPLATE)
        save_file({key: value.cpu().contiguous() for key, value in tensors.items()}, folder / "model.safetensors", {"format": "pt"})
        print(name, (folder / "model.safetensors").stat().st_size, "bytes", flush=True)


def main(out, tokenizer, what=None):
    if what == "real":
        return real(out, tokenizer)
    for name, config in (("3b-bf16", SHAPE), ("3b-awq", dict(HALF, quantization_config=AWQ))):
        with_a_word_for_each(folder_of(out, name, config, tokenizer))
    print("in", out + ": 3b-bf16 3b-awq")


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4) or sys.argv[3:] not in ([], ["real"]):
        sys.exit(__doc__)
    main(*sys.argv[1:])
