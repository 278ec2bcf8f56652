#include "measure/client/stream_client.h"

#include <algorithm>
#include <barrier>
#include <iterator>
#include <thread>

#include "measure/client/loop.h"
#include "measure/client/stream_limit.h"

namespace qc {
namespace {

/// Every request of a server that cannot be found, or that TLS cannot be made ready for.
LoopResult nothing_sent(const RequestAt& requests, const Timetable& timetable, Failure kind, const std::string& why, const std::function<void(const RequestRecord&)>& on_done) {
  LoopResult out;
  out.started = now();
  for (std::size_t i = 0; timetable.slots > 0 ? !timetable.until || i < static_cast<std::size_t>(timetable.slots) : i < timetable.due.size(); ++i) {
    const auto request = requests(i);
    if (!request) break;
    RequestRecord record;
    record.request_id = request->request_id;
    record.x_request_id = request->x_request_id;
    record.prompt_sha256 = request->prompt_sha256;
    record.warmup = request->warmup;
    record.failure = kind;
    record.failure_detail = why;
    record.intended = record.sent = out.started;
    record.done = out.started;
    if (on_done) on_done(record);
    out.records.push_back(std::move(record));
  }
  return out;
}

/// Every `of`-th request and slot from `part` on.
Share share_of(const RequestAt& requests, const Timetable& whole, std::size_t part, std::size_t of) {
  Share out;
  out.requests = [&requests, part, of](std::size_t i) { return requests(i * of + part); };
  out.timetable.until = whole.until;
  out.timetable.enough = whole.enough;
  out.timetable.slots = (whole.slots + static_cast<int>(of - part) - 1) / static_cast<int>(of);
  for (std::size_t i = part; i < whole.due.size(); i += of) out.timetable.due.push_back(whole.due[i]);
  return out;
}

void add(LoopResult& all, LoopResult part) {
  all.reconnects += part.reconnects;
  all.cut_short = all.cut_short || part.cut_short;
  all.by_io_uring = part.by_io_uring;
  all.read_lags.insert(all.read_lags.end(), part.read_lags.begin(), part.read_lags.end());
  for (const auto& [warning, count] : part.warnings) all.warnings[warning] += count;
}

}  // namespace

/// Threads share nothing while they run: each has its own connections, requests and records, and they begin together.
LoopResult drive(const ClientOptions& options, const RequestAt& requests, const Timetable& timetable, const StopFlag& stop, const std::function<void(const RequestRecord&)>& on_done) {
  allow_open_files(timetable.slots > 0 ? files_for_streams(static_cast<std::uint64_t>(timetable.slots)) : open_file_limit().hard);
  const auto target = find_target(options.address);
  if (!target) return nothing_sent(requests, timetable, target.error().fault == Fault::usage ? Failure::tls : Failure::connect, target.error().message, on_done);
  const std::size_t work = timetable.slots > 0 ? static_cast<std::size_t>(timetable.slots) : timetable.due.size();
  const std::size_t threads = std::clamp<std::size_t>(work, 1, static_cast<std::size_t>(std::max(options.threads, 1)));
  LoopResult all;
  std::barrier together(static_cast<std::ptrdiff_t>(threads), [&]() noexcept { all.started = now(); });
  std::vector<LoopResult> results(threads);
  std::vector<std::vector<std::optional<RequestRecord>>> records(threads);
  const auto carry = [&](std::size_t part) {
    Share share = share_of(requests, timetable, part, threads);
    share.begin = [&] {
      together.arrive_and_wait();
      return all.started;
    };
    results[part] = Loop(options, *target, share, stop, on_done).run(records[part]);
  };
  std::vector<std::jthread> others;
  for (std::size_t part = 1; part < threads; ++part) others.emplace_back(carry, part);
  carry(0);
  others.clear();   // joins
  for (auto& result : results) add(all, std::move(result));
  const std::size_t longest = std::ranges::max(records, {}, [](const auto& each) { return each.size(); }).size();
  for (std::size_t i = 0; i < longest; ++i)
    for (auto& part : records)
      if (i < part.size() && part[i]) all.records.push_back(std::move(*part[i]));
  return all;
}

LoopResult closed_loop(const ClientOptions& options, const std::vector<Outgoing>& requests, int slots, const StopFlag& stop, const std::function<void(const RequestRecord&)>& on_done,
                       const std::function<bool()>& enough) {
  const int used = std::min(std::max(slots, 1), static_cast<int>(requests.size()));
  if (used == 0) return {};
  const RequestAt at = [&](std::size_t i) { return i < requests.size() ? std::optional(requests[i]) : std::nullopt; };
  return drive(options, at, {.slots = used, .due = {}, .until = {}, .enough = enough}, stop, on_done);
}

}  // namespace qc
