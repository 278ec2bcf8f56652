#pragma once
// What each engine can prove of a variant, and from where: the table of docs/engines.md.
#include <array>
#include <span>
#include <string>
#include <string_view>

namespace qc {

/// Who is asked: a server that we started (its log is ours, its files may be), or one that runs already.
enum class ProofBy { llama_started, llama_attached, vllm_started, vllm_attached, sglang, openai };
inline constexpr std::array<std::string_view, 6> kProofColumns = {"llama-server, started", "llama-server, attached", "vLLM, started", "vLLM, attached", "SGLang, attached", "other, attached"};

struct ProofRow {
  std::string_view setting;
  std::array<std::string_view, 6> from;   ///< sources in the order they are asked, ", " between; empty: it can't be known
  [[nodiscard]] std::string_view told_by(ProofBy by) const { return from[static_cast<std::size_t>(by)]; }
};

std::span<const ProofRow> proof_table();
std::string proof_table_markdown();

}  // namespace qc
