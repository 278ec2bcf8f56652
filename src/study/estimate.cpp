// How long a plan takes, before there are data: tokens read and written over guessed rates.
#include <algorithm>

#include "study/looks.h"
#include "study/plan.h"

namespace qc {
namespace {

/// Throughput grows with the requests in flight towards batch_gain times that of one: (c - 1) / c of the way.
double rate(const SpeedGuess& guess, int in_flight) {
  return guess.output_tok_s_alone * (1 + (guess.batch_gain - 1) * (1 - 1.0 / in_flight));
}

/// Tokens of prompts a second, whatever is in flight.
double reads(const SpeedGuess& guess) { return guess.read_faster * guess.output_tok_s_alone; }

bool attached(const Study& study, const std::string& name) {
  const auto variant = std::ranges::find(study.variants, name, &Variant::name);
  return study.engine.url || study.engine.kind == EngineKind::openai || variant->url;
}

int started_variants(const Plan& plan) {
  return static_cast<int>(std::ranges::count_if(plan.study.variants, [&](const Variant& each) { return !attached(plan.study, each.name); }));
}

/// Changes of the server that works, the first one included. A variant whose turn follows its own, at the border of two blocks, stays up.
int turns_of(const Plan& plan) {
  int turns = 0;
  for (std::size_t i = 0; i < plan.trials.size(); ++i) {
    const bool new_turn = i == 0 || plan.trials[i].variant != plan.trials[i - 1].variant;
    turns += new_turn && !attached(plan.study, plan.trials[i].variant);
  }
  return turns;
}

/// Starts of servers, and what putting them to sleep and waking them takes.
double switching_seconds(const Plan& plan, const SpeedGuess& guess) {
  const double starts = started_variants(plan) * guess.start_s;
  if (plan.switching == Switch::restart) return starts + (turns_of(plan) - started_variants(plan)) * guess.restart_s.value_or(guess.start_s);
  if (plan.switching == Switch::sleep) return starts + started_variants(plan) * guess.first_sleep_s + turns_of(plan) * guess.turn_s;
  return starts;
}

double quality_seconds(const Plan& plan, const SpeedGuess& guess) {
  constexpr int kPromptsOfAKind = 4, kUsualTokens = 100;
  const QualitySpec& quality = plan.study.quality;
  const auto answers = static_cast<double>(quality.spot.size() * kPromptsOfAKind * (plan.study.variants.size() + 1));
  return answers * std::min(quality.max_tokens.value_or(kUsualTokens), kUsualTokens) / guess.output_tok_s_alone;
}

double divergence_seconds(const Plan& plan, const SpeedGuess& guess) {
  constexpr double kChunkTokens = 512;
  return measures_divergence(plan.study) ? static_cast<double>(plan.study.variants.size()) * plan.study.quality.divergence_chunks * kChunkTokens / reads(guess) : 0;
}

/// The shorter of the times that the study gives itself.
std::optional<double> longest_minutes(const Study& study) {
  if (!study.max_minutes || !study.time_budget_minutes) return study.max_minutes ? study.max_minutes : study.time_budget_minutes;
  return std::min(*study.max_minutes, *study.time_budget_minutes);
}

PlanEstimate of_all_blocks(const Plan& plan, const SpeedGuess& guess, int blocks) {
  const double switching = switching_seconds(plan, guess);
  double seconds = switching + quality_seconds(plan, guess) + divergence_seconds(plan, guess);
  for (const PlannedTrial& trial : plan.trials) seconds += trial_seconds(trial, guess);
  return {seconds / 60, seconds / 3600 * plan.study.hardware.hourly_usd.value_or(0), plan.study.hardware.hourly_usd.has_value(), guess, switching, blocks};
}

}  // namespace

bool measures_divergence(const Study& study) {
  const auto is_local = [](const Variant& v) { return v.local && !v.url; };
  return study.quality.divergence_chunks > 0 && study.engine.kind == EngineKind::llama && !study.engine.url && study.engine.command.empty() && std::ranges::all_of(study.variants, is_local);
}

double trial_seconds(const PlannedTrial& trial, const SpeedGuess& guess) {
  const double measured = static_cast<double>(trial.requests) * trial.max_tokens / rate(guess, std::min(trial.concurrency, trial.requests));
  const double warmup = static_cast<double>(trial.warmup) * trial.max_tokens / guess.output_tok_s_alone;
  return measured + warmup + static_cast<double>(trial.requests + trial.warmup) * trial.prompt_tokens / reads(guess);
}

PlanEstimate estimate(const Plan& plan, const SpeedGuess& guess) {
  Plan kept = plan;
  const std::optional<double> longest = longest_minutes(plan.study);
  PlanEstimate whole = of_all_blocks(kept, guess, most_blocks(plan.study));
  while (longest && whole.minutes > *longest && whole.blocks > kFewestBlocks) {
    std::erase_if(kept.trials, [&](const PlannedTrial& trial) { return trial.block + 1 >= whole.blocks; });
    whole = of_all_blocks(kept, guess, whole.blocks - 1);
  }
  return whole;
}

}  // namespace qc
