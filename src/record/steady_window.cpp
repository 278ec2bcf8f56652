#include <algorithm>

#include "record/rates.h"

namespace qc {

std::pair<Instant, Instant> steady_window(const std::vector<RequestRecord>& requests, int slots) {
  std::vector<Instant> intended, sent, done;
  for (const RequestRecord& r : requests) {
    if (r.warmup) continue;
    intended.push_back(r.intended);
    sent.push_back(r.sent);
    done.push_back(r.done.value_or(r.last.value_or(r.sent)));
  }
  if (done.empty()) return {};
  std::ranges::sort(sent);
  std::ranges::sort(done);
  const std::pair whole(std::ranges::min(intended), done.back());
  const auto n = done.size(), busy = static_cast<std::size_t>(std::max(slots, 1));
  if (is_taken_whole(n, slots)) return whole;
  // After the first `busy` sendings each end of a request lets one more start: the n - busy + 1st end finds no more work.
  const std::pair steady(sent[busy - 1], done[n - busy]);
  return steady.first < steady.second ? steady : whole;
}

}  // namespace qc
