#include "study/keys.h"

#include "study/key_table.h"
#include "study/words.h"

namespace qc {
namespace {

Codec<double> share() {
  return number("a number above 0 and at most 1", [](double x) { return x > 0 && x <= 1; });
}

Codec<double> above_zero(const std::string& unit) {
  return number("a number above 0, at most 1000000000" + unit, [](double x) { return x > 0 && x <= 1e9; });
}

constexpr int kMany = 1'000'000;

}  // namespace

const std::vector<Key<Study>>& study_table_keys() {
  static const std::vector<Key<Study>> keys = {
      key("name", &Study::name, file_safe_name(), "File names and the output folder start with it."),
      key("title", &Study::title, any_text(), "The report's title; default: what is compared, and on what machine."),
      key("seed", &Study::seed, seed_number(), "Everything drawn at random comes from it."),
      key("blocks", &Study::blocks, whole_number(1, 1000), "Visits of each operating point; intervals need 2, 4 or more are better."),
      key("aa", &Study::aa, one_of<AaControl>({AaControl::middle, AaControl::all, AaControl::none}),
          "Which operating points the baseline visits twice, to show the noise floor."),
      key("min_effect", &Study::min_effect, number("a fraction from 0 to below 1, such as 0.01", [](double x) { return x >= 0 && x < 1; }),
          "The smallest difference worth a verdict, as a fraction."),
      key("allow", &Study::allow, set_of(any_text()), "Settings that may differ between variants although that is unfair; the report repeats them."),
      key("max_minutes", &Study::max_minutes, above_zero(" (minutes)"), "No further block is begun that would end after so many minutes; two are always run."),
      key("sequential", &Study::sequential, yes_or_no(), "After each pair of blocks, operating points whose verdicts are all settled are left out; intervals allow for the looks."),
      key("time_budget_minutes", &Study::time_budget_minutes, above_zero(" (minutes)"),
          "After two blocks of everything, further pairs of blocks go to the operating points whose intervals they narrow most, until this time is used up."),
  };
  return keys;
}

const std::vector<Key<Hardware>>& hardware_keys() {
  static const std::vector<Key<Hardware>> keys = {
      key("provider", &Hardware::provider, any_text(), "Who rents the machine out; printed."),
      key("name", &Hardware::name, file_safe_name(), "Short name of the hardware in file names; default: detected."),
      key("hourly_usd", &Hardware::hourly_usd, number("a number from 0.0001 to 100000 (dollars an hour; leave it out where no cost is wanted)", [](double x) { return x >= 1e-4 && x <= 1e5; }), "Price of one hour of this machine."),
      key("price_note", &Hardware::price_note, any_text(), "Tier and date of the price; printed."),
      key("utilization", &Hardware::utilization, number("a number from 0.0001 to 1", [](double x) { return x >= 1e-4 && x <= 1; }), "Share of an hour in which the machine serves."),
  };
  return keys;
}

const std::vector<Key<EngineSpec>>& engine_keys() {
  static const std::vector<Key<EngineSpec>> keys = {
      key("kind", &EngineSpec::kind, one_of<EngineKind>({EngineKind::llama, EngineKind::vllm, EngineKind::sglang, EngineKind::openai}),
          "The server; openai attaches to any server that speaks the OpenAI API."),
      key("max_model_len", &EngineSpec::max_model_len, whole_number(1, 100'000'000), "Tokens a request may use, prompt and answer."),
      key("max_num_seqs", &EngineSpec::max_num_seqs, whole_number(1, 100'000), "Requests that the server works on at once."),
      key("gpu_memory_utilization", &EngineSpec::gpu_memory_utilization, share(), "Share of the GPU's memory that the server takes."),
      key("args", &EngineSpec::args, list_of(any_text()), "Passed on to the server of every variant."),
      key("command", &EngineSpec::command, list_of(any_text(), 1), "The words that start the server; ours are appended."),
      key("connect", &EngineSpec::connect, host_and_port(), "Where a server started elsewhere by `command` is reached."),
      key("stop", &EngineSpec::stop, list_of(any_text(), 1), "The command that ends it where killing our child does not."),
      key("url", &EngineSpec::url, http_url(), "Attach to a server that runs already."),
      key("switch", &EngineSpec::switching, one_of<Switch>({Switch::automatic, Switch::resident, Switch::sleep, Switch::restart}),
          "How variants take turns on one device."),
      key("start_timeout_s", &EngineSpec::start_timeout_s, number("seconds above 0, at most 86400", [](double x) { return x > 0 && x <= 86400; }),
          "How long a server may take to get ready."),
      key("env", &EngineSpec::env, environment(), "Added to the server's environment."),
  };
  return keys;
}

const std::vector<Key<Variant>>& variant_keys() {
  static const std::vector<Key<Variant>> keys = {
      key("name", &Variant::name, file_safe_name(), "What tables and files call it."),
      key("model", &Variant::model, text_that("a path (begins with / . ~ or $, or ends in .gguf) or a hub id", [](const auto& s) { return !s.empty(); }),
          "The weights; for a server that runs already: the name it serves."),
      key("baseline", &Variant::baseline, yes_or_no(), "The one that all others are compared with."),
      key("url", &Variant::url, http_url(), "A server of this variant that runs already."),
      key("expect", &Variant::expect, weight_format(), "The format its weights must turn out to have; default: from the model's own files."),
      key("args", &Variant::args, list_of(any_text()), "Passed on to this variant's server, after the engine's args."),
  };
  return keys;
}

const std::vector<Key<Workload>>& workload_keys() {
  static const std::vector<Key<Workload>> keys = {
      key("name", &Workload::name, file_safe_name(), "What tables and files call it."),
      key("prompts", &Workload::prompts, text_that("chat, summarize, summarize-short, a JSONL file, or random:N tokens", [](const auto& s) { return !s.empty(); }),
          "What is sent."),
      key("endpoint", &Workload::endpoint, one_of_words({"chat", "completions"}), "Default: chat where the server has a template."),
      key("concurrency", &Workload::concurrency, different_whole_numbers(1, 100'000), "Requests in flight at once: an operating point each."),
      key("requests_per_slot", &Workload::requests_per_slot, whole_number(1, 10'000), "A trial's requests: this times the concurrency, but no fewer than min_requests."),
      key("min_requests", &Workload::min_requests, whole_number(1, kMany), "The fewest requests of a trial."),
      key("warmup", &Workload::warmup, whole_number(0, kMany), "Requests before each trial that are not counted."),
      key("max_tokens", &Workload::max_tokens, whole_number(1, kMany), "Tokens of every answer."),
      key("p95_budget_ms", &Workload::p95_budget_ms, above_zero(" (milliseconds; leave it out where there is no budget)"), "What the p95 of a request's time may be."),
  };
  return keys;
}

const std::vector<Key<QualitySpec>>& quality_keys() {
  static const std::vector<Key<QualitySpec>> keys = {
      key("spot", &QualitySpec::spot, set_of(one_of_words(spot_words())), "Kinds of prompts whose answers are compared."),
      key("suites", &QualitySpec::suites, set_of(suite_and_count()), "Benchmarks of paired task accuracy."),
      key("margin_pp", &QualitySpec::margin_pp, number("percentage points above 0, at most 100", [](double x) { return x > 0 && x <= 100; }),
          "Loss of accuracy that would matter, in percentage points; fixed before the run."),
      key("max_tokens", &QualitySpec::max_tokens, whole_number(1, kMany), "Caps every quality prompt's own limit."),
      key("divergence_chunks", &QualitySpec::divergence_chunks, whole_number(0, 10000), "Chunks of 512 tokens for KLD and top-1 agreement of local GGUF files; 0: none."),
  };
  return keys;
}

const std::vector<Key<Study>>& estimate_keys() {
  static const std::vector<Key<Study>> keys = {key("gpus", &Study::estimate_gpus, set_of(any_text()), "GPUs to estimate for.")};
  return keys;
}

namespace {

using Row = std::pair<std::string, std::string>;

template <class Target>
void append_rows(std::vector<Row>& rows, const std::string& path, const Target& target, const std::vector<Key<Target>>& keys) {
  for (const Key<Target>& key : keys)
    if (const auto value = key.show(target)) rows.emplace_back(path + "." + key.name, *value);
}

template <class Target>
void append_docs(std::vector<KeyDoc>& docs, const std::string& path, const std::vector<Key<Target>>& keys) {
  for (const Key<Target>& key : keys) {
    const auto fallback = key.show(Target{});
    const bool unset = !fallback || fallback->empty() || *fallback == "[]" || *fallback == "{}";
    docs.push_back({path + "." + key.name, key.accepted, unset ? std::nullopt : fallback, key.help});
  }
}

}  // namespace

std::vector<Row> keys_as_run(const Study& study) {
  std::vector<Row> rows;
  append_rows(rows, "study", study, study_table_keys());
  append_rows(rows, "hardware", study.hardware, hardware_keys());
  append_rows(rows, "engine", study.engine, engine_keys());
  for (const Variant& each : study.variants) append_rows(rows, "variant." + each.name, each, variant_keys());
  for (const Workload& each : study.workloads) append_rows(rows, "workload." + each.name, each, workload_keys());
  append_rows(rows, "quality", study.quality, quality_keys());
  append_rows(rows, "estimate", study, estimate_keys());
  return rows;
}

std::vector<KeyDoc> study_keys() {
  std::vector<KeyDoc> docs;
  append_docs(docs, "study", study_table_keys());
  append_docs(docs, "hardware", hardware_keys());
  append_docs(docs, "engine", engine_keys());
  append_docs(docs, "variant", variant_keys());
  append_docs(docs, "workload", workload_keys());
  append_docs(docs, "quality", quality_keys());
  append_docs(docs, "estimate", estimate_keys());
  return docs;
}

}  // namespace qc
