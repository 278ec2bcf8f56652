#include "measure/engines/kernel_speed.h"

#include <fmt/format.h>

#include <algorithm>

namespace qc {
namespace {

using View = std::string_view;

/// A part of a kernel's name, what is faster for the same weights on NVIDIA GPUs, and from which compute capability that runs; the first that fits
/// counts. `assumed`: a card that we know nothing of is taken for one that has it. Sources: vLLM's kernels/linear/mixed_precision and
/// kernels/linear/scaled_mm (the order in which it tries them), vllm#21376 (the same AWQ checkpoint: 23 and 123 tok/s).
struct SlowName { View part, faster; int from; bool assumed = true; };
constexpr SlowName kSlowNames[] = {
    {"Exllama", "Marlin or Machete", 80}, {"Conch", "Marlin or Machete", 80}, {"TritonW4A16", "Marlin or Machete", 80}, {"BitBLAS", "Marlin or Machete", 80},
    {"Dynamic4bit", "Marlin or Machete", 80}, {"TritonInt8", "CUTLASS", 75}, {"TritonScaledMM", "CUTLASS", 75},
    {"TritonFp8Block", "CUTLASS or DeepGEMM", 90, false}, {"TritonFP8Block", "CUTLASS or DeepGEMM", 90, false},
    {"TritonFP8", "CUTLASS", 89}, {"TritonFp8", "CUTLASS", 89}, {"ChannelWiseTorchFP8", "CUTLASS", 89}, {"MarlinFP8", "CUTLASS", 89, false}, {"MarlinFp8", "CUTLASS", 89, false},
};

/// A warning that vLLM gives, and whether it says that something faster was there to take.
struct SlowWarning { View text, means; bool forced; };
constexpr SlowWarning kSlowWarnings[] = {
    {"so forcing awq.", "plain AWQ kernels, asked for by --quantization awq, where awq_marlin would run", true},
    {"so forcing gptq.", "plain GPTQ (exllama) kernels, asked for by --quantization gptq, where gptq_marlin would run", true},
    {"is not fully optimized yet. The speed can be slower", "a method that vLLM calls not fully optimized", false},
    {"Weight-only FP8 compression will be used leveraging the Marlin kernel", "FP8 weights unpacked to 16 bits by Marlin, as vLLM does where a GPU has no FP8 arithmetic", false},
    {"Weight-only FP4 compression will be used leveraging the Marlin kernel", "FP4 weights unpacked to 16 bits by Marlin, as vLLM does where a GPU has no FP4 arithmetic", false},
};

/// What stands in front of " for LAYER".
View kernel_name(View kernel) { return kernel.substr(0, kernel.find(" for ")); }

bool is_fast(const VllmLog& said) {
  return std::ranges::any_of(said.kernels, [](const std::string& kernel) {
    return std::ranges::any_of(std::initializer_list<View>{"Machete", "Marlin", "marlin", "Cutlass", "AllSpark"}, [&](View part) { return kernel_name(kernel).find(part) != View::npos; });
  });
}

/// By its name alone.
void judge_name(const std::string& kernel, const KernelPlace& place, KernelSpeed& speed) {
  const auto slow = std::ranges::find_if(kSlowNames, [&](const SlowName& each) { return kernel_name(kernel).find(each.part) != View::npos; });
  if (slow == std::end(kSlowNames)) return;
  const bool has_faster = place.on_cuda && (place.capability ? *place.capability >= slow->from : slow->assumed);
  if (place.on_cuda && !place.forced_by.empty()) speed.slow = fmt::format("{}, with {} set", kernel, place.forced_by);
  else if (has_faster) speed.slow = fmt::format("{} where {} is faster", kernel, slow->faster);
  else speed.fallback = kernel;
}

/// Marlin's way of AWQ and GPTQ has names of its own (awq_marlin, auto_awq): these two are the plain ones. vLLM takes them by itself only for
/// what Marlin can't do: an older card, no symmetric GPTQ, 2 or 3 bits.
void judge_method(const VllmLog& said, const KernelPlace& place, KernelSpeed& speed) {
  if (!place.on_cuda || (said.quantization != "awq" && said.quantization != "gptq") || is_fast(said)) return;
  const std::string plain = fmt::format("plain {} kernels", said.quantization == "awq" ? "AWQ" : "GPTQ (exllama)");
  constexpr int kMarlinFrom = 80;
  if (place.asked == said.quantization && place.capability.value_or(kMarlinFrom) >= kMarlinFrom) speed.slow = fmt::format("{}, asked for by --quantization {}, where Marlin or Machete is faster", plain, place.asked);
  else speed.fallback = plain;
}

}  // namespace

KernelSpeed kernel_speed(const VllmLog& said, View log, const KernelPlace& place) {
  KernelSpeed speed;
  for (const auto& kernel : said.kernels) judge_name(kernel, place, speed);
  for (const auto& [text, means, forced] : kSlowWarnings)
    if (log.find(text) != View::npos) (forced ? speed.slow : speed.fallback) = means;
  if (speed.slow.empty()) judge_method(said, place, speed);
  if (!speed.slow.empty()) speed.fallback.clear();
  return speed;
}

bool takes_kernels_away(View variable, View value) {
  if (value.empty() || value == "0" || value == "none" || value == "off" || value == "False" || value == "false" || value == "[]") return false;
  return std::ranges::find(kTakeKernelsAway, variable) != std::end(kTakeKernelsAway);
}

}  // namespace qc
