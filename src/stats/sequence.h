#pragma once
// Samples that come one after another and know of one another: how much they tell, and intervals that allow for it. Numbers in, numbers out.
#include <limits>
#include <optional>
#include <span>

#include "stats/stats.h"

namespace qc {

/// How many samples in a row tell as much about a mean as one independent sample does: 1 + twice the sum of the autocorrelations (of ranks, so that
/// a long tail does not hide them), summed by Geyer's initial monotone sequence (Practical Markov Chain Monte Carlo, 1992). At least 1; a series
/// that drifts all the time gives about a third of its length. What is over `most` is not summed to its end: the sum of a long series would cost
/// the square of its length.
double correlation_time(std::span<const double> xs, double most = std::numeric_limits<double>::infinity());

/// P(X >= k) of n draws that each succeed with p.
double binomial_tail(int n, int k, double p);

/// A quantile's bounds, each alone wrong with at most its own probability; infinite where the sample allows none.
struct QuantileBounds { double lo, hi; };
/// From the order statistics of xs as if they were `independent` independent ones (at most their number): P(quantile < lo) <= miss_lo and
/// P(quantile > hi) <= miss_hi. Exact for independent samples of any distribution, discrete ones included.
QuantileBounds quantile_bounds(std::span<const double> xs, double q, double independent, double miss_lo, double miss_hi);

/// The mean of a sequence with Student's t over the means of `batches` equal pieces in order (Law and Carson 1979: pieces that are longer than the
/// correlation are nearly independent). What is left over at the start is dropped. Empty below two samples a piece.
struct MeanInterval { double mean = 0, half_width = 0; };
std::optional<MeanInterval> batch_mean_interval(std::span<const double> xs, int batches, double confidence = 0.95);

}  // namespace qc
