// The rule table: data, not ifs. The first rule whose conditions all hold gives the stance and its reason.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "judge/advise/condition.h"
#include "judge/advise/parts.h"
#include "judge/advise/signals.h"

namespace qc {
namespace {

struct Rule {
  const char* id;
  Stance stance;
  std::vector<Condition<Signal>> conditions;
  const char* reason;   ///< placeholders in braces are Signals::words
  bool for_memory = false;
};

// Thresholds: 90 % top-1 agreement is the level below which reference/quality work calls a variant severely changed;
// 15 % of the weights is the least saving that buys anything (a longer context, more requests).
constexpr Condition<Signal> kLosesAnswers{Signal::net_lost, Is::at_least, kAnswersLost}, kVisiblyChanged{Signal::top1_agreement, Is::below, kVisiblyChangedBelow};

const std::vector<Rule>& rules() {
  using enum Signal;
  using enum Is;
  static const std::vector<Rule> table = {
      {"no-data", Stance::undecided, {{points, below, 1}}, "There is no measurement of {variant} for {workload}."},
      {"baseline-missing", Stance::undecided, {{baseline_missing, at_least, 1}, {faster, below, 1}, {slower, below, 1}},
       "The baseline has no valid figure for {workload}, so there is nothing to compare {variant} with."},
      {"failures", Stance::avoid, {{failed, at_least, 1}, {baseline_failed, below, 1}, {failed_once, below, 1}},
       "{failed} failed with {variant} and none with the baseline; find the cause before serving it."},
      {"failures-more", Stance::avoid, {{failed_above, at_least, 1}, {failed_once, below, 1}},
       "{failed} failed with {variant} and {baseline_failed} with the baseline; find the cause before serving it."},
      {"quality-inferior", Stance::avoid, {{quality_inferior, at_least, 1}},
       "Its answers are worse than the baseline's by more than the margin: {quality}{and_slower}."},
      {"quality-unanswered", Stance::avoid, {{unanswered_alone, at_least, 1}},
       "{variant} gave no answer to {unanswered}, in two askings, and the baseline answered them; find the cause before serving it."},
      {"drift", Stance::undecided, {{withheld, at_least, 1}},
       "No verdict: {drift}, so this machine drifted by more than the study can tell apart."},
      {"server-died", Stance::undecided, {{died, at_least, 1}, {faster, below, 1}, {slower, below, 1}, {same, below, 1}},
       "The server of {variant} gave no answers any more in {workload}, and nothing that was measured of it there has a verdict: find the cause, then go on with `quantcase run --resume`."},
      {"unlike-answers", Stance::undecided, {{unlike, at_least, 1}, {faster, below, 1}, {slower, below, 1}},
       "Whether {variant} is faster can't be told at {unlike_at}: {unlike}. Shorter answers, or events that are counted for tokens, make fewer tokens a second by themselves: measure it with answers of one length, on servers that honour `ignore_eos` and tell their usage."},
      {"not-measured", Stance::undecided, {{faster, below, 1}, {slower, below, 1}, {same, below, 1}},
       "No operating point has an interval, so no verdict can be given: {no_interval}."},
      {"slower-within-noise", Stance::undecided, {{slower, at_least, 1}, {faster, below, 1}, {loss_clear_of_noise, below, 1}},
       "{variant} is slower here, {slower_at} in throughput{same_too}, but the baseline against itself has an interval of plus or minus {floor}, no narrower than that loss: measure more blocks before you decide. {memory_case}."},
      {"slower", Stance::avoid, {{slower, at_least, 1}, {faster, below, 1}},
       "{variant} is slower here: {slower_at} in throughput{same_too}. {memory_case}."},
      {"mixed-within-noise", Stance::undecided, {{slower, at_least, 1}, {faster, at_least, 1}, {clear_of_noise, below, 1}, {loss_clear_of_noise, below, 1}},
       "It may depend on the load: {faster_at}, but {slower_at} in throughput{same_too}. The baseline against itself has an interval of plus or minus {floor}, no narrower than any of these: measure more blocks before you decide."},
      {"mixed", Stance::take_care, {{slower, at_least, 1}, {faster, at_least, 1}},
       "It depends on the load: {faster_at}, but {slower_at} in throughput{same_too}. Serve it only at the loads where it gains; {quality}{changed}."},
      {"budget-lost", Stance::avoid, {{budget_lost_points, at_least, 1}, {budget_points, below, 1}},
       "{variant} meets {budget} at no load measured, and the baseline meets it at {base_met_at}."},
      {"budget-unsure", Stance::take_care, {{has_budget, at_least, 1}, {budget_points, below, 1}, {baseline_budget_points, at_least, 1}},
       "{variant} meets {budget} at no load measured, and the baseline meets it at {base_met_at}, but this run can't say that it is more than chance: measure more before you decide."},
      {"faster-budget-lost", Stance::take_care, {{faster, at_least, 1}, {budget_lost_points, at_least, 1}},
       "{variant} gains {gains}, but it misses {budget} at {budget_lost_at}, where the baseline meets it; {quality}{changed}."},
      {"faster-failures", Stance::take_care, {{faster, at_least, 1}, {failed, at_least, 1}},
       "{variant} gains {gains}, but {failed} failed with it{once}, and {baseline_failed} with the baseline: find the cause first."},
      {"faster-unlike-answers", Stance::take_care, {{faster, at_least, 1}, {unlike, at_least, 1}},
       "{variant} gains {gains}, but at {unlike_at} that can't be told: {unlike}; {quality}{changed}. Measure it with answers of one length before you rely on it."},
      {"faster-within-noise", Stance::take_care, {{faster, at_least, 1}, {clear_of_noise, below, 1}},
       "{variant} gains {gains}, but the baseline against itself has an interval of plus or minus {floor}, no narrower than that gain; {if_budget}{quality}{changed}. Measure more blocks before you rely on it{check_first}."},
      {"faster-over-budget", Stance::take_care, {{faster, at_least, 1}, {has_budget, at_least, 1}, {budget_points, below, 1}},
       "{variant} gains {gains}{slower_too}, but neither it nor the baseline meets {budget} at any load measured; {quality}{changed}. Serve it {elsewhere}{check_first}."},
      {"faster-lower-quality", Stance::take_care, {{faster, at_least, 1}, kLosesAnswers},
       "{variant} gains {gains}{slower_too}, but {quality}{changed}. Check it on your own tasks first."},
      {"faster-changed", Stance::take_care, {{faster, at_least, 1}, kVisiblyChanged},
       "{variant} gains {gains}{slower_too}, but the model is visibly changed: {quality}. Check it on your own tasks first."},
      {"faster-tail-slower", Stance::take_care, {{faster, at_least, 1}, {p95_slower, at_least, 1}},
       "{variant} gains {gains}, but its p95 latency changes by {p95_slower_at}{first_token}."},
      {"faster-first-token-later", Stance::take_care, {{faster, at_least, 1}, {first_token_later, at_least, 1}},
       "{variant} gains {gains}, but its first token comes later ({first_later_at}); {quality}."},
      {"faster-unchecked", Stance::take_care, {{faster, at_least, 1}, {quality_unchecked, at_least, 1}},
       "{variant} gains {gains}; {memory}; but {quality}. Check its answers before you serve it."},
      {"faster", Stance::recommend, {{faster, at_least, 1}},
       "{variant} gains {gains}; {meets}; {memory}; {quality}."},
      {"too-noisy-outdone", Stance::undecided, {{same, at_least, 1}, {blunt, at_least, 1}, {weights_saving, at_least, 0.15}, kVisiblyChanged, {outdone, at_least, 1}},
       "Only throughput could speak for {variant}, and there it is not distinguishable at {same_at}{first_token}, though at the least steady of these loads this run could have seen only a difference of {could_see}: more blocks are needed, for the model is visibly changed ({quality}), and {outdone_by} saves as much memory without that."},
      {"same-outdone", Stance::avoid, {{weights_saving, at_least, 0.15}, kVisiblyChanged, {outdone, at_least, 1}},
       "In throughput {variant} is not distinguishable at {same_at}{first_token}, the model is visibly changed ({quality}), and {outdone_by} saves as much memory without that: nothing speaks for it."},
      {"same-smaller-changed", Stance::take_care, {{weights_saving, at_least, 0.15}, kVisiblyChanged},
       "In throughput {variant} is not distinguishable at {same_at}{first_token}, and the model is visibly changed: {quality}. Memory alone speaks for it: {memory}.", true},
      {"same-smaller", Stance::take_care, {{weights_saving, at_least, 0.15}},
       "In throughput {variant} is not distinguishable at {same_at}{first_token}. Take it for memory, not for speed: {memory}; {quality}.", true},
      {"too-noisy", Stance::undecided, {{same, at_least, 1}, {blunt, at_least, 1}},
       "In throughput {variant} is not distinguishable at {same_at}{first_token}, but at the least steady of these loads this run could have seen only a difference of {could_see}: more blocks are needed."},
      {"same-memory-unknown", Stance::undecided, {{memory_unknown, at_least, 1}},
       "In throughput {variant} is not distinguishable at {same_at}{first_token}, and {memory}: nothing measured here speaks for either."},
      {"same", Stance::avoid, {}, "In throughput {variant} is not distinguishable at {same_at}{first_token}, and {memory}: nothing is gained."},
  };
  return table;
}

std::string filled(std::string text, const Signals& s) {
  for (const auto& [name, words] : s.words) text = replaced(std::move(text), fmt::format("{{{}}}", name), words);
  return text;
}

/// Page one gives only the first sentence of most candidates.
std::string in_first_sentence(std::string reason, std::string_view more) {
  return reason.insert(std::min(reason.find(". "), reason.size() - 1), more);
}

bool tells_budget(const Rule& rule) {
  const std::string_view reason = rule.reason;
  return reason.find("{budget}") != reason.npos || reason.find("{meets}") != reason.npos || reason.find("{if_budget}") != reason.npos;
}

Recommendation apply(const Signals& s, const std::string& workload, const std::string& variant) {
  const auto rule = std::ranges::find_if(rules(), [&](const Rule& r) {
    return std::ranges::all_of(r.conditions, [&](const Condition<Signal>& c) { return c.holds(s[c.figure]); });
  });
  const bool tells_failures = std::string_view(rule->reason).find("{failed}") != std::string_view::npos;
  return {workload, variant, rule->stance, rule->id, filled(tells_failures ? rule->reason : in_first_sentence(rule->reason, "{failed_once}"), s), tells_budget(*rule), rule->for_memory, s[Signal::later_clear_of_noise] > 0,   // the last rule has no condition
          kLosesAnswers.holds(s[Signal::net_lost]), kVisiblyChanged.holds(s[Signal::top1_agreement])};
}

}  // namespace

std::string_view to_string(Stance s) {
  static constexpr std::string_view names[] = {"recommended", "take care", "avoid", "undecided"};
  return names[static_cast<std::size_t>(s)];
}

std::vector<Recommendation> recommend(const StudyData& data, const Findings& so_far) {
  std::vector<Recommendation> all;
  for (const auto& w : so_far.workloads)
    for (const auto& v : data.study.variants)
      if (!v.baseline) all.push_back(apply(read_signals(so_far, w, v.name), w.workload.name, v.name));
  return all;
}

}  // namespace qc
