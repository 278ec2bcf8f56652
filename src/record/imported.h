#pragma once
// What was measured elsewhere and brought in: where a run is from, and what its file says of it.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace qc {

/// Names of a run's own figures, as files without the requests behind them tell them. Milliseconds, tokens, seconds, as in the names.
inline constexpr std::string_view kToldFigures[] = {
    "output_tok_s", "total_tok_s", "requests_per_s", "requests_ok", "requests_failed", "mean_prompt_tokens", "mean_output_tokens", "output_tokens", "duration_s",
    "e2e_p50_ms", "e2e_p95_ms", "e2e_p99_ms", "ttft_p50_ms", "ttft_p95_ms", "tpot_p50_ms", "itl_p99_ms"};

/// One run of another tool: the trial that stands for it. What its requests can give comes from them; `figures` is for the rest.
struct ImportedRun {
  int trial_id = 0;
  std::string file;                        ///< as it was named when it was imported
  std::string tool;                        ///< "vllm bench serve", "csv" ...
  bool block_told = false;                 ///< the file says in which block the run was; else nothing pairs it with another variant's
  std::map<std::string, double> figures;   ///< by kToldFigures; what a file does not tell is absent
  std::vector<std::string> notes;          ///< by whose definitions, what was converted, what can't be known

  [[nodiscard]] std::optional<double> figure(const std::string& name) const {
    const auto at = figures.find(name);
    return at == figures.end() ? std::nullopt : std::optional(at->second);
  }
};

}  // namespace qc
