// Servers that take turns on one card by sleep and wake: each started once, at most one awake, and sleep proved by freed memory.
#include <algorithm>

#include <fmt/format.h>

#include "core/bytes.h"
#include "run/patience.h"
#include "run/runner.h"

namespace qc {
namespace {

// The first sleep pins host memory of the weights' size: 5 to 16 s measured; later ones take 0.2 to 0.4 s, waking 0.4 to 0.6.
constexpr Seconds kFirstSleepLimit{60}, kSleepLimit{30}, kWakeLimit{60};
// The driver's count follows within tenths of a second.
constexpr Seconds kProofPatience{3};
// A server that died may hold its memory for a while.
constexpr Seconds kRestPatience{30};
// From a connection that broke to the end of the process that held it.
constexpr Seconds kEndPatience{2};
// Sleepers' own remains grow a little from one sleep to the next (0.9 to 1.7 GiB seen, the first time after graphs were captured).
constexpr std::int64_t kRestSlack = std::int64_t{1} << 30;

double gib(std::int64_t bytes) { return static_cast<double>(bytes) / kGiB; }


}  // namespace

Status Runner::start_sleepers() {
  for (const auto& v : plan_.study.variants) {
    if (stopping() || gave_up_sleep_) return ok();
    if (awake_)
      if (auto s = lay_down(*awake_); !s || gave_up_sleep_) return s;
    if (auto s = start(v.name); !s) return s;
    if (dropped_.contains(v.name) && !servers_.empty() && outcome_.engine_failures.back().find("memory") != std::string::npos) {
      dropped_.erase(v.name);   // alone on the card it may well start
      return give_up_sleep(fmt::format("the server of {} would not start beside those that sleep", v.name));
    }
    if (usable(v.name))
      if (auto s = learn_flags(v.name, servers_.at(v.name)); !s) return s;
  }
  return ok();
}

Status Runner::turn_to(const std::string& variant, Nap nap) {
  if (plan_.switching != Switch::sleep || !usable(variant) || (awake_ == variant && nap == Nap::no)) return ok();
  if (awake_)
    if (auto s = lay_down(*awake_); !s || gave_up_sleep_) return s;
  const bool ours = usable(variant) && !servers_.at(variant).engine->log_path().empty();
  return ours ? wake(variant) : ok();
}

Status Runner::lay_down(const std::string& variant) {
  Server& server = servers_.at(variant);
  sampler_.reset();
  const CardUse before = card_use();
  DeviceTurn turn{variant, server.slept ? "sleep" : "first_sleep", monotonic_clock().now(), 0, first_card(before), {}, true, ""};
  const Status asked = ask_to_sleep(*server.engine, server.slept ? kSleepLimit : kFirstSleepLimit);
  std::optional<std::string> died;   // a connection that broke is seen before the process has wholly ended
  if (!asked) (void)wait_until(kEndPatience, [&] { return died = server.engine->died(), died.has_value(); });
  if (died) {
    turn.ok = false, turn.detail = *died, turn.seconds = seconds(monotonic_clock().now() - turn.at);
    return died_on_falling_asleep(server, turn);
  }
  SleepProof proof;
  CardUse after;
  const auto proved = [&] { return proof = prove_sleep(before, after = card_use(), server.took, server.engine->facts()), proof.asleep(); };
  turn.ok = asked && wait_until(kProofPatience, proved);
  turn.seconds = seconds(monotonic_clock().now() - turn.at), turn.used_after = first_card(after);
  if (!asked) turn.detail = asked.error().message;
  else if (!turn.ok) turn.detail = fmt::format("the server of {} said that it sleeps, but freed {:.1f} GiB of the card's memory, and at least {:.1f} were expected", variant, gib(proof.freed), gib(proof.needed));
  if (auto s = keep_turn(turn); !s) return s;
  if (!turn.ok) return give_up_sleep(turn.detail);
  server.gpu_asleep = std::max<std::int64_t>(0, turn.used_after.value_or(0) - server.gpu_beside);
  if (!server.slept) watcher_.say(fmt::format("{}: asleep after {:.1f} s, keeps {:.1f} GiB of the card", variant, turn.seconds, gib(server.gpu_asleep)));
  server.asleep = server.slept = true, awake_.reset(), at_rest_ = after;
  MemorySample kept{variant, "asleep", monotonic_clock().now(), server.gpu_asleep, {}, {}, {}, "nvml"};
  return store_.put_memory({kept});
}

/// It sleeps for good: when its turn comes it is started anew.
Status Runner::died_on_falling_asleep(Server& server, const DeviceTurn& turn) {
  server.asleep = server.slept = true, server.gpu_asleep = 0, awake_.reset();
  if (at_rest_.empty()) at_rest_ = {server.gpu_beside};
  (void)cards_are_at_rest();   // the driver gives its memory back some time later, and the next one looks at once
  return keep_turn(turn);
}

bool Runner::cards_are_at_rest() const {
  return wait_until(kRestPatience, [&] {
    const CardUse now = card_use();
    for (std::size_t i = 0; i < std::min(now.size(), at_rest_.size()); ++i)
      if (now[i] > at_rest_[i] + kRestSlack) return false;
    return true;
  });
}

Status Runner::wake(const std::string& variant) {
  Server& server = servers_.at(variant);
  if (const auto died = server.engine->died()) {
    server.gpu_asleep = 0;   // gone with it
    return revive(variant, *died);
  }
  if (!cards_are_at_rest()) return give_up_sleep(fmt::format("before {} was woken, {:.1f} GiB of the card were in use and not the {:.1f} of when all slept: another server or program holds them",
                                                             variant, gib(card_use().front()), gib(at_rest_.front())));
  const CardUse before = card_use();
  DeviceTurn turn{variant, "wake", monotonic_clock().now(), 0, first_card(before), {}, true, ""};
  const Status awake = wake_and_try(*server.engine, kWakeLimit);
  turn.seconds = seconds(monotonic_clock().now() - turn.at), turn.used_after = first_card(card_use()), turn.ok = awake.has_value();
  if (!awake) turn.detail = awake.error().message;
  if (auto s = keep_turn(turn); !s) return s;
  // From the first try on it may hold the card: nobody else is woken before it sleeps or has ended.
  awake_ = variant, server.asleep = false;
  server.gpu_beside = turn.used_before.value_or(0) - server.gpu_asleep;
  return awake ? ok() : revive(variant, awake.error().message);
}

Status Runner::revive(const std::string& variant, const std::string& why) {
  if (!revived_.insert(variant).second) return server_died(variant, why);
  const std::string text = fmt::format("The server of {} did not come back from sleep, so it is started anew once: {}", variant, why);
  note("note", text);
  watcher_.say(text);
  const Instant begun = monotonic_clock().now();
  if (auto s = stop_server(variant); !s) return s;
  if (auto s = start(variant); !s) return s;
  return keep_turn({variant, "restart", begun, seconds(monotonic_clock().now() - begun), {}, first_card(card_use()), usable(variant), why});
}

Status Runner::give_up_sleep(const std::string& because) {
  const std::string text = fmt::format("Sleep was given up: {}. From there on each server was started anew for its turn.", because);
  note("note", text);
  watcher_.say(text);
  gave_up_sleep_ = true;
  for (const auto& v : plan_.study.variants)
    if (auto s = stop_server(v.name); !s) return s;
  plan_.switching = Switch::restart, plan_.switching_because = text;
  order_by_turns(plan_.trials), order_by_turns(later_);
  eta_ = Eta(still_to_do(), SpeedGuess{});
  info_.switching = to_string(plan_.switching), info_.switching_because = text;
  if (auto s = keep_totals(); !s) return s;
  return store_.put_plan(plan_.trials);
}

Status Runner::keep_turn(const DeviceTurn& turn) {
  info_.engine_busy_s += turn.seconds;
  return store_.put_turn(turn);
}

}  // namespace qc
