#pragma once
// Is a vLLM variant what it is said to be? Its checkpoint's files, its log and the study's `expect` held against each other.
#include <optional>
#include <string>

#include "checkpoint/checkpoint.h"
#include "measure/engines/vllm_log.h"
#include "study/study.h"

namespace qc {

/// The folder of a variant's checkpoint on this machine: its path, or what the hub's cache holds of it; empty where there is none.
std::optional<std::filesystem::path> checkpoint_folder(const Variant& variant);

/// The word for the weights as served: the checkpoint's format, or what `--quantization` made of an unquantized one while it was loaded.
/// Empty where neither tells.
std::string served_format(const std::optional<Checkpoint>& checkpoint, const VllmLog& log);

/// `--quantization` makes the weights smaller on their way from a file that is not quantized.
bool is_quantized_while_loading(const Checkpoint& checkpoint, const VllmLog& log);

/// Why the variant is not what it is said to be; empty: nothing speaks against it. Looked at, in this order: a checkpoint whose config
/// and tensors disagree; weights in memory that are too many or too few for the format (a "4-bit" model that takes the bytes of
/// BF16); a quantized checkpoint whose server names no kernel and takes as much; `expect`.
std::optional<std::string> not_as_said(const Variant& variant, const std::optional<Checkpoint>& checkpoint, const VllmLog& log);

/// Whether there is a log to go by.
enum class FromLog { no, yes };

/// The verdict with its reason: proved by GiB against bits times parameters, or (no GiB in the log, as on the CPU) by tensor headers and
/// the kernel line; contradicted by not_as_said, or by `--quantization` that left the weights as large as they were.
Identity vllm_identity(const Variant& variant, const std::optional<Checkpoint>& checkpoint, const VllmLog& log, FromLog from);

}  // namespace qc
