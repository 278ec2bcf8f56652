#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "report/capacity_report.h"

namespace qc {
namespace {

std::string shown(const std::optional<double>& value, int digits) { return value && std::isfinite(*value) ? fmt::format("{:.{}f}", *value, digits) : "n/a"; }

std::string unit(const Capacity& c) { return c.space.whole ? "requests at once" : "requests/s"; }
std::string load_text(const Capacity& c, double load) { return c.space.whole ? fmt::format("{:.0f}", load) : fmt::format("{:.4g}", load); }

/// "2310", "0.4 %", "of failed requests".
std::string value_text(const ServiceLimit& limit, const LimitStanding& s) {
  if (limit.is_latency()) return s.value ? fmt::format("{:.0f}", *s.value) : s.independent > 0 ? "failed" : "n/a";
  return s.value ? fmt::format("{:.1f} %", 100 * *s.value) : "n/a";
}

std::string bounds_text(const LimitStanding& s) { return fmt::format("({} to {})", s.lo ? fmt::format("{:.0f}", *s.lo) : "?", s.hi ? fmt::format("{:.0f}", *s.hi) : "?"); }

const CapacityLevel* level_at(const Capacity& c, const std::optional<double>& load) {
  const auto at = std::ranges::find_if(c.levels, [&](const CapacityLevel& each) { return load && each.outcome.load == *load; });
  return at == c.levels.end() ? nullptr : &*at;
}

/// ", limited by p95_e2e <= 3000 ms (3412 ms)".
std::string why(const Capacity& c, const CapacityLevel* level) {
  if (!level || !level->standing.limited_by) return {};
  const std::size_t i = *level->standing.limited_by;
  const LimitStanding& s = level->standing.limits[i];
  return fmt::format("{}{}", limit_text(c.judged[i]), s.growing ? ": it keeps growing" : fmt::format(": {}", value_text(c.judged[i], s)));
}

std::string found_text(const Capacity& c) {
  const CapacityAnswer& a = c.answer;
  if (a.meets && a.misses)
    return fmt::format("The limit lies between {} and {} {} ({:.0f} %); the best guess is {}. At {} it misses: {}.", load_text(c, *a.meets), load_text(c, *a.misses), unit(c), 100 * (1 - kCapacityMiss),
                       load_text(c, a.best.value_or(*a.meets)), load_text(c, *a.misses), why(c, level_at(c, a.misses)));
  if (a.misses) return fmt::format("Below {} {} lies the limit; no lower load was shown to meet it: {}.", load_text(c, *a.misses), unit(c), why(c, level_at(c, a.misses)));
  if (a.meets) return fmt::format("{} {} meet every limit; no higher load was shown to miss one.", load_text(c, *a.meets), unit(c));
  return "No load was shown to meet the limits, and none to miss them.";
}

/// Why the search ended before its answer was as narrow as asked for.
std::string state_text(const Capacity& c) {
  if (c.cut == CapacityCut::time) return fmt::format(" Cut short: the {:g} minutes are over; --max-minutes gives it more.", c.max_minutes);
  if (c.cut == CapacityCut::interrupted) return " Cut short: interrupted.";
  if (c.cut == CapacityCut::server_gone) return " Cut short: the server no longer takes connections.";
  if (c.answer.end == SearchEnd::undecided) return " Nearer to the limit the sample did not decide.";
  return c.answer.end == SearchEnd::most_levels ? fmt::format(" Ended after {} levels.", c.levels.size()) : "";
}

}  // namespace

std::string answer_text(const Capacity& c) {
  if (c.answer.end == SearchEnd::lowest_misses) return fmt::format("Even the lowest load, {} {}, misses: {}.{}", load_text(c, c.space.lo), unit(c), why(c, level_at(c, c.answer.misses)), state_text(c));
  if (c.answer.end == SearchEnd::highest_meets) return fmt::format("The highest load asked for, {} {}, still meets every limit: the limit lies above it.{}", load_text(c, c.space.hi), unit(c), state_text(c));
  return found_text(c) + state_text(c);
}

std::string level_line(const Capacity& c, const CapacityLevel& level) {
  std::string text = fmt::format("{} {}: {}", load_text(c, level.outcome.load), unit(c), to_string(level.outcome.standing));
  for (std::size_t i = 0; i < level.standing.limits.size(); ++i) {
    const LimitStanding& s = level.standing.limits[i];
    text += fmt::format("; {}: {}{}", limit_text(c.judged[i]), value_text(c.judged[i], s), c.judged[i].is_latency() ? " " + bounds_text(s) : "");
    if (s.growing) text += ", keeps growing";
  }
  text += fmt::format("; {} tok/s, {} good requests/s, {} requests in {:.0f} s", shown(level.figures.output_tok_s, 1), shown(level.goodput.requests_per_s, 2), level.figures.requests_ok + level.figures.requests_failed, level.seconds);
  return level.valid ? text : text + "; NOT VALID: " + level.invalid_because;
}

std::string capacity_text(const Capacity& c) {
  std::vector<const CapacityLevel*> levels;
  for (const CapacityLevel& each : c.levels) levels.push_back(&each);
  std::ranges::sort(levels, {}, [](const CapacityLevel* each) { return each->outcome.load; });
  std::string text = fmt::format("{:>12} {:>10}", c.space.whole ? "concurrency" : "requests/s", "");
  for (const ServiceLimit& each : c.judged) text += fmt::format(" {:>24}", limit_text(each));
  text += fmt::format(" {:>10} {:>12} {:>8} {:>9} {:>7}\n", "tok/s", "goodput/s", "good %", "requests", "failed");
  for (const CapacityLevel* each : levels) {
    text += fmt::format("{:>12} {:>10}", load_text(c, each->outcome.load), to_string(each->outcome.standing));
    for (std::size_t i = 0; i < each->standing.limits.size(); ++i) text += fmt::format(" {:>24}", value_text(c.judged[i], each->standing.limits[i]) + (c.judged[i].is_latency() ? " " + bounds_text(each->standing.limits[i]) : ""));
    const LoadFigures& f = each->figures;
    text += fmt::format(" {:>10} {:>12} {:>8} {:>9} {:>7}\n", shown(f.output_tok_s, 1), shown(each->goodput.requests_per_s, 2), each->goodput.share ? fmt::format("{:.1f}", 100 * *each->goodput.share) : "n/a", f.requests_ok + f.requests_failed, f.requests_failed);
  }
  for (const CapacityLevel* each : levels)
    if (!each->valid) text += fmt::format("NOT VALID at {}: {}\n", load_text(c, each->outcome.load), each->invalid_because);
  return text + answer_text(c) + "\n";
}

}  // namespace qc
