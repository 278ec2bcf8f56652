#include "measure/load/own_error.h"

#include <algorithm>
#include <cmath>

namespace qc {
namespace {

double micros(Nanos d) { return static_cast<double>(d.count()) * 1e-3; }

bool was_sent(const RequestRecord& r) { return r.failure != Failure::connect && r.failure != Failure::tls; }

}  // namespace

std::optional<double> percentile(std::vector<double> samples, double q) {
  if (samples.empty()) return std::nullopt;
  const double place = q * static_cast<double>(samples.size() - 1);
  const auto low = static_cast<std::ptrdiff_t>(std::floor(place));
  std::nth_element(samples.begin(), samples.begin() + low, samples.end());
  const double at_low = samples[static_cast<std::size_t>(low)];
  if (low + 1 == std::ssize(samples)) return at_low;
  return std::lerp(at_low, *std::min_element(samples.begin() + low + 1, samples.end()), place - static_cast<double>(low));
}

std::vector<double> send_lateness_us(const std::vector<RequestRecord>& requests) {
  std::vector<double> out;
  for (const RequestRecord& r : requests)
    if (!r.warmup && was_sent(r)) out.push_back(micros(r.sent - r.intended));
  return out;
}

std::vector<double> ttft_us(const std::vector<RequestRecord>& requests) {
  std::vector<double> out;
  for (const RequestRecord& r : requests)
    if (!r.warmup && r.ok() && r.first) out.push_back(micros(*r.first - r.sent));
  return out;
}

std::vector<double> chunk_gaps_us(const std::vector<RequestRecord>& requests) {
  std::vector<double> out;
  for (const RequestRecord& r : requests)
    for (std::size_t i = 1; !r.warmup && r.ok() && i < r.events.size(); ++i) out.push_back(micros(r.events[i].at - r.events[i - 1].at));
  return out;
}

}  // namespace qc
