// What to do next, chosen from the data.
#include <algorithm>

#include <fmt/format.h>

#include "core/text.h"
#include "judge/advise/parts.h"

namespace qc {
namespace {

int count_unresolved(const Findings& f) {
  int n = 0;
  for (const auto& w : f.workloads)
    for (const auto& p : w.points)
      n += static_cast<int>(std::ranges::count(p.candidates, Verdict::not_distinguishable, [](const Candidate& c) { return c.tok_s.verdict; }));
  return n;
}

/// Evaluation benchmarks and the questions of their test sets, as published.
struct Benchmark { const char* name; int items; };
constexpr Benchmark kBenchmarks[] = {{"MMLU", 14042}, {"GSM8K", 1319}};

/// "MMLU has that many (14042)", or that none has.
std::string large_enough(int needed) {
  std::vector<std::string> names;
  for (const Benchmark& each : kBenchmarks)
    if (each.items >= needed) names.push_back(fmt::format("{} ({})", each.name, each.items));
  if (names.empty()) return "neither MMLU nor GSM8K has that many, so take several together, or a wider margin";
  return fmt::format("{} {} that many", join_and(names), names.size() == 1 ? "has" : "have");
}

/// So much was lost that, were it true, a sample far smaller than items_needed would leave the margin out: the square of the distance counts.
bool is_seen_lost(const QualityBound& b, double margin_pp) { return b.difference_pp && *b.difference_pp.value < -3 * margin_pp; }

constexpr double kLong = 4000;   // tokens: about the 4k of the next step

double longest_prompt(const Findings& f) {
  double longest = 0;
  for (const auto& w : f.workloads)
    for (const auto& p : w.points) longest = std::max(longest, p.baseline.mean_prompt.value_or(0));
  return longest;
}

std::vector<std::string> inconclusive(const std::vector<QualityBound>& bounds) {
  std::vector<std::string> names;
  for (const QualityBound& b : bounds)
    if (b.items_needed) names.push_back(b.variant);
  return names;
}

void about_quality(const StudyData& data, const Findings& f, std::vector<NextStep>& steps) {
  const auto widest = std::ranges::max_element(f.bounds, {}, [](const QualityBound& b) { return b.items_needed.value_or(0); });
  if (widest != f.bounds.end() && widest->items_needed)
    steps.push_back({"Run a proper evaluation benchmark",
                     fmt::format("The spot check is inconclusive for {}: if {} truly loses nothing, about {} graded items are needed to bound its loss to {:g} percentage point{}; {}{}.",
                                 join_and(inconclusive(f.bounds)), widest->variant, *widest->items_needed, data.study.quality.margin_pp, data.study.quality.margin_pp == 1 ? "" : "s", large_enough(*widest->items_needed),
                                 is_seen_lost(*widest, data.study.quality.margin_pp) ? ". A loss as large as the one seen here would show in far fewer" : "")});
  else if (!f.bounds.empty() && f.bounds.front().baseline_fails_all())
    steps.push_back({"Find out why the baseline answers nothing right", "None of its graded answers is right: look at the answers and at the model's chat template, then ask again. As it is, no loss of quality can be seen."});
  else if (random_weights(data))
    steps.push_back({"Repeat it with the real weights", "The weights here are random, so its answers could not be judged; the real model's answers decide whether a format can be served at all."});
  else if (f.bounds.empty() || std::ranges::all_of(f.bounds, [](const QualityBound& b) { return b.items == 0; }))
    steps.push_back({"Check quality", !data.imported.empty() ? "Imported files hold no graded answers; `quantcase compare` asks both servers the quality prompts, and an evaluation benchmark comes after."
                                     : data.study.quality.spot.empty() ? "No answer was graded in this study; add [quality] spot to it, then an evaluation benchmark."
                                     : f.prompts_unanswered > 0        ? "No answers could be graded in pairs in this run, since quality prompts got no answer: find out why, then let `--resume` ask them again, and add an evaluation benchmark."
                                                                      : "No answers could be graded in pairs in this run; run it to its end (`--resume` goes on), then add an evaluation benchmark."});
}

bool is_among_the_largest(const std::string& gpu) {
  constexpr std::string_view kLargest[] = {"A100", "H100", "H200", "GH200", "B200", "GB200", "B300", "MI300", "MI325", "MI355"};
  return std::ranges::any_of(kLargest, [&](std::string_view name) { return gpu.find(name) != std::string::npos; });
}

void about_hardware(const StudyData& data, std::vector<NextStep>& steps) {
  if (served_elsewhere(data) || !data.imported.empty()) return;
  if (data.run.gpus.empty())
    steps.push_back({"Repeat the study on the GPU you would rent",
                     "A CPU shows the method. On a GPU the kernels, the memory bandwidth and so the ratios differ; start the servers there and give each variant the url of its server."});
  else if (is_among_the_largest(data.run.gpus.front()))
    steps.push_back({"Try the smallest GPU that holds the model", "This card is among the largest. On one with less memory and bandwidth the weights weigh more, so what quantization gains may differ, and the hour costs less; measure it there before moving."});
  else
    steps.push_back({"Try a bigger GPU (A100, H100)", "On a card with more memory and bandwidth the weights weigh less, so the gain of quantization shrinks; measure it there before moving."});
}

void about_budgets(const Findings& f, std::vector<NextStep>& steps) {
  for (const auto& s : f.settings) {
    if (!s.met || *s.met) continue;
    if (s.fails()) {
      steps.push_back({fmt::format("Find out why requests fail for {}", s.workload),
                       fmt::format("More than 5 % of them failed with {} at concurrency {}, so its p95 of {:.0f} ms counts for no budget: Methodology lists them by kind, and the server's log should tell why.", s.variant, s.concurrency, *s.p95_ms.value)});
      continue;
    }
    const bool lowest = s.concurrency == 1;
    steps.push_back({fmt::format("{} for {}", lowest ? "Shorten answers or move up" : "Lower the load or move up", s.workload),
                     fmt::format("The p95 budget of {:.0f} ms is met by {}; of the baseline and what is called faster and fit to serve the nearest is {} at concurrency {} with {:.0f} ms. Try {}shorter outputs or faster hardware.",
                                 *s.budget_ms, s.none(), s.variant, s.concurrency, *s.p95_ms.value, lowest ? "" : "a lower concurrency, ")});
  }
}

/// Of 4k, 8k and 16k those that the models' own context leaves room for, with an answer; all where it is not known.
std::string longer_contexts(const StudyData& data) {
  std::vector<std::string> fit;
  for (const auto& each : {std::pair{"4k", 4096}, std::pair{"8k", 8192}, std::pair{"16k", 16384}})
    if (std::ranges::all_of(data.variants, [&](const VariantFacts& v) { return !v.model_context || *v.model_context > each.second; })) fit.emplace_back(each.first);
  return fmt::format("{}", fmt::join(fit, ", "));
}

}  // namespace

std::vector<NextStep> next_steps(const StudyData& data, const Findings& f) {
  std::vector<NextStep> steps;
  if (!f.complete) steps.push_back({"Finish this study", "Some planned trials are missing or invalid; run it again with --resume."});
  if (!data.imported.empty())
    steps.push_back({"Measure both in turn", "Imported runs can't be paired unless their files tell blocks, so differences have no interval; `quantcase compare --baseline URL --candidate URL` visits both servers in turn."});
  about_hardware(data, steps);
  about_quality(data, f, steps);
  about_budgets(f, steps);
  if (const int n = count_unresolved(f); n > 0) {
    const int blocks = blocks_run(data);
    steps.push_back({"Run more blocks where it matters", fmt::format("{} comparison{} of throughput {} not distinguishable with {} block{}; twice as many {}.", n,
                                                                     n == 1 ? "" : "s", n == 1 ? "is" : "are", blocks, blocks == 1 ? "" : "s",
                                                                     blocks == 1 ? "give intervals at all" : blocks == 2 ? "make the intervals about a fifth as wide" : "narrow the intervals by a third or more")});
  }
  if (data.run.gpus.empty() || std::ranges::none_of(data.study.variants, [](const Variant& v) { return v.expect && v.expect->starts_with("fp8"); }))
    steps.push_back({"Compare other methods", "AWQ and GPTQ (4-bit weights), INT8 W8A8, and FP8 where the hardware has it (Ada, Hopper and later) trade speed, memory and quality differently."});
  if (const std::string longer = longer_contexts(data); longest_prompt(f) < kLong && !longer.empty())
    steps.push_back({fmt::format("Measure longer contexts ({})", longer), "The KV cache grows with the context while the weights do not, so both the memory share and the ratios change."});
  steps.push_back({"Measure time to first token under an open load", "This study keeps a fixed number of users; a stream of arrivals shows the queueing that users feel at peak hours."});
  return steps;
}

}  // namespace qc
