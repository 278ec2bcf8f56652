#include "measure/load/own_error.h"

namespace qc {
namespace {


bool was_sent(const RequestRecord& r) { return r.failure != Failure::connect && r.failure != Failure::tls; }

}  // namespace

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
