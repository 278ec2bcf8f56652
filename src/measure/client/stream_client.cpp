#include "measure/client/stream_client.h"

#include <algorithm>
#include <chrono>
#include <deque>

#include "measure/client/slot.h"
#include "measure/client/stream_limit.h"

namespace qc {
namespace {
using namespace std::chrono_literals;

constexpr Nanos kTick = 50ms;
constexpr std::size_t kMostUnread = 512;   // answers; beyond that memory counts for more than a send that is a millisecond late
constexpr std::size_t kAhead = 64;         // requests whose bodies are made before they are due
constexpr std::size_t kOpenAhead = 16;     // connections of an open loop that are there before it starts
constexpr std::size_t kReadSize = std::size_t{64} << 10;

Instant now() { return monotonic_clock().now(); }

/// The requests in order, a few of them made ahead.
class Jobs {
 public:
  explicit Jobs(const RequestAt& requests) : requests_(requests) {}
  void prepare() {
    while (!ended_ && made_.size() < kAhead) make();
  }
  [[nodiscard]] bool any() {
    if (made_.empty()) make();
    return !made_.empty();
  }
  [[nodiscard]] std::size_t next_index() const { return made_.front().index; }
  Job take() {
    Job job = std::move(made_.front());
    made_.pop_front();
    return job;
  }

 private:
  void make() {
    auto next = ended_ ? std::nullopt : requests_(count_);
    ended_ = !next;
    if (!next) return;
    Job job{count_++, std::move(*next), {}};
    job.body = request_body(job.who.ask);
    job.who.ask.prompt.clear(), job.who.ask.messages.clear();
    made_.push_back(std::move(job));
  }
  const RequestAt& requests_;
  std::deque<Job> made_;
  std::size_t count_ = 0;
  bool ended_ = false;
};

class Loop : public Dispatcher {
 public:
  Loop(const ClientOptions& options, const Target& target, const RequestAt& requests, const Timetable& timetable, const StopFlag& stop,
       const std::function<void(const RequestRecord&)>& on_done)
      : options_(options), target_(target), timetable_(timetable), stop_(stop), on_done_(on_done), jobs_(requests), buffer_(kReadSize) {}
  LoopResult run();

  void opened() override { ++opened_; }
  void count_reconnect() override { ++result_.reconnects; }
  void note_dropped_connection() override { drops_connections_ = true; }
  [[nodiscard]] bool drops_connections() const override { return drops_connections_; }
  void about_to_send() override { ++sending_; }
  void on_its_way() override { --sending_; }
  void finished(Slot& slot, std::unique_ptr<Attempt> attempt) override;

 private:
  struct Free { Slot* slot; Instant since; };
  [[nodiscard]] bool closed() const { return timetable_.slots > 0; }
  Slot& add_slot();
  void open_ahead();
  void turn(Instant until);
  void tick();
  bool more();
  [[nodiscard]] Instant due(std::size_t index) const;
  std::optional<Instant> send_due();
  std::optional<Instant> send_from_free_slots();
  std::optional<Instant> send_arrivals();
  bool too_late(Instant intended);
  void read_one();
  void keep(std::unique_ptr<Attempt> attempt);

