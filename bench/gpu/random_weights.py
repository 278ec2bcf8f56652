"""A plugin of vLLM: with --load-format dummy, weights as a trained checkpoint would hold them. bench/gpu/random_weights.sh installs it.

vLLM's own filler leaves integer tensors as the memory was, and its values of at most 0.001 become zero in FP8. Power, clocks and speed at the
power cap depend on the bits that move, so such servers are not those of real weights. Here each tensor gets values by what its name and type
say it is: matrices of about 0.02 in size, once their scale is applied, and norms of 1. The same name always gets the same values.
"""
import re
import zlib

import torch
from vllm.logger import init_logger
from vllm.model_executor.model_loader import dummy_loader

logger = init_logger("vllm.quantcase.random_weights")   # vLLM prints what is logged below its own name

SIZE = 0.02                                             # the usual deviation of a weight
BITS4 = (sum((n - 8) ** 2 for n in range(16)) / 16) ** 0.5
DEVIATION = {torch.float8_e4m3fn: 48.0, torch.float8_e5m2: 48.0, torch.int8: 32.0, torch.int32: BITS4}   # of what a scale multiplies
LIMIT = {torch.float8_e4m3fn: 448.0, torch.float8_e5m2: 448.0, torch.int8: 127.0}
AT_ONCE = 1 << 22                                       # values in one buffer of 16 MiB: what is left of it would be missing in the KV cache
MIDDLE4 = 0x88888888 - (1 << 32)                        # eight zero points of 8, as an int32
CACHE_SCALE = re.compile(r"_?(q|k|v|prob)_(scale|range)")


def matrix_type(name, tensors):
    """The type of the weights that the scale `name` belongs to: what lies beside it."""
    beside = name.rpartition(".")[0]
    for leaf in ("weight", "qweight", "weight_packed"):
        if f"{beside}.{leaf}" in tensors:
            return tensors[f"{beside}.{leaf}"].dtype
    return None


def rows_of(tensor):
    """Views of it, each of about AT_ONCE values; right for a transposed tensor too."""
    return tensor.split(max(1, AT_ONCE // max(1, tensor[0].numel())))


def through_buffer(tensor, generator):
    """Normal values in a type that has no normal_ of its own."""
    buffer = torch.empty(max(part.numel() for part in rows_of(tensor)), dtype=torch.float32, device=tensor.device)
    for part in rows_of(tensor):
        values = buffer[:part.numel()].normal_(0, DEVIATION[tensor.dtype], generator=generator).clamp_(-LIMIT[tensor.dtype], LIMIT[tensor.dtype])
        part.copy_((values if tensor.is_floating_point() else values.round_()).view(part.shape))


def fill_float(name, tensor, generator, tensors):
    leaf = name.rpartition(".")[2]
    if "scale" in leaf:
        wanted = 1.0 if "input" in leaf else SIZE       # an activation behind a norm is about 1
        middle = wanted / DEVIATION.get(matrix_type(name, tensors), 1.0)
        tensor.copy_(middle * (0.75 + 0.5 * torch.rand(tensor.shape, generator=generator, dtype=torch.float32, device=tensor.device)))
    elif tensor.dtype in DEVIATION:
        through_buffer(tensor, generator)
    elif "norm" in name and tensor.dim() < 2:
        tensor.fill_(0.0 if leaf == "bias" else 1.0)
    else:
        tensor.normal_(0, SIZE, generator=generator)


def fill_integer(name, tensor, generator):
    """False: an index or a shape, which the model itself has set."""
    leaf = name.rpartition(".")[2]
    if tensor.dim() < 2 or leaf in ("g_idx", "weight_shape"):
        return False
    if "zero" in leaf:
        tensor.fill_(MIDDLE4 if tensor.dtype == torch.int32 else 0)
    elif tensor.dtype == torch.int32:
        tensor.random_(-(1 << 31), 1 << 31, generator=generator)
    elif tensor.dtype == torch.int8:
        through_buffer(tensor, generator)
    elif tensor.dtype == torch.uint8:
        tensor.random_(0, 256, generator=generator)
    else:
        return False
    return True


@torch.no_grad()
def fill(model):
    tensors = model.state_dict()
    buffers = {name for name, _ in model.named_buffers()}
    floats = integers = left = 0
    for name, tensor in tensors.items():
        leaf = name.rpartition(".")[2]
        if name in buffers or tensor.device.type == "meta" or tensor.numel() == 0 or CACHE_SCALE.fullmatch(leaf):
            left += 1
            continue
        generator = torch.Generator(device=tensor.device).manual_seed(zlib.crc32(name.encode()))
        if tensor.is_floating_point():
            fill_float(name, tensor, generator, tensors)
            floats += 1
        elif fill_integer(name, tensor, generator):
            integers += 1
        else:
            left += 1
    logger.info("quantcase random weights: %d tensors filled (%d float, %d integer), %d left as they were", floats + integers, floats, integers, left)


def nothing(*_, **__):
    pass


def register():
    """What the entry point calls, in each process of a server, and maybe twice in one."""
    loader = dummy_loader.DummyModelLoader
    if getattr(loader.load_weights, "of_quantcase", False):
        return
    # vLLM 0.25 fills a layer by the first of these, 0.32 by the second. What else the loader does must stay.
    own = [name for name in ("initialize_dummy_weights", "initialize_single_dummy_weight") if hasattr(dummy_loader, name)]
    if not own:
        raise RuntimeError("quantcase random weights: this vLLM fills dummy weights in a way that is not known here")
    for name in own:
        setattr(dummy_loader, name, nothing)
    theirs = loader.load_weights

    def load_weights(self, model, *args, **kwargs):
        result = theirs(self, model, *args, **kwargs)
        fill(model)
        return result

    load_weights.of_quantcase = True
    loader.load_weights = load_weights
