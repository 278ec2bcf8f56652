#include "measure/engines/vllm_proof.h"

#include <fmt/format.h>

#include "checkpoint/expected.h"
#include "checkpoint/hub_cache.h"
#include "core/bytes.h"
#include "core/files.h"
#include "study/model_path.h"

namespace qc {
namespace {

// vLLM counts what loading took of the device: buffers come on top of the weights, and packing pads. Formats are a factor of two apart.
constexpr double kMost = 1.3, kLeast = 0.7;
constexpr double kUneven = 1.25;   // stages of a pipeline hold unlike numbers of layers, and the first and last an embedding

/// Of an output layer that the file stores though it is the embedding: vLLM passes over it.
double twice_stored(const Checkpoint& checkpoint) {
  double bytes = 0;
  if (checkpoint.config.tied_embeddings.value_or(false))
    for (const StoredTensor& tensor : checkpoint.tensors)
      if (tensor.name.starts_with("lm_head.")) bytes += static_cast<double>(tensor.bytes);
  return bytes;
}

/// Bytes that the weights should take: of the tensors that are there, else of the shape.
std::optional<double> expected_bytes(const std::optional<Checkpoint>& checkpoint) {
  if (!checkpoint) return std::nullopt;
  if (checkpoint->facts) return static_cast<double>(checkpoint->facts->bytes) - twice_stored(*checkpoint);
  const auto bytes = expected_weight_bytes(checkpoint->config);
  return bytes ? std::optional(static_cast<double>(*bytes)) : std::nullopt;
}

/// What one worker is to load of it: its share, in the format that an F32 checkpoint is loaded in.
double share_of(double bytes, const Checkpoint& checkpoint, const VllmLog& log) {
  const bool halved = checkpoint.format == "fp32" && (log.dtype == "bfloat16" || log.dtype == "float16");
  return bytes / log.workers / (halved ? 2 : 1);
}

bool is_plain_format(const std::string& format) { return format == "bf16" || format == "fp16" || format == "fp32"; }

bool is_quantized_format(const std::string& format) { return !format.empty() && format != "unknown" && !is_plain_format(format); }

/// A format that we do not know, and no files to weigh.
bool is_guessed(const Checkpoint& checkpoint) { return checkpoint.format == "unknown" && !checkpoint.facts; }

std::optional<std::string> wrong_bytes(const Variant& variant, const std::optional<Checkpoint>& checkpoint, const VllmLog& log) {
  const auto expected = expected_bytes(checkpoint);
  if (!expected || !log.weights_bytes || log.offloads || is_guessed(*checkpoint) || is_quantized_while_loading(*checkpoint, log)) return std::nullopt;
  const double loaded = static_cast<double>(*log.weights_bytes), share = share_of(*expected, *checkpoint, log);
  const double slack = log.workers > 1 ? kUneven : 1, whole = share_of(*expected + twice_stored(*checkpoint), *checkpoint, log);
  if (loaded <= kMost * slack * whole && loaded >= kLeast / slack * share) return std::nullopt;
  std::string text = fmt::format("{}: its checkpoint says {} ({:.2f} GiB of weights{}), but the server loaded {:.2f} GiB", variant.name, checkpoint->format, share / kGiB,
                                 log.workers > 1 ? fmt::format(" for each of {} workers", log.workers) : "", loaded / kGiB);
  if (is_quantized_format(checkpoint->format) && log.kernels.empty()) text += " and names no kernel for quantized weights";
  return text + ": it does not serve what it is said to be";
}

}  // namespace

std::optional<std::filesystem::path> checkpoint_folder(const Variant& variant) {
  std::error_code ignored;
  if (!is_local_path(variant.model)) return hub_snapshot(variant.model);
  const std::filesystem::path folder = expand_path(variant.model);
  return std::filesystem::is_directory(folder, ignored) ? std::optional(folder) : std::nullopt;
}

std::string served_format(const std::optional<Checkpoint>& checkpoint, const VllmLog& log) {
  if (checkpoint && is_quantized_format(checkpoint->format)) return checkpoint->format;
  if (checkpoint && is_quantized_while_loading(*checkpoint, log)) return log.quantization.starts_with("fp8") || log.quantization == "mxfp8" ? "fp8" : log.quantization;   // --quantization, while loading
  if (checkpoint && checkpoint->format == "fp32" && log.dtype == "bfloat16") return "bf16";
  if (checkpoint && checkpoint->format == "fp32" && log.dtype == "float16") return "fp16";
  if (checkpoint) return checkpoint->format == "unknown" ? "" : checkpoint->format;
  if (!log.quantization.empty()) return "";   // the name of a method is no proof of what was loaded
  return log.dtype == "bfloat16" ? "bf16" : log.dtype == "float16" ? "fp16" : "";
}

std::optional<std::string> not_as_said(const Variant& variant, const std::optional<Checkpoint>& checkpoint, const VllmLog& log) {
  if (checkpoint && checkpoint->contradiction) return fmt::format("{}: {}", variant.name, *checkpoint->contradiction);
  if (auto wrong = wrong_bytes(variant, checkpoint, log)) return wrong;
  const std::string served = served_format(checkpoint, log);
  if (variant.expect && !served.empty() && served != *variant.expect)
    return fmt::format("{}: `expect` says {}, but what is served is {}: correct the variant's `model` or its `expect`", variant.name, *variant.expect, served);
  return std::nullopt;
}

bool is_quantized_while_loading(const Checkpoint& checkpoint, const VllmLog& log) {
  return is_plain_format(checkpoint.format) && !log.quantization.empty();
}

namespace {

std::string kernel_words(const VllmLog& log) { return log.kernels.empty() ? "" : fmt::format("; kernel {}", fmt::join(log.kernels, ", ")); }

Identity by_size(const Checkpoint& checkpoint, double all, const VllmLog& log) {
  const double loaded = static_cast<double>(*log.weights_bytes), expected = share_of(all, checkpoint, log);
  if (log.offloads) return {IdentityVerdict::unproved, fmt::format("a part of its weights is kept in the host's memory, so the {:.2f} GiB that were loaded prove nothing", loaded / kGiB)};
  const std::string sizes = fmt::format("{} ask for {:.2f} GiB, {:.2f} GiB were loaded", checkpoint.facts ? "its tensors" : "its config's parameters", expected / kGiB, loaded / kGiB);
  if (!is_quantized_while_loading(checkpoint, log)) return {IdentityVerdict::proved, fmt::format("{}: {}{}", checkpoint.format == "fp32" ? served_format({checkpoint}, log) : checkpoint.format, sizes, kernel_words(log))};
  // Eight bits or fewer halve the layers; a large embedding keeps its size.
  constexpr double kUnchanged = 0.9;
  if (loaded > kUnchanged * expected) return {IdentityVerdict::contradicted, fmt::format("--quantization {} left the weights as they were: {}", log.quantization, sizes)};
  return {IdentityVerdict::proved, fmt::format("{} while loading a {} checkpoint: {}{}", log.quantization, checkpoint.format, sizes, kernel_words(log))};
}

Identity by_tensors(const Checkpoint& checkpoint, const VllmLog& log) {
  if (!log.has_config) return {IdentityVerdict::unproved, "its log has neither the engine's own line nor the size of what was loaded (VLLM_LOGGING_LEVEL must let INFO through), and a silent log proves nothing"};
  if (!checkpoint.facts) return {IdentityVerdict::unproved, "there are no weight files, and the log has no line on the size of what was loaded"};
  if (!is_quantized_format(checkpoint.format)) {
    if (log.quantization.empty()) return {IdentityVerdict::proved, fmt::format("{}: its tensors are {}, and the engine's line names no quantization", checkpoint.format, checkpoint.facts->mix)};
    return {IdentityVerdict::unproved, fmt::format("quantized while loading ({}), and the log does not say to which size", log.quantization)};
  }
  if (log.kernels.empty()) return {IdentityVerdict::unproved, fmt::format("its tensors are {}, but the log names neither the size loaded nor a kernel for them", checkpoint.facts->mix)};
  return {IdentityVerdict::proved, fmt::format("{}: its tensors are {}{}", checkpoint.format, checkpoint.facts->mix, kernel_words(log))};
}

}  // namespace

Identity vllm_identity(const Variant& variant, const std::optional<Checkpoint>& checkpoint, const VllmLog& log, FromLog from) {
  if (const auto wrong = not_as_said(variant, checkpoint, log)) return {IdentityVerdict::contradicted, *wrong};
  if (from == FromLog::no) return {IdentityVerdict::unproved, "this server was not started by us: the names it gives prove nothing, and its log with the size of the weights and the kernel is not here"};
  if (!checkpoint) return {IdentityVerdict::unproved, fmt::format("the files of {} are not on this machine, so there is nothing to hold the log against", variant.model)};
  if (is_guessed(*checkpoint)) {
    const auto& quantization = checkpoint->config.quantization;
    return {IdentityVerdict::unproved, fmt::format("how \"{}\" stores a weight is not known here, and without weight files what was loaded proves nothing", quantization ? quantization->method : "unknown")};
  }
  const auto expected = expected_bytes(checkpoint);
  return expected && log.weights_bytes ? by_size(*checkpoint, *expected, log) : by_tensors(*checkpoint, log);
}

}  // namespace qc