  const ClientOptions& options_;
  const Target& target_;
  const Timetable& timetable_;
  const StopFlag& stop_;
  const std::function<void(const RequestRecord&)>& on_done_;
  Poller poller_;
  Jobs jobs_;
  std::vector<char> buffer_;
  std::vector<std::unique_ptr<Slot>> slots_;
  std::vector<Free> free_;                ///< closed loop: in the order in which they became free; open loop: a stack
  std::vector<Free> freed_;               ///< during this turn
  std::size_t opened_ = 0, busy_ = 0, sending_ = 0;
  bool ended_ = false, drops_connections_ = false;
  std::deque<std::unique_ptr<Attempt>> unread_;
  std::vector<std::optional<RequestRecord>> records_;
  std::vector<Nanos> timer_lags_;
  Instant next_tick_;
  LoopResult result_;
};

Slot& Loop::add_slot() {
  slots_.push_back(std::make_unique<Slot>(poller_, target_, options_, *this));
  return *slots_.back();
}

void Loop::open_ahead() {
  const std::size_t count = closed() ? static_cast<std::size_t>(timetable_.slots) : std::min(kOpenAhead, timetable_.due.size());
  next_tick_ = now() + kTick;
  jobs_.prepare();
  for (std::size_t i = 0; i < count; ++i) add_slot().open();
  while (opened_ < count) turn(next_tick_);
  result_.started = now();
  for (std::size_t i = 0; i < count; ++i) free_.push_back({slots_[i].get(), closed() && i < timetable_.due.size() ? result_.started + timetable_.due[i] : result_.started});
}

LoopResult Loop::run() {
  const PreciseSleep precise;
  open_ahead();
  for (;;) {
    const auto next = send_due();
    if (busy_ == 0 && !next) break;
    turn(next ? std::min(*next, next_tick_) : next_tick_);
  }
  while (!unread_.empty()) read_one();
  for (auto& record : records_)
    if (record) result_.records.push_back(std::move(*record));
  if (result_.read_lags.empty()) result_.read_lags = std::move(timer_lags_);
  return std::move(result_);
}

/// What was due has been sent: one answer is read, then everything that is ready. The next bodies are made while nothing is.
void Loop::turn(Instant until) {
  if (!unread_.empty() && sending_ == 0) read_one();
  const auto ready = poller_.wait(unread_.empty() || sending_ > 0 ? until : Instant{0});
  if (!ready.empty()) {
    const ClockTie tie = ClockTie::now();
    for (const Ready& each : ready) static_cast<Slot*>(each.tag)->on_ready(each, buffer_, tie);
  }
  if (ready.empty()) jobs_.prepare();
  while (unread_.size() > kMostUnread) read_one();
  free_.insert(free_.end(), freed_.begin(), freed_.end());
  freed_.clear();
  tick();
}

void Loop::tick() {
  const Instant at = now();
  if (at < next_tick_) return;
  timer_lags_.push_back(at - next_tick_);
  next_tick_ = at + kTick;
  for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i]->tick(at, stop_.leave_now());
}

/// Whether another request is to be sent at all.
bool Loop::more() {
  if (ended_ || !jobs_.any() || (!closed() && jobs_.next_index() >= timetable_.due.size())) return false;
  if (stop_.finish_in_hand()) result_.cut_short = ended_ = true;
  return !ended_;
}

bool Loop::too_late(Instant intended) {
  if (timetable_.until && intended - result_.started >= *timetable_.until) ended_ = true;
  return ended_;
}

std::optional<Instant> Loop::send_due() { return closed() ? send_from_free_slots() : send_arrivals(); }

/// Sends for every slot that is free and due. When the next one is due; empty: when one gets free, or never.
std::optional<Instant> Loop::send_from_free_slots() {
  std::optional<Instant> next;
  std::vector<Free> waiting;
  const std::vector<Free> free = std::exchange(free_, {});
  for (const Free& each : free) {
    if (!more() || too_late(std::max(each.since, result_.started))) break;
    if (each.since > now()) {
      waiting.push_back(each);
      next = std::min(next.value_or(each.since), each.since);
      continue;
    }
    ++busy_;
    each.slot->carry(jobs_.take(), each.since);
  }
  free_.insert(free_.begin(), waiting.begin(), waiting.end());
  if (!freed_.empty()) next = Instant{0};   // some failed at once: their slots are due now
  return more() ? next : std::nullopt;
}

std::optional<Instant> Loop::send_arrivals() {
  while (more()) {
    const Instant intended = result_.started + timetable_.due[jobs_.next_index()];
    if (too_late(intended)) break;
    if (intended > now()) return intended;
    if (free_.empty()) free_.push_back({&add_slot(), {}});
    Slot* slot = free_.back().slot;
    free_.pop_back();
    ++busy_;
    slot->carry(jobs_.take(), intended);
  }
  return std::nullopt;
}

void Loop::finished(Slot& slot, std::unique_ptr<Attempt> attempt) {
  --busy_;
  freed_.push_back({&slot, *attempt->record.done});
  unread_.push_back(std::move(attempt));
}

void Loop::read_one() {
  auto attempt = std::move(unread_.front());
  unread_.pop_front();
  keep(std::move(attempt));
}

void Loop::keep(std::unique_ptr<Attempt> attempt) {
  attempt->reply.finish(attempt->record);
  const auto& lags = attempt->reply.lags();
  result_.read_lags.insert(result_.read_lags.end(), lags.begin(), lags.end());
  for (const std::string& warning : attempt->reply.warnings()) ++result_.warnings[warning];
  if (on_done_) on_done_(attempt->record);
  if (records_.size() <= attempt->index) records_.resize(std::max(attempt->index + 1, records_.size() * 2));
  records_[attempt->index] = std::move(attempt->record);
}

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

}  // namespace

LoopResult drive(const ClientOptions& options, const RequestAt& requests, const Timetable& timetable, const StopFlag& stop, const std::function<void(const RequestRecord&)>& on_done) {
  allow_open_files(timetable.slots > 0 ? files_for_streams(static_cast<std::uint64_t>(timetable.slots)) : open_file_limit().hard);
  const auto target = find_target(options.address);
  if (!target) return nothing_sent(requests, timetable, target.error().fault == Fault::usage ? Failure::tls : Failure::connect, target.error().message, on_done);
  return Loop(options, *target, requests, timetable, stop, on_done).run();
}

LoopResult closed_loop(const ClientOptions& options, const std::vector<Outgoing>& requests, int slots, const StopFlag& stop, const std::function<void(const RequestRecord&)>& on_done) {
  const int used = std::min(std::max(slots, 1), static_cast<int>(requests.size()));
  if (used == 0) return {};
  const RequestAt at = [&](std::size_t i) { return i < requests.size() ? std::optional(requests[i]) : std::nullopt; };
  return drive(options, at, {.slots = used}, stop, on_done);
}

}  // namespace qc
