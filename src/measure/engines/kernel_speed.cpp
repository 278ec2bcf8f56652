#include "measure/engines/kernel_speed.h"

#include <fmt/format.h>

#include <algorithm>

namespace qc {
namespace {

using View = std::string_view;

/// A part of a kernel's name, and what is faster for the same weights on NVIDIA GPUs. Sources: vLLM's kernels/linear/mixed_precision and
/// kernels/linear/scaled_mm (the order in which it tries them), vllm#21376 (the same AWQ checkpoint: 23 and 123 tok/s).
struct SlowName { View part, faster; };
constexpr SlowName kSlowNames[] = {
    {"Exllama", "Marlin or Machete"}, {"Conch", "Marlin or Machete"}, {"TritonW4A16", "Marlin or Machete"}, {"BitBLAS", "Marlin or Machete"},
    {"Dynamic4bit", "Marlin or Machete"}, {"TritonInt8", "CUTLASS"}, {"TritonScaledMM", "CUTLASS"}, {"TritonFP8", "CUTLASS or DeepGEMM"},
    {"TritonFp8", "CUTLASS or DeepGEMM"}, {"ChannelWiseTorchFP8", "CUTLASS"},
};

/// A warning that vLLM gives, and whether it says that something faster was there to take.
struct SlowWarning { View text, means; bool forced; };
constexpr SlowWarning kSlowWarnings[] = {
    {"so forcing awq.", "plain AWQ kernels, asked for by --quantization awq, where awq_marlin would run", true},
    {"so forcing gptq.", "plain GPTQ (exllama) kernels, asked for by --quantization gptq, where gptq_marlin would run", true},
    {"is not fully optimized yet. The speed can be slower", "a method that vLLM calls not fully optimized", false},
    {"Weight-only FP8 compression will be used leveraging the Marlin kernel", "FP8 weights unpacked to 16 bits by Marlin: this GPU has no FP8 arithmetic", false},
    {"Weight-only FP4 compression will be used leveraging the Marlin kernel", "FP4 weights unpacked to 16 bits by Marlin: this GPU has no FP4 arithmetic", false},
};

bool is_fast(const VllmLog& said) {
  return std::ranges::any_of(said.kernels, [](const std::string& k) {
    return std::ranges::any_of(std::initializer_list<View>{"Machete", "Marlin", "marlin", "Cutlass", "AllSpark"}, [&](View part) { return k.substr(0, k.find(" for ")).find(part) != View::npos; });
  });
}

}  // namespace

KernelSpeed kernel_speed(const VllmLog& said, View log, bool on_cuda) {
  KernelSpeed speed;
  for (const auto& kernel : said.kernels)
    for (const auto& [part, faster] : kSlowNames) {
      if (kernel.substr(0, kernel.find(" for ")).find(part) == View::npos) continue;
      if (on_cuda) speed.slow = fmt::format("{} where {} is faster", kernel, faster);
      else speed.fallback = kernel;
    }
  for (const auto& [text, means, forced] : kSlowWarnings)
    if (log.find(text) != View::npos) (forced ? speed.slow : speed.fallback) = means;
  // Marlin's way of AWQ and GPTQ has names of its own (awq_marlin, auto_awq): these two are the plain ones.
  if (on_cuda && speed.slow.empty() && (said.quantization == "awq" || said.quantization == "gptq") && !is_fast(said))
    speed.slow = fmt::format("plain {} kernels where Marlin or Machete is faster", said.quantization == "awq" ? "AWQ" : "GPTQ (exllama)");
  return speed;
}

}  // namespace qc
