#include "cli/measure_capacity.h"

#include <algorithm>

#include <fmt/format.h>

#include "core/random.h"
#include "report/capacity_report.h"

namespace qc {
namespace {

constexpr double kLevelShare = 1.0 / 3;   // of the time that is left: a level that stays undecided must leave some for others
constexpr Seconds kLeastLevel{30};

Seconds since(Instant start) { return Seconds(seconds(monotonic_clock().now() - start)); }

class Measuring {
 public:
  Measuring(Capacity& capacity, const LoadSpec& base, const PromptSet& prompts, Progress& progress) : capacity_(capacity), base_(base), prompts_(prompts), progress_(progress), search_(capacity.space) {}

  void run() {
    while (const auto load = search_.next()) {
      if (capacity_.cut == CapacityCut::none && left().count() <= 0) capacity_.cut = CapacityCut::time;
      if (capacity_.cut != CapacityCut::none) break;
      measure(*load);
    }
    capacity_.answer = search_.answer();
    capacity_.minutes = since(start_).count() / 60;
  }

 private:
  [[nodiscard]] Seconds left() const { return Seconds(capacity_.max_minutes * 60) - since(start_); }

  [[nodiscard]] LoadSpec spec_for(double load, const LevelWatch& watch) const {
    LoadSpec spec = base_;
    if (continuous_usage_) spec.continuous_usage = continuous_usage_;
    spec.duration = std::min(left(), std::max(kLeastLevel, left() * kLevelShare));
    spec.first_prompt = used_;
    if (capacity_.space.whole) {
      spec.concurrency = static_cast<int>(load);
      spec.requests = watch.most_requests() + static_cast<std::size_t>(load);
    } else {
      spec.rate = load;
      spec.due = arrivals(poisson_gaps(derive_seed(spec.seed, fmt::format("capacity level {}", capacity_.levels.size()))), RateCurve::steady(load), {2 * watch.most_requests(), spec.duration});
    }
    return spec;
  }

  void measure(double load) {
    LevelWatch watch(capacity_.limits, capacity_.space.whole ? static_cast<std::size_t>(load) : 0, kCapacityMiss / CapacitySearch::kMostLevels);
    LoadSpec spec = spec_for(load, watch);
    spec.enough = [&](const RequestRecord& request) { return watch.add(request); };
    const Instant began = monotonic_clock().now();
    LoadRun run = run_load(spec, prompts_, stop_flag(), [&](std::size_t done) { show(load, done, began); });
    progress_.clear();
    used_ += run.requests.size();
    if (!run.cut_short && base_.warmup > 0) continuous_usage_ = run.continuous_usage;   // a server that refused it is not asked again
    keep(load, watch, run, since(began));
  }

  void keep(double load, const LevelWatch& watch, const LoadRun& run, Seconds took) {
    CapacityLevel level{{load, watch.standing().standing, watch.standing().room()}, watch.standing(), figures_of_load(run.trial, run.requests)};
    level.read_lag_us = distribution_of(run.read_lag_us), level.stamps = stamps_of(run.requests);
    level.client_cpu_s = run.trial.client_cpu_s, level.seconds = took.count();
    level.goodput = goodput_of(run.requests, capacity_.limits, level.figures.requests_per_s);
    level.valid = run.trial.valid || (level.figures.requests_ok == 0 && level.figures.requests_failed > 0);
    if (!level.valid) level.invalid_because = run.trial.invalid_because;
    const int unreached = level.figures.failures[static_cast<std::size_t>(Failure::connect)];
    if (run.cut_short) capacity_.cut = CapacityCut::interrupted;
    else if (level.figures.requests_ok == 0 && unreached > 0 && unreached == level.figures.requests_failed) capacity_.cut = CapacityCut::server_gone;
    // A level during which the server went away says nothing about a load.
    if (capacity_.cut == CapacityCut::server_gone) level.outcome.standing = level.standing.standing = Standing::undecided;
    search_.add(level.outcome);
    capacity_.levels.push_back(std::move(level));
    progress_.say(level_line(capacity_, capacity_.levels.back()));
  }

  void show(double load, std::size_t done, Instant began) {
    const Instant now = monotonic_clock().now();
    if (now - shown_ < Nanos(200'000'000)) return;
    shown_ = now;
    const double spent = since(start_).count();
    // Levels to come are taken to last as long as those before, this one included.
    const double each = spent / static_cast<double>(capacity_.levels.size() + 1), ahead = std::max(0.0, each - seconds(now - began)) + each * (search_.levels_left() - 1);
    const double eta = std::min(ahead, left().count());
    progress_.bar(spent / std::max(spent + eta, 1e-9), Seconds(eta), fmt::format("level {}, {} {:.4g}: {} requests done", capacity_.levels.size() + 1, capacity_.space.whole ? "concurrency" : "rate", load, done));
  }

  Capacity& capacity_;
  const LoadSpec& base_;
  std::optional<bool> continuous_usage_;
  const PromptSet& prompts_;
  Progress& progress_;
  CapacitySearch search_;
  Instant start_ = monotonic_clock().now(), shown_ = start_;
  std::size_t used_ = 0;                  ///< prompts
};

}  // namespace

void measure_capacity(Capacity& capacity, const LoadSpec& base, const PromptSet& prompts, Progress& progress) { Measuring(capacity, base, prompts, progress).run(); }

}  // namespace qc
