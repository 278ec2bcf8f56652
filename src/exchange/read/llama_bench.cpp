// llama-bench -o json or jsonl: an array of tests, each with its repetitions. It runs the model in its own process, one sequence, no server.
#include <fmt/format.h>

#include "exchange/read/formats.h"
#include "exchange/read/json_values.h"

namespace qc {
namespace {

const std::vector<std::string> kLlamaBenchNotes = {
    "llama-bench decodes one sequence in its own process: no server, no queue, no HTTP, so there is no time to first token and no time of a whole request",
    "its tok/s are tokens over the time of one repetition; a repetition stands for a run", "its repetitions of one model follow each other, so they are no blocks"};

void facts(const Json& test, ReadRun& run) {
  VariantFacts& f = run.facts;
  f.model = run.model = text_at(test, "model_filename");
  f.method = text_at(test, "model_type");
  if (const auto bytes = number_at(test, "model_size")) f.file_bytes = static_cast<std::int64_t>(*bytes);
  f.parameters = number_at(test, "model_n_params");
  if (f.file_bytes && f.parameters && *f.parameters > 0) f.bits_per_weight = 8.0 * static_cast<double>(*f.file_bytes) / *f.parameters;
  f.server = "llama-bench", f.server_version = text_at(test, "build_commit");
  for (const char* key : {"backends", "cpu_info", "gpu_info"})
    if (const std::string value = text_at(test, key); !value.empty()) f.settings.emplace_back(key, value);
  for (const char* key : {"n_threads", "n_batch", "n_ubatch", "n_gpu_layers", "n_depth"})
    if (const auto value = number_at(test, key)) f.settings.emplace_back(key, fmt::format("{}", *value));
}

/// One repetition of a generation test.
ReadRun repetition(const Json& test, int tokens, double tok_s, double ns) {
  ReadRun run;
  run.tool = "llama-bench", run.notes = kLlamaBenchNotes, run.concurrency = 1, run.max_tokens = tokens;
  run.workload = fmt::format("tg{}", tokens);
  if (const int depth = whole_at(test, "n_depth").value_or(0); depth > 0) run.workload += fmt::format("-d{}", depth);
  run.utc = text_at(test, "test_time");
  facts(test, run);
  run.figures = {{"output_tok_s", tok_s}, {"requests_ok", 1}, {"requests_failed", 0}, {"mean_output_tokens", tokens}, {"output_tokens", tokens}, {"duration_s", ns * 1e-9},
                 {"tpot_p50_ms", ns * 1e-6 / tokens}};
  return run;
}

/// What reading a prompt takes is no figure of a cell; it is kept in words.
std::string prompt_words(const Json& test) {
  return fmt::format("{} reads a prompt of {} tokens at {:.2f} +- {:.2f} tok/s", text_at(test, "model_filename"), whole_at(test, "n_prompt").value_or(0), number_at(test, "avg_ts").value_or(0), number_at(test, "stddev_ts").value_or(0));
}

}  // namespace

Runs read_llama_bench(const SourceFile& source) {
  auto documents = foreign_json(source.text);
  if (!documents) return fail(documents.error());
  std::vector<ReadRun> runs;
  std::vector<std::string> prompts;
  for (const Json& test : *documents) {
    const auto prompt = whole_at(test, "n_prompt"), generated = whole_at(test, "n_gen");
    if (!prompt || !generated || !number_at(test, "avg_ts"))
      return fail(Fault::usage, "no result of llama-bench: `n_prompt`, `n_gen` and `avg_ts` are missing; write it with `llama-bench -o json` (or jsonl)");
    if (*generated == 0) prompts.push_back(prompt_words(test));
    if (*generated == 0 || *prompt > 0) continue;   // a prompt alone, or both in one time: no rate of output
    const auto rates = numbers_at(test, "samples_ts"), times = numbers_at(test, "samples_ns");
    if (rates.empty() || rates.size() != times.size()) {
      runs.push_back(repetition(test, *generated, *number_at(test, "avg_ts"), number_at(test, "avg_ns").value_or(0)));
      runs.back().notes.push_back("the mean of its repetitions stands for one run: it keeps no samples");
    } else {
      for (std::size_t i = 0; i < rates.size(); ++i) runs.push_back(repetition(test, *generated, rates[i], times[i]));
    }
  }
  if (runs.empty()) return fail(Fault::usage, "no test of generation alone (n_prompt = 0, n_gen > 0): run `llama-bench -n 128 -o json`");
  runs.front().notes.insert(runs.front().notes.end(), prompts.begin(), prompts.end());
  return runs;
}

}  // namespace qc
