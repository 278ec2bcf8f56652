// Quality of a run: the spot prompts of each variant, and the baseline's repeat.
#include <algorithm>
#include <iterator>
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

std::vector<SpotItem> unanswered(const std::vector<SpotItem>& items, const std::vector<Answer>& answers) {
  std::vector<SpotItem> out;
  std::ranges::copy_if(items, std::back_inserter(out), [&](const SpotItem& item) {
    return std::ranges::any_of(answers, [&](const Answer& a) { return a.suite == item.suite && a.item == item.id && !a.failure.empty(); });
  });
  return out;
}

/// What a second asking gave takes the place of the first.
void put_in_place(const std::vector<Answer>& second, std::vector<Answer>& answers) {
  for (const Answer& now : second)
    for (Answer& before : answers)
      if (before.suite == now.suite && before.item == now.item) before = now;
}

}  // namespace

void Runner::forget_unanswered() {
  std::set<std::pair<std::string, int>> missing;
  for (const Answer& a : answers_)
    if (!a.failure.empty()) missing.emplace(a.variant, a.run);
  std::erase_if(answers_, [&](const Answer& a) { return missing.contains({a.variant, a.run}); });
}

Status Runner::ask_quality(const std::string& variant, int run) {
  if (spot_.empty() || stopping() || !usable(variant) || asked(answers_, variant, run)) return ok();
  if (auto s = turn_to(variant, run == 1 ? Nap::first : Nap::no); !s) return s;
  if (!usable(variant)) return ok();
  Engine& engine = *servers_.at(variant).engine;
  const Instant begun = monotonic_clock().now();
  ClientOptions client = client_for(engine);
  client.keep_text = true;
  std::string lost;
  const auto ask = [&](const std::vector<SpotItem>& items) {
    auto asked = ask_spot(client, engine.served_model(), engine.default_endpoint(), variant, items, run, run == 0 ? kSlots : kRepeatSlots, plan_.study.quality.max_tokens, stop_,
                          [&](int done, int of_all) { activity(fmt::format("quality of {}", variant), begun, done, of_all); });
    lost = engine.died().value_or(asked.in_vain > 0 ? hang_of(engine, asked.in_vain, client.byte_timeout) : "");
    return std::move(asked.answers);
  };
  auto answers = ask(spot_);
  if (const auto missing = unanswered(spot_, answers); lost.empty() && !stopping() && !missing.empty()) {
    watcher_.say(fmt::format("quality: {} of {} got no answer from {}, asked again", missing.size(), answers.size(), variant));
    put_in_place(ask(missing), answers);
  }
  const double took = seconds(monotonic_clock().now() - begun);
  info_.engine_busy_s += took;
  if (stopping()) {
    note("note", fmt::format("{} was interrupted among its quality prompts{}: they are compared whole only, so `--resume` asks them again.", variant, run ? " (A/A)" : ""));
    return ok();
  }
  if (!lost.empty()) return server_died(variant, lost);
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
