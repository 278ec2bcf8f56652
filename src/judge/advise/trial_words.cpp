#include "judge/advise/trial_words.h"

#include <cmath>

namespace qc {

void TrialWords::add(const ServerSample& sample) {
  if (sample.name == "edge") (sample.value == 0 ? before_ : after_) = sample.at.ns;
  else samples_[sample.name][sample.at.ns] = sample.value;
}

std::optional<double> TrialWords::rise(const std::string& counter) const {
  const auto at = samples_.find(counter);
  if (at == samples_.end() || !whole()) return std::nullopt;
  const auto first = at->second.find(*before_), last = at->second.find(*after_);
  if (first == at->second.end() || last == at->second.end() || last->second < first->second) return std::nullopt;
  return last->second - first->second;
}

std::vector<double> TrialWords::gauge(const std::string& name) const {
  std::vector<double> values;
  const auto at = samples_.find(name);
  if (at == samples_.end()) return values;
  // The edges themselves are outside the load: nothing runs there.
  for (const auto& [ns, value] : at->second)
    if (ns != before_.value_or(ns - 1) && ns != after_.value_or(ns - 1)) values.push_back(value);
  return values;
}

const ServerHistogram* TrialWords::histogram(const std::string& name) const {
  const auto at = histograms_.find(name);
  return at == histograms_.end() ? nullptr : at->second;
}

std::map<int, TrialWords> words_by_trial(const StudyData& data) {
  std::map<int, TrialWords> all;
  for (const auto& sample : data.telemetry.server) all[sample.trial_id].add(sample);
  for (const auto& growth : data.telemetry.histograms) all[growth.trial_id].add(growth);
  return all;
}

void for_each_cell(const StudyData& data, const std::function<void(const Workload&, int, const Variant&, const CellTrials&)>& visit) {
  for (const auto& workload : data.study.workloads)
    for (const int concurrency : workload.concurrency)
      for (const auto& variant : data.study.variants) {
        CellTrials trials;
        for (const auto& t : data.trials)
          if (t.valid && !t.repeat && t.workload == workload.name && t.concurrency == concurrency && t.variant == variant.name) trials.push_back(&t);
        visit(workload, concurrency, variant, trials);
      }
}

std::optional<Between> quantile_between(const ServerHistogram& h, double q) {
  if (h.buckets.empty() || h.buckets.back().count <= 0) return std::nullopt;
  const double wanted = q * h.buckets.back().count;
  double lo = 0, below = 0;
  for (const auto& [bound, count] : h.buckets) {
    // What lies above the last finite bound has no upper end: no value, only "over lo".
    if (count >= wanted) return Between{lo, bound, std::isfinite(bound) && count > below ? lo + (bound - lo) * (wanted - below) / (count - below) : lo};
    lo = bound, below = count;
  }
  return std::nullopt;
}

}  // namespace qc
