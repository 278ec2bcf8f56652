#pragma once
// Numbers in, numbers out. Definitions: docs/metrics.md. No word of our domain.
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace qc {

/// A value with its 95 % interval, where the sample allows one.
struct Interval { double lo = 0, hi = 0; };

/// Exact quantile with linear interpolation between order statistics (numpy's default, Hyndman-Fan type 7). Empty for no samples.
std::optional<double> quantile(std::span<const double> xs, double q);
/// The same, several at once, by putting the samples into another order: a few passes over them instead of a sort. `qs` ascending; nothing for
/// no samples.
std::vector<double> quantiles_in_place(std::span<double> xs, std::initializer_list<double> qs);
/// The median-unbiased quantile (Hyndman-Fan type 8), for figures that are paired over blocks of few samples: type 7 lies low for high
/// quantiles of few samples (p95 of 16: by a quarter of their sd), and the more so the wider they scatter, so that the ratio of two
/// unlike samples is off. Empty where the place lies outside the samples: p95 needs 13, p99 67.
std::optional<double> median_unbiased_quantile(std::span<const double> xs, double q);
/// Smallest n for which median_unbiased_quantile exists: 13 for p95.
int median_unbiased_samples(double q);
std::optional<double> mean(std::span<const double> xs);
/// n - 1 in the denominator; empty below two samples.
std::optional<double> sample_stddev(std::span<const double> xs);

/// 1-based ranks r < s of the order statistics that bound quantile q of n samples. With B ~ binomial(n, q) the pair misses with
/// P(B < r) + P(B >= s), and that sum is at most 1 - confidence: the interval covers with at least `confidence`, whatever the
/// distribution. Of all such pairs the one with the fewest ranks between, then the one with the smaller larger tail: tails are equal
/// where n allows it; near the least n the upper tail of a high quantile takes most of the sum, which is why p95 needs 59 samples
/// (0.95^59 = 0.0485), not the 72 of two equal tails. Empty where no pair will do.
std::optional<std::pair<int, int>> quantile_ranks(int n, double q, double confidence);
std::optional<Interval> quantile_interval(std::span<const double> xs, double q, double confidence = 0.95);
/// Smallest n for which quantile_ranks exists.
int samples_needed(double q, double confidence = 0.95);

/// Student's t quantile, two-sided: t such that P(|T| <= t) = confidence with `df` degrees of freedom.
double student_t(double df, double confidence = 0.95);

/// Quantile of the gamma distribution of this shape and scale 1. shape > 0, 0 <= p < 1.
double gamma_quantile(double shape, double p);

/// Student's t interval of exp(mean(log x)): for positive xs, at least two.
std::optional<Interval> log_t_interval(std::span<const double> xs, double confidence = 0.95);

/// Paired over blocks: exp of Student's t on log(candidate_i / baseline_i). Ratios, not percent. At least two pairs, all positive.
/// Covers 94 to 96 % on means of a block and on median_unbiased_quantile of a block (tests/statistical/stats); on `quantile` of a
/// block's p95 only where both variants scatter alike. `p_value`: two-sided, of a true ratio of 1; 1 - p is the confidence at which the interval ends at 1.
/// `spread_log`: standard deviation of the blocks' log ratios.
struct PairedRatio { double ratio = 1; Interval interval; double half_width_log = 0, p_value = 1, spread_log = 0; };
std::optional<PairedRatio> paired_ratio(std::span<const double> baseline, std::span<const double> candidate, double confidence = 0.95);

/// Holm (1979): which of several hypotheses can be rejected so that with probability 1 - alpha no true one is, whatever they have to do with one another.
std::vector<bool> holm_rejects(std::span<const double> p_values, double alpha = 0.05);

/// The share of the error that the look after `look` of `looks` equal steps may spend when a running comparison is looked at after each: look / (1 + 2 + ...
/// + looks). The shares sum to 1, so intervals at 1 - alpha x share miss at any look with at most alpha, whatever made the run stop there and however the looks
/// hang together (Bonferroni). Later looks get more, since the first ones rest on so few blocks that they can settle little. 1 <= look <= looks.
double look_share(int look, int looks);

/// Tango's score interval for the difference of paired proportions (candidate - baseline), n items, b lost (right to wrong),
/// c gained (wrong to right). As fractions in [-1, 1]. Empty for n = 0.
std::optional<Interval> tango_interval(int n, int lost, int gained, double confidence = 0.95);
/// Exact two-sided McNemar p; 1 when nothing changed.
double mcnemar_exact(int lost, int gained);
/// Items needed so that a true difference of 0 with this flip rate is shown to be no worse than -margin (the lower end of a two-sided 95 % interval, power 80 %):
/// 7.85 x flips / margin^2.
int non_inferiority_items(double flip_rate, double margin);

}  // namespace qc
