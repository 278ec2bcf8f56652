#include "measure/telemetry/server_watch.h"

#include <algorithm>
#include <chrono>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "measure/telemetry/periodic.h"

namespace qc {
namespace {

const ServerHistogram* find(const ServerReading& reading, const std::string& name) {
  const auto at = std::ranges::find(reading.histograms, name, &ServerHistogram::name);
  return at == reading.histograms.end() ? nullptr : &*at;
}

/// What only ever rises while a server lives.
bool began_anew(const ServerReading& before, const ServerReading& after) {
  for (const char* counter : {"prompt_tokens", "generation_tokens", "preemptions", "requests_finished"})
    if (const auto a = before.value(counter), b = after.value(counter); a && b && *b < *a) return true;
  return false;
}

/// Just before the load, beside it, just after it.
enum class Edge { before, none, after };

void add_samples(const ServerReading& reading, Edge edge, Telemetry& out) {
  for (const auto& [name, value] : reading.values) out.server.push_back({0, reading.at, name, value});
  out.server.push_back({0, reading.at, "answer_ms", millis(reading.at - reading.asked)});
  if (edge != Edge::none) out.server.push_back({0, reading.at, "edge", edge == Edge::before ? 0.0 : 1.0});
}

/// A server counts an answer when it lets go of the request, which may be a moment after its last byte is here.
void let_counts_settle() { std::this_thread::sleep_for(std::chrono::milliseconds(20)); }

}  // namespace

std::optional<ServerHistogram> grown(const ServerHistogram& before, const ServerHistogram& after) {
  if (before.buckets.size() != after.buckets.size() || after.count < before.count || after.sum < before.sum) return std::nullopt;
  ServerHistogram out{after.name, after.count - before.count, after.sum - before.sum, {}};
  for (std::size_t i = 0; i < after.buckets.size(); ++i) {
    const auto &a = before.buckets[i], &b = after.buckets[i];
    if (a.bound != b.bound || b.count < a.count) return std::nullopt;
    out.buckets.push_back({b.bound, b.count - a.count});
  }
  return out;
}

struct ServerWatch::Impl {
  Ask ask;
  Seconds period;
  std::mutex mutex;                                        ///< of all below
  int silent_edges = 0;                                    ///< in a row, over the server's life
  int silent_beside = 0, unanswered = 0;                   ///< in a row beside this load; in this trial
  bool open = false;
  std::optional<ServerReading> first;
  std::vector<ServerReading> during;
  std::unique_ptr<Periodic> beside;                        ///< last: it ends before what it uses

  /// `silent`: how many were in vain, one after the other, of this kind. A server too busy to answer beside the load has time at its edges.
  std::optional<ServerReading> read(int& silent) {
    {
      const std::lock_guard lock(mutex);
      if (silent >= kGiveUp) return std::nullopt;
    }
    auto reading = ask(kPatience);
    const std::lock_guard lock(mutex);
    silent = reading ? 0 : silent + 1;
    unanswered += !reading;
    return reading;
  }

  /// A slow answer is asked for less often, so that answers are under way for a small share of the time only.
  Seconds step() {
    const Instant begun = monotonic_clock().now();
    auto reading = read(silent_beside);
    const double took = seconds(monotonic_clock().now() - begun);
    const std::lock_guard lock(mutex);
    if (reading && open) during.push_back(std::move(*reading));
    if (silent_beside >= kGiveUp) return Seconds(3600);
    return std::max(period, Seconds(took / kMostOfTheTime));
  }
};

ServerWatch::ServerWatch(Ask ask, Seconds period) : impl_(std::make_unique<Impl>()) {
  impl_->ask = std::move(ask), impl_->period = period;
  impl_->beside = std::make_unique<Periodic>(period / 2, [impl = impl_.get()] { return impl->step(); });
}

ServerWatch::~ServerWatch() = default;

void ServerWatch::begin() {
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->during.clear(), impl_->unanswered = impl_->silent_beside = 0;
  }
  let_counts_settle();   // those of the warm-up
  auto reading = impl_->read(impl_->silent_edges);
  const std::lock_guard lock(impl_->mutex);
  impl_->first = std::move(reading);
  impl_->open = impl_->first.has_value();
  if (impl_->open) impl_->beside->resume();
}

ServerWatch::Trial ServerWatch::end() {
  impl_->beside->pause();
  let_counts_settle();
  Trial trial;
  {
    const std::lock_guard lock(impl_->mutex);
    impl_->open = false;
  }
  auto last = impl_->first ? impl_->read(impl_->silent_edges) : std::nullopt;
  const std::lock_guard lock(impl_->mutex);
  auto first = std::exchange(impl_->first, std::nullopt);
  if (impl_->unanswered > 0) trial.telemetry.server.push_back({0, monotonic_clock().now(), "unanswered", static_cast<double>(impl_->unanswered)});
  if (!first) return trial.na = "the server gives no /metrics that we can read", trial;
  add_samples(*first, Edge::before, trial.telemetry);
  for (const auto& reading : std::exchange(impl_->during, {})) add_samples(reading, Edge::none, trial.telemetry);
  if (!last) return trial.na = "the server's /metrics gave no answer after the load", trial;
  add_samples(*last, Edge::after, trial.telemetry);
  if (began_anew(*first, *last)) return trial.na = "the server's counters began anew during the trial", trial;
  for (const auto& after : last->histograms)
    if (const auto* before = find(*first, after.name))
      if (auto h = grown(*before, after)) trial.telemetry.histograms.push_back({0, std::move(*h)});
  trial.before = std::move(first), trial.after = std::move(last);
  return trial;
}

}  // namespace qc
