#include "report/closing_load.h"

#include <algorithm>
#include <vector>

namespace qc {

const Candidate* candidate_at(const PointComparison& p, const std::string& lead) {
  const auto found = std::ranges::find_if(p.candidates, [&](const Candidate& x) { return x.cell.variant == lead; });
  return found == p.candidates.end() ? nullptr : &*found;
}

WithLoad with_load(const WorkloadComparison& w, const std::string& lead) {
  if (w.points.size() < 2) return WithLoad::one_load;
  std::vector<const Candidate*> told;
  for (const PointComparison& p : w.points)
    if (const Candidate* x = candidate_at(p, lead); x && is_told_apart(x->tok_s.verdict)) told.push_back(x);
  const Candidate* top = candidate_at(w.points.back(), lead);
  const bool quiet_top = top && top->tok_s.verdict == Verdict::not_distinguishable;
  if (!told.empty() && quiet_top && *told.front()->tok_s.value.value > 0) return *told.front()->tok_s.value.lo > *top->tok_s.value.hi ? WithLoad::fades : WithLoad::unknown;
  if (told.size() < 2) return WithLoad::unknown;
  const Measured &low = told.front()->tok_s.value, &high = told.back()->tok_s.value;
  if (*low.value > 0 && *high.value < 0) return WithLoad::turns_to_loss;
  if (*low.value < 0 && *high.value > 0) return WithLoad::turns_to_gain;
  if (*low.value < 0) return WithLoad::loses;
  if (*low.lo > *high.hi) return WithLoad::shrinks;
  return *high.value >= *low.value ? WithLoad::holds : WithLoad::unknown;
}

std::string load_line(WithLoad how) {
  switch (how) {
    case WithLoad::one_load: return "Only one load was measured, so measure at the load you expect before you rely on it.";
    case WithLoad::fades: return "The gain of low load can't be seen any more at high load.";
    case WithLoad::turns_to_loss: return "Load turns the gain into a loss.";
    case WithLoad::turns_to_gain: return "The gain comes only with load, so measure at the load you expect.";
    case WithLoad::loses: return "It loses at both ends of the load: on this hardware unpacking the weights seems to cost more than reading fewer bytes saves.";
    case WithLoad::shrinks: return "The gain shrinks with load.";
    case WithLoad::holds: return "The gain is not seen to shrink with load here.";
    case WithLoad::unknown: break;
  }
  return "Whether load changes the picture can't be told from these cells, so measure at the load you expect.";
}

bool gains_less_with_load(WithLoad how) { return how == WithLoad::shrinks || how == WithLoad::fades || how == WithLoad::turns_to_loss; }

std::string caution_line(WithLoad how) {
  return gains_less_with_load(how) ? "Be cautious where speed is the only reason, the more so at high load." : "Be cautious where speed is the only reason.";
}

}  // namespace qc
