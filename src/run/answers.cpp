// Quality of a run: the spot prompts of each variant, and the baseline's repeat.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "run/runner.h"

namespace qc {
namespace {

constexpr int kSlots = 4;          // answers asked for at once; the baseline's repeat takes another batch shape
constexpr int kRepeatSlots = 3;

bool asked(const std::vector<Answer>& answers, const std::string& variant, int run) {
  return std::ranges::any_of(answers, [&](const Answer& a) { return a.variant == variant && a.run == run; });
}

std::vector<Answer> of(const std::vector<Answer>& answers, const std::string& variant, int run) {
  std::vector<Answer> out;
  std::ranges::copy_if(answers, std::back_inserter(out), [&](const Answer& a) { return a.variant == variant && a.run == run; });
  return out;
}

}  // namespace

void Runner::forget_unanswered() {
  std::set<std::pair<std::string, int>> answered;
  for (const Answer& a : answers_)
    if (a.failure.empty()) answered.emplace(a.variant, a.run);
  std::erase_if(answers_, [&](const Answer& a) { return !answered.contains({a.variant, a.run}); });
}

Status Runner::ask_quality(const std::string& variant, int run) {
  if (spot_.empty() || stopping() || !usable(variant) || asked(answers_, variant, run)) return ok();
  if (auto s = turn_to(variant, run == 1 ? Nap::first : Nap::no); !s) return s;
  if (!usable(variant)) return ok();
  Engine& engine = *servers_.at(variant).engine;
  const Instant begun = monotonic_clock().now();
  ClientOptions client = client_for(engine);
  client.keep_text = true;
  auto answers = ask_spot(client, engine.served_model(), engine.default_endpoint(), variant, spot_, run, run == 0 ? kSlots : kRepeatSlots,
                          plan_.study.quality.max_tokens, stop_, [&](int done, int of_all) {
                            activity(fmt::format("quality of {}", variant), begun, done, of_all);
                          });
  const double took = seconds(monotonic_clock().now() - begun);
  info_.engine_busy_s += took;
  if (const auto died = engine.died()) return server_died(variant, *died);
  if (stopping()) return ok();  // half a suite is no suite: asked again on --resume
  if (!plan_.study.baseline().name.empty() && (variant != plan_.study.baseline().name || run == 1)) compare_to(of(answers_, plan_.study.baseline().name, 0), answers);
  answers_.insert(answers_.end(), answers.begin(), answers.end());
  const auto failed = std::ranges::count_if(answers, [](const Answer& a) { return !a.failure.empty(); });
  watcher_.say(fmt::format("quality: {} answered {} prompts{}{} ({:.1f} s)", variant, answers.size() - static_cast<std::size_t>(failed), run ? " again (A/A)" : "", failed ? fmt::format(", {} failed", failed) : "", took));
  return store_.put_answers(answers);
}

Status Runner::quality_of_all() {
  const std::string baseline = plan_.study.baseline().name;
  if (auto s = ask_quality(baseline, 0); !s) return s;
  if (auto s = ask_quality(baseline, 1); !s) return s;
  for (const auto& v : plan_.study.variants)
    if (!v.baseline)
      if (auto s = ask_quality(v.name, 0); !s) return s;
  return ok();
}

}  // namespace qc
