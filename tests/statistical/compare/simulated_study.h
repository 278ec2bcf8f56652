#pragma once
// Whole studies with a known truth: two workloads at most, their requests' times and the blocks' drift drawn from a seed.
#include <cmath>
#include <string>

#include "core/random.h"
#include "support/tiny_study.h"

namespace qc::test {

struct Drawn {
  int blocks = 4, requests = 16;
  double shared_sd = 0.02, own_sd = 0.02;              ///< drift of a block, and of each visit alone
  double ratio = 1;                                    ///< the candidate's times over the baseline's
  double e2e_sd[2] = {0.05, 0.05}, ttft_sd[2] = {0.2, 0.2};   ///< of requests: the baseline's, the candidate's
};

/// One visit at one request in flight: each is sent when the one before it is done; two tokens, the first about a tenth of the way.
inline void add_visit(StudyData& d, Random& random, const Drawn& s, TrialRecord t, double level, bool candidate) {
  double now = 0;
  t.id = ++d.planned_trials;
  for (int i = 0; i < s.requests; ++i) {
    const double ms = 1000 * std::exp(level + s.e2e_sd[candidate] * random.normal());
    const double first = 100 * std::exp(level + s.ttft_sd[candidate] * random.normal());
    d.requests.push_back(answered(t.id, i, now, now + first, ms - first, 2));
    now += ms;
  }
  t.steady_end = t.ended = at_ms(now);
  d.trials.push_back(t);
}

/// One block of one point; `again`: the A/A visit, too.
inline void add_block(StudyData& d, Random& random, const Drawn& s, const std::string& workload, int concurrency, int block, bool again) {
  const double shared = s.shared_sd * random.normal();
  const auto visit = [&](const std::string& variant, bool repeat) {
    TrialRecord t = trial(0, variant, block, 0, repeat);
    t.workload = workload, t.concurrency = concurrency;
    const bool candidate = variant != "bf16";
    add_visit(d, random, s, t, shared + s.own_sd * random.normal() + (candidate ? std::log(s.ratio) : 0), candidate);
  };
  visit("bf16", false);
  visit("q4", false);
  if (again) visit("bf16", true);
}

}  // namespace qc::test
