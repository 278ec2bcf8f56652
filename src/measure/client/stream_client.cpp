#include "measure/client/stream_client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <chrono>
#include <deque>

#include "measure/client/slot.h"

namespace qc {
namespace {
using namespace std::chrono_literals;
using boost::system::error_code;

constexpr Nanos kTick = 50ms;
constexpr std::size_t kMostUnread = 512;   // answers; beyond that memory counts for more than a send that is a millisecond late

void rethrow(const std::exception_ptr& thrown) {
  if (thrown) std::rethrow_exception(thrown);
}

class ClosedLoop : public Dispatcher {
 public:
  ClosedLoop(const ClientOptions& options, const Target& target, const std::vector<Outgoing>& requests, std::size_t slots,
             const StopFlag& stop, const std::function<void(const RequestRecord&)>& on_done);
  LoopResult run();

  asio::awaitable<Instant> start_together() override;
  const Job* take() override;
  void count_reconnect() override { ++result_.reconnects; }
  void note_dropped_connection() override { drops_connections_ = true; }
  [[nodiscard]] bool drops_connections() const override { return drops_connections_; }
  void about_to_send() override { ++sending_; }
  void on_its_way() override;
  void finished(std::unique_ptr<Attempt> attempt) override;

 private:
  asio::awaitable<void> keep_time();
  void read_when_idle();
  void read_next();

  asio::io_context io_{1};
  const StopFlag& stop_;
  const std::function<void(const RequestRecord&)>& on_done_;
  std::vector<Job> jobs_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::size_t next_ = 0, ready_ = 0, running_ = 0;
  asio::steady_timer all_ready_{io_, asio::steady_timer::time_point::max()}, ticker_{io_};
  std::vector<std::optional<RequestRecord>> records_;
  std::deque<std::unique_ptr<Attempt>> unread_;
  std::size_t sending_ = 0;
  bool reading_ = false;
  std::vector<Nanos> timer_lags_;
  bool drops_connections_ = false;
  LoopResult result_;
};

ClosedLoop::ClosedLoop(const ClientOptions& options, const Target& target, const std::vector<Outgoing>& requests, std::size_t slots,
                       const StopFlag& stop, const std::function<void(const RequestRecord&)>& on_done)
    : stop_(stop), on_done_(on_done), records_(requests.size()) {
  for (const Outgoing& request : requests) jobs_.push_back({jobs_.size(), &request, request_body(request.ask)});
  for (std::size_t i = 0; i < slots; ++i) slots_.push_back(std::make_unique<Slot>(io_, target, options, *this));
}

LoopResult ClosedLoop::run() {
  running_ = slots_.size();
  for (auto& slot : slots_) {
    asio::co_spawn(io_, slot->run(), [this](const std::exception_ptr& thrown) {
      if (--running_ == 0) ticker_.cancel();
      rethrow(thrown);
    });
  }
  asio::co_spawn(io_, keep_time(), rethrow);
  io_.run();
  while (!unread_.empty()) read_next();
  for (auto& record : records_)
    if (record) result_.records.push_back(std::move(*record));
  if (result_.read_lags.empty()) result_.read_lags = std::move(timer_lags_);
  return std::move(result_);
}

asio::awaitable<Instant> ClosedLoop::start_together() {
  if (++ready_ < slots_.size()) {
    error_code cancelled;
    co_await all_ready_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  } else {
    result_.started = monotonic_clock().now();
    all_ready_.cancel();
  }
  co_return result_.started;
}

const Job* ClosedLoop::take() {
  if (next_ == jobs_.size()) return nullptr;
  if (stop_.finish_in_hand()) {
    result_.cut_short = true;
    return nullptr;
  }
  return &jobs_[next_++];
}

void ClosedLoop::on_its_way() {
  --sending_;
  read_when_idle();
}

void ClosedLoop::finished(std::unique_ptr<Attempt> attempt) {
  unread_.push_back(std::move(attempt));
  read_when_idle();
}

/// Reading an answer's JSON takes up to a millisecond: it waits until no slot has something to send, one answer at a time.
void ClosedLoop::read_when_idle() {
  if (reading_ || unread_.empty() || (sending_ > 0 && unread_.size() < kMostUnread)) return;
  reading_ = true;
  asio::post(io_, [this] {
    reading_ = false;
    if (sending_ == 0 || unread_.size() >= kMostUnread) read_next();
    read_when_idle();
  });
}

void ClosedLoop::read_next() {
  const auto attempt = std::move(unread_.front());
  unread_.pop_front();
  attempt->reply.finish(attempt->record);
  const auto& lags = attempt->reply.lags();
  result_.read_lags.insert(result_.read_lags.end(), lags.begin(), lags.end());
  for (const std::string& warning : attempt->reply.warnings()) ++result_.warnings[warning];
  if (on_done_) on_done_(attempt->record);
  records_[attempt->index] = std::move(attempt->record);
}

asio::awaitable<void> ClosedLoop::keep_time() {
  while (running_ > 0) {
    error_code ec;
    ticker_.expires_after(kTick);
    co_await ticker_.async_wait(asio::redirect_error(asio::use_awaitable, ec));
    const auto late = asio::steady_timer::clock_type::now() - ticker_.expiry();
    if (!ec) timer_lags_.push_back(std::chrono::duration_cast<Nanos>(late));
    const Instant now = monotonic_clock().now();
    for (auto& slot : slots_) slot->tick(now, stop_.leave_now());
  }
}

/// Every request of a server that cannot be found, or that TLS cannot be made ready for.
LoopResult nothing_sent(const std::vector<Outgoing>& requests, Failure kind, const std::string& why,
                        const std::function<void(const RequestRecord&)>& on_done) {
  LoopResult out;
  out.started = monotonic_clock().now();
  for (const Outgoing& request : requests) {
    RequestRecord record;
    record.request_id = request.request_id;
    record.x_request_id = request.x_request_id;
    record.prompt_sha256 = request.prompt_sha256;
    record.warmup = request.warmup;
    record.failure = kind;
    record.failure_detail = why;
    record.intended = record.sent = out.started;
    record.done = out.started;
    if (on_done) on_done(record);
    out.records.push_back(std::move(record));
  }
  return out;
}

}  // namespace

LoopResult closed_loop(const ClientOptions& options, const std::vector<Outgoing>& requests, int slots, const StopFlag& stop,
                       const std::function<void(const RequestRecord&)>& on_done) {
  const auto target = find_target(options.address);
  if (!target) return nothing_sent(requests, target.error().fault == Fault::usage ? Failure::tls : Failure::connect, target.error().message, on_done);
  const std::size_t used = std::min<std::size_t>(static_cast<std::size_t>(std::max(slots, 1)), requests.size());
  if (used == 0) return {};
  return ClosedLoop(options, *target, requests, used, stop, on_done).run();
}

}  // namespace qc
