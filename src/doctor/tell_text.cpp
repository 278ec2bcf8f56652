#include <algorithm>

#include <fmt/format.h>

#include "doctor/tell.h"

namespace qc {
namespace {

std::string shown(const std::optional<double>& value, int digits = 0) { return value ? fmt::format("{:.{}f}", *value, digits) : "n/a"; }

std::string_view tokens_word(const StagePlan& plan) {
  if (plan.aim == StageAim::rate) return "at once";
  return plan.server.rhythm == Rhythm::jittered ? "jittered" : "lock-step";
}

std::string row(const ErrorStage& s) {
  const std::size_t stamps = s.kernel_stamps + s.user_stamps;
  const auto share = stamps > 0 ? std::optional(100 * static_cast<double>(s.kernel_stamps) / static_cast<double>(stamps)) : std::nullopt;
  return fmt::format("{:>7}  {:<9} {:>7} {:>7} {:>7}  {:>7} {:>7}  {:>7} {:>7}  {:>7} {:>7} {:>9}\n", s.plan.streams, tokens_word(s.plan), shown(s.event_us.p50), shown(s.event_us.p99), shown(s.event_us.max),
                     shown(s.first_us.p50), shown(s.first_us.p99), shown(s.send_lateness_p99_us), shown(s.read_lag_p99_us), shown(share, 2), shown(s.cpu_us_per_token, 1), shown(s.tokens_per_s));
}

}  // namespace

std::string doctor_text(const Diagnosis& facts, const std::vector<Finding>& findings) {
  std::size_t width = 0;
  for (const Finding& each : findings) width = std::max(width, each.id.size());
  std::string text;
  for (const Finding& each : findings) {
    text += fmt::format("{:<8} {:<{}}  {}\n", to_string(each.severity), each.id, width, each.found);
    if (!each.remedy.empty()) text += fmt::format("{:<8} {:<{}}  to do: {}\n", "", "", width, each.remedy);
  }
  text += fmt::format("\nOur own error, in us, against a server whose true send times are known (a token every 10 ms; the last row: as fast as they come)\n{:>7}  {:<9} {:^23}  {:^15}  {:>7} {:>7}  {:>7} {:>7} {:>9}\n", "", "", "a token's instant",
                      "first token's", "sent", "read", "kernel", "CPU us", "tokens");
  text += fmt::format("{:>7}  {:<9} {:>7} {:>7} {:>7}  {:>7} {:>7}  {:>7} {:>7}  {:>7} {:>7} {:>9}\n", "streams", "tokens", "p50", "p99", "most", "p50", "p99", "late", "late", "stamp %", "a token", "a second");
  for (const ErrorStage& each : facts.error.stages) text += row(each);
  return text;
}

}  // namespace qc
