#pragma once
// Every figure that is printed goes through here: formatted by one table of digits, and kept unrounded for v_figure.
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "judge/compare/compare.h"
#include "record/record.h"

namespace qc {

/// What a figure is. Shares and Deltas come in as fractions (as Findings holds them) and stand in v_figure as percent.
enum class Unit {
  tok_s, requests_s, ms, fine_ms, us, seconds, minutes, delta_pct, share_pct, fine_pct, pp, usd, mib, gib, tokens, count, chrf, nats, ratio, p_value,
  bits, watts, mhz, celsius, joules, characters_s, characters_token, parameters, gb_s,
};

/// One row of the table of digits.
struct UnitRule {
  Unit unit;
  std::string_view name;     ///< in v_figure: "tok/s", "%", "bytes" ...
  double to_figure;          ///< from Findings to v_figure
  double to_print;           ///< from v_figure to the printed number
  int decimals;              ///< -1: four significant digits, at least two decimals (money)
  bool sign;                 ///< printed with + or -
  std::string_view before, after;
};
const UnitRule& rule_of(Unit unit);
/// The number as printed, without its unit, of a value as v_figure holds it. Plain printf rounding; "-0.0" is "0.0".
std::string print_number(Unit unit, double figure_value);

/// Where a figure stands in v_figure.
struct FigureName { std::string section, row, column; };

/// Formats and records. The same name twice is one row; a name always has one value.
class FigureLog {
 public:
  /// "246.1", "+12.3 %", "$0.2712": the number with the unit's own sign, but without " tok/s" or " ms", which a column's head gives.
  std::string number(const FigureName& name, Unit unit, const Measured& value);
  std::string number(const FigureName& name, Unit unit, double value);
  /// The same with its unit: "246.1 tok/s".
  std::string text(const FigureName& name, Unit unit, const Measured& value);
  std::string text(const FigureName& name, Unit unit, double value);
  /// Its size without a sign: "12.3 %" for -12.3 %.
  std::string magnitude(const FigureName& name, Unit unit, const Measured& value);
  /// "[240.0, 252.1]"; empty where there is no interval.
  std::string interval(const FigureName& name, Unit unit, const Measured& value);
  /// Records without printing: for what only a picture shows.
  void keep(const FigureName& name, Unit unit, const Measured& value);

  std::vector<Figure> take() { return std::move(figures_); }

 private:
  std::vector<Figure> figures_;
  std::map<std::tuple<std::string, std::string, std::string>, std::size_t> places_;
};

/// A figure without an interval.
Measured measured(double value);
Measured measured(const std::optional<double>& value, const std::string& na);

}  // namespace qc
