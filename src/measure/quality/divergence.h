#pragma once
// How far a candidate's next-token distribution is from the baseline's, teacher-forced over a text (METRICS.md, Quality).
#include <filesystem>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "core/result.h"
#include "core/stop.h"
#include "record/record.h"

namespace qc {

struct DivergenceSpec {
  std::filesystem::path library_dir;      ///< with libllama*.so and libggml*.so: the engine's bin folder
  std::filesystem::path baseline;
  std::vector<std::pair<std::string, std::filesystem::path>> candidates;  ///< variant name, GGUF file
  std::string text, text_name;
  int ctx = 512;                          ///< tokens a chunk; the second half is scored
  int chunks = 4;                         ///< at most; a short text has fewer
  int threads = 0;                        ///< 0: all cores that this process may use
};

struct Divergences {
  std::vector<Divergence> candidates;     ///< in the spec's order
  double model_cpu_s = 0;                 ///< of this process's CPU time, what loading and evaluating the models took: the engine's share
};

/// Evaluates the same token ids in all models, chunk by chunk, in this process; exact over the whole vocabulary, nothing on disk.
/// As llama-perplexity does it: chunks start with the model's start token where it has one. One result a candidate, in order; a
/// candidate that is the baseline's file gives exactly KLD 0 and agreement 1. Holds all models in memory (mapped) at once.
/// `progress(done, of)` counts evaluated chunks over all models. Blocks; one call at a time.
/// Fails as refused where vocabularies, token ids, start token or chat template differ; as usage where the text is shorter than a
/// chunk or the model's context is; as interrupted; as engine where libllama or a model can't be loaded.
Result<Divergences> measure_divergence(const DivergenceSpec& spec, const StopFlag& stop, const std::function<void(int done, int of)>& progress);

}  // namespace qc
