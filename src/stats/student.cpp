// Student's t on logarithms: the intervals of a cell over its blocks, and of a ratio over paired blocks.
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/special_functions/gamma.hpp>

#include <algorithm>
#include <cassert>
#include <cmath>

#include "stats/stats.h"

namespace qc {
namespace {

struct LogMean {
  double centre;
  double half_width;
  double error;   ///< standard error of the centre
};

/// Two-sided, of a true centre of 0.
double p_value_of(const LogMean& t, double df) {
  if (t.error == 0) return t.centre == 0 ? 1 : 0;
  return 2 * cdf(complement(boost::math::students_t(df), std::abs(t.centre) / t.error));
}

std::optional<LogMean> t_of(std::span<const double> logs, double confidence) {
  const auto spread = sample_stddev(logs);
  if (!spread) return std::nullopt;
  const auto n = static_cast<double>(logs.size());
  return LogMean{*mean(logs), student_t(n - 1, confidence) * *spread / std::sqrt(n), *spread / std::sqrt(n)};
}

bool all_positive(std::span<const double> xs) {
  return std::ranges::all_of(xs, [](double x) { return x > 0 && std::isfinite(x); });
}

}  // namespace

double student_t(double df, double confidence) {
  assert(df > 0 && confidence > 0 && confidence < 1);
  return quantile(complement(boost::math::students_t(df), (1 - confidence) / 2));
}

double gamma_quantile(double shape, double p) {
  assert(shape > 0 && p >= 0 && p < 1);
  return p == 0 ? 0 : boost::math::gamma_p_inv(shape, p);
}

std::optional<Interval> log_t_interval(std::span<const double> xs, double confidence) {
  if (!all_positive(xs)) return std::nullopt;
  std::vector<double> logs;
  for (const double x : xs) logs.push_back(std::log(x));
  const auto t = t_of(logs, confidence);
  if (!t) return std::nullopt;
  return Interval{std::exp(t->centre - t->half_width), std::exp(t->centre + t->half_width)};
}

std::optional<PairedRatio> paired_ratio(std::span<const double> baseline, std::span<const double> candidate, double confidence) {
  assert(baseline.size() == candidate.size());
  if (!all_positive(baseline) || !all_positive(candidate)) return std::nullopt;
  std::vector<double> logs;
  for (std::size_t i = 0; i < baseline.size(); ++i) logs.push_back(std::log(candidate[i] / baseline[i]));
  const auto t = t_of(logs, confidence);
  if (!t) return std::nullopt;
  return PairedRatio{std::exp(t->centre), {std::exp(t->centre - t->half_width), std::exp(t->centre + t->half_width)}, t->half_width,
                     p_value_of(*t, static_cast<double>(logs.size()) - 1), *sample_stddev(logs)};
}

}  // namespace qc
