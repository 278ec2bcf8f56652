#include "report/figures_log.h"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cmath>

namespace qc {
namespace {

constexpr double kMib = 1024.0 * 1024.0;

constexpr UnitRule kRules[] = {
    {Unit::tok_s, "tok/s", 1, 1, 1, false, "", " tok/s"},
    {Unit::requests_s, "requests/s", 1, 1, 2, false, "", " requests/s"},
    {Unit::ms, "ms", 1, 1, 0, false, "", " ms"},
    {Unit::fine_ms, "ms", 1, 1, 1, false, "", " ms"},
    {Unit::us, "us", 1, 1, 0, false, "", " us"},
    {Unit::seconds, "s", 1, 1, 1, false, "", " s"},
    {Unit::minutes, "min", 1, 1, 1, false, "", " min"},
    {Unit::delta_pct, "%", 100, 1, 1, true, "", " %"},
    {Unit::share_pct, "%", 100, 1, 1, false, "", " %"},
    {Unit::fine_pct, "%", 100, 1, 2, false, "", " %"},
    {Unit::pp, "pp", 1, 1, 1, true, "", " pp"},
    {Unit::usd, "USD", 1, 1, -1, false, "$", ""},
    {Unit::mib, "bytes", 1, 1 / kMib, 1, false, "", " MiB"},
    {Unit::gib, "bytes", 1, 1 / (kMib * 1024), 2, false, "", " GiB"},
    {Unit::tokens, "tokens", 1, 1, 0, false, "", " tokens"},
    {Unit::count, "count", 1, 1, 0, false, "", ""},
    {Unit::chrf, "chrF", 1, 1, 1, false, "", ""},
    {Unit::nats, "nats/token", 1, 1, 4, false, "", " nats"},
    {Unit::ratio, "ratio", 1, 1, 3, false, "", ""},
    {Unit::p_value, "p", 1, 1, 3, false, "", ""},
    {Unit::bits, "bits/weight", 1, 1, 2, false, "", ""},
    {Unit::watts, "W", 1, 1, 1, false, "", " W"},
    {Unit::mhz, "MHz", 1, 1, 0, false, "", " MHz"},
    {Unit::celsius, "C", 1, 1, 0, false, "", " C"},
    {Unit::joules, "J/token", 1, 1, 4, false, "", " J"},
    {Unit::characters_s, "characters/s", 1, 1, 0, false, "", " characters/s"},
    {Unit::characters_token, "characters/token", 1, 1, 2, false, "", ""},
    {Unit::gb_s, "bytes/s", 1, 1e-9, 1, false, "", " GB/s"},
    {Unit::parameters, "parameters", 1, 1e-6, 1, false, "", " M"},
};

int decimals_of(const UnitRule& rule, double shown) {
  if (rule.decimals >= 0) return rule.decimals;
  const double size = std::abs(shown);
  return size > 0 ? std::clamp(3 - static_cast<int>(std::floor(std::log10(size))), 2, 6) : 2;
}

// All digits zero: a sign in front of it would claim a direction that the digits do not show.
bool is_zero(const std::string& digits) {
  return std::ranges::none_of(digits, [](char c) { return c >= '1' && c <= '9'; });
}

std::string digits(const UnitRule& rule, double figure_value, bool sign, int decimals) {
  const double shown = figure_value * rule.to_print;
  const std::string size = fmt::format("{:.{}f}", std::abs(shown), decimals);
  const std::string mark = is_zero(size) ? "" : shown < 0 ? "-" : sign ? "+" : "";
  return fmt::format("{}{}{}", mark, rule.before, size);
}

// In tables the head names the unit, except of percentages and money, whose sign is part of how the number is read.
std::string cell(const UnitRule& rule, const std::string& number) {
  return rule.name == "%" ? number + " %" : number;
}

constexpr double kLeastP = 0.0005;   // what is less would print as 0, which no p is

/// An end so far away that its digits would say nothing; v_figure has them.
std::string far_end(const UnitRule& rule, double value, double end) {
  constexpr double kFarPct = 1000, kFarTimes = 100;
  if (rule.name == "%" && std::abs(end * rule.to_figure) > kFarPct) return end > 0 ? "over +1000" : "under -1000";
  if (rule.name != "%" && value > 0 && end > kFarTimes * value) return "over 100 times that";
  return {};
}

}  // namespace

const UnitRule& rule_of(Unit unit) {
  const auto* found = std::ranges::find(kRules, unit, &UnitRule::unit);
  assert(found != std::end(kRules));
  return *found;
}

std::string print_number(Unit unit, double figure_value) {
  const UnitRule& rule = rule_of(unit);
  if (unit == Unit::p_value && figure_value < kLeastP) return "< 0.001";
  return digits(rule, figure_value, rule.sign, decimals_of(rule, figure_value * rule.to_print));
}

void FigureLog::keep(const FigureName& name, Unit unit, const Measured& value) {
  const auto key = std::tuple(name.section, name.row, name.column);
  const UnitRule& rule = rule_of(unit);
  const auto scaled = [&](const std::optional<double>& x) { return x ? std::optional(*x * rule.to_figure) : std::nullopt; };
  Figure figure{name.section, name.row, name.column, scaled(value.value), scaled(value.lo), scaled(value.hi), std::string(rule.name), "MEASURED"};
  const auto [place, is_new] = places_.emplace(key, figures_.size());
  if (is_new) figures_.push_back(std::move(figure));
  else assert(figures_[place->second].value == figure.value && "one name, two values");
}

std::string FigureLog::number(const FigureName& name, Unit unit, const Measured& value) {
  keep(name, unit, value);
  if (!value) return "n/a";
  return cell(rule_of(unit), print_number(unit, *value.value * rule_of(unit).to_figure));
}

std::string FigureLog::number(const FigureName& name, Unit unit, double value) { return number(name, unit, measured(value)); }

std::string FigureLog::text(const FigureName& name, Unit unit, const Measured& value) {
  keep(name, unit, value);
  if (!value) return "n/a";
  return print_number(unit, *value.value * rule_of(unit).to_figure) + std::string(rule_of(unit).after);
}

std::string FigureLog::text(const FigureName& name, Unit unit, double value) { return text(name, unit, measured(value)); }

std::string FigureLog::magnitude(const FigureName& name, Unit unit, const Measured& value) {
  std::string all = text(name, unit, value);
  if (!all.empty() && (all.front() == '-' || all.front() == '+')) all.erase(0, 1);
  return all;
}

std::string FigureLog::interval(const FigureName& name, Unit unit, const Measured& value) {
  keep(name, unit, value);
  if (!value || !value.lo || !value.hi) return {};
  const UnitRule& rule = rule_of(unit);
  // Both ends have the value's own decimals, so that the three can be read against one another.
  const int decimals = decimals_of(rule, *value.value * rule.to_figure * rule.to_print);
  const auto end = [&](double x) {
    const std::string far = far_end(rule, *value.value, x);
    return far.empty() ? digits(rule, x * rule.to_figure, rule.sign, decimals) : far;
  };
  return fmt::format("[{}, {}]", end(*value.lo), end(*value.hi));
}

Measured measured(double value) {
  Measured m;
  m.value = value;
  return m;
}

Measured measured(const std::optional<double>& value, const std::string& na) {
  Measured m;
  m.value = value;
  if (!value) m.na = na;
  return m;
}

}  // namespace qc
