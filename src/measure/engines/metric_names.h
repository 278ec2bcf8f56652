#pragma once
// Every server's and release's name of what we look at, as a table. A name that is not in it is passed over.
#include <span>
#include <string_view>

namespace qc {

/// Gauges and counters of several engines behind one server are added up; a share can't be.
enum class Fold { sum, highest };

struct MetricName {
  std::string_view ours;       ///< requests_running, ttft_s ...
  std::string_view theirs;     ///< exactly as in the text; of a histogram without _bucket, _sum, _count
  int choice;                  ///< of several that a page holds, the lowest choice counts: releases rename, and show both names for a while
  Fold fold;
  bool histogram;
};

/// Rows of one `ours` and one `choice` are added up: llama-server counts cached prompt tokens apart.
std::span<const MetricName> metric_names();

}  // namespace qc
