#pragma once
// What the user asks for: the study file as values, checked whole. Key names are those of docs/interface.md.
#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "study/problems.h"

namespace qc {

struct Variant {
  std::string name;
  std::string model;                  ///< path (expanded) when `local`, else a hub id; may be empty with `url`
  bool local = false;
  bool baseline = false;
  std::optional<std::string> url;     ///< a server of this variant that runs already
  std::optional<std::string> expect;  ///< bf16, awq, gguf:Q4_0 ...
  std::vector<std::string> args;      ///< appended after the engine's args
};

struct Workload {
  std::string name;
  std::string prompts = "chat";         ///< built-in set, JSONL file, or random:N
  std::optional<std::string> endpoint;  ///< chat | completions; unset: chat where the server has a template
  std::vector<int> concurrency;
  int requests_per_slot = 3;
  int min_requests = 8;
  int warmup = 1;                       ///< requests before each trial that are not counted
  int max_tokens = 128;
  std::optional<double> p95_budget_ms;

  [[nodiscard]] int requests_at(int conc) const { return std::max(requests_per_slot * conc, min_requests); }
  /// Slots without a request in a visit's second and last wave. With fewer than two requests a slot the whole visit is the steady window,
  /// so tok/s is less there than that of busy slots. 0: every slot has as many requests as any other, or a window of its own.
  [[nodiscard]] int idle_slots_at(int conc) const {
    const int requests = requests_at(conc);
    return requests > conc && requests < 2 * conc ? 2 * conc - requests : 0;
  }
};

enum class EngineKind { llama, vllm, sglang, openai };
enum class Switch { automatic, resident, sleep, restart };
enum class AaControl { middle, all, none };
std::string_view to_string(EngineKind);
std::string_view to_string(Switch);
std::string_view to_string(AaControl);

struct EngineSpec {
  EngineKind kind = EngineKind::llama;
  std::optional<int> max_model_len;            ///< tokens a request may use, prompt and answer (llama-server: -c / -np)
  std::optional<int> max_num_seqs;             ///< requests at once (llama-server: -np)
  std::optional<double> gpu_memory_utilization;
  std::vector<std::string> args;
  std::vector<std::string> command;            ///< the words that start the server; empty: ours
  std::optional<std::string> connect;          ///< host:port of a server started elsewhere by `command`
  std::vector<std::string> stop;               ///< ends it where killing our child does not
  std::optional<std::string> url;              ///< attach instead of starting
  Switch switching = Switch::automatic;
  double start_timeout_s = 600;
  std::map<std::string, std::string> env;      ///< added to the server's environment
};

struct Hardware {
  std::string provider;
  std::optional<std::string> name;      ///< overrides the detected short name in file names
  std::optional<double> hourly_usd;
  std::string price_note;
  double utilization = 1.0;             ///< share of an hour in which the machine serves, (0, 1]
};

struct QualitySpec {
  std::vector<std::string> spot;        ///< factual, reasoning, code, summarization
  std::vector<std::string> suites;      ///< mmlu:1140 ...
  double margin_pp = 1.0;
  std::optional<int> max_tokens;        ///< caps every prompt's own limit
  int divergence_chunks = 8;            ///< chunks of 512 tokens for KLD and top-1 agreement; 0: not measured
};

struct Study {
  std::string name, title;
  std::string file;                     ///< the path it was read from
  std::string text;                     ///< the file's bytes as run, --set applied, secrets hidden
  std::map<std::string, KeyPlace> places;  ///< where each key that was given stands: "variant.awq.model"; tables too
  std::uint64_t seed = 42;
  int blocks = 4;
  AaControl aa = AaControl::middle;
  double min_effect = 0.01;             ///< smallest Delta worth a verdict, as a fraction
  std::vector<std::string> allow;       ///< unfair differences between variants that are measured all the same (judge/fairness)
  std::optional<double> max_minutes;    ///< no block after the second is begun that would end later; the report says how many were run
  bool sequential = false;              ///< an operating point whose verdicts are all settled is left out of later blocks (study/looks.h)
  std::optional<double> time_budget_minutes;  ///< blocks go where they narrow most, until this time is used up
  Hardware hardware;
  EngineSpec engine;
  std::vector<Variant> variants;        ///< the baseline first, then as in the file
  std::vector<Workload> workloads;
  QualitySpec quality;
  std::vector<std::string> estimate_gpus;
  /// Every key as run, dotted, defaults included, secrets hidden ("hardware.hourly_usd" -> "0.24"): the rows of v_study.
  std::vector<std::pair<std::string, std::string>> keys;

  [[nodiscard]] const Variant& baseline() const { return variants.front(); }
  [[nodiscard]] KeyPlace place(const std::string& key) const { return place_in(places, key); }
};

}  // namespace qc
