#include "measure/client/loop.h"

#include <algorithm>
#include <chrono>

namespace qc {
namespace {
using namespace std::chrono_literals;

constexpr Nanos kTick = 50ms;
constexpr std::size_t kMostUnread = 512;   // answers; beyond that memory counts for more than a send that is a millisecond late
constexpr std::size_t kAhead = 64;         // requests whose bodies are made before they are due
constexpr std::size_t kOpenAhead = 16;     // connections of an open loop that are there before it starts
constexpr std::size_t kReadSize = std::size_t{64} << 10;

}  // namespace

void Jobs::prepare() {
  while (!ended_ && made_.size() < kAhead) make();
}

bool Jobs::any() {
  if (made_.empty()) make();
  return !made_.empty();
}

Job Jobs::take() {
  Job job = std::move(made_.front());
  made_.pop_front();
  return job;
}

void Jobs::make() {
  auto next = ended_ ? std::nullopt : requests_(count_);
  ended_ = !next;
  if (!next) return;
  Job job{count_++, std::move(*next), {}};
  job.body = request_body(job.who.ask);
  job.who.ask.prompt.clear(), job.who.ask.messages.clear();
  made_.push_back(std::move(job));
}

Loop::Loop(const ClientOptions& options, const Target& target, const Share& share, const StopFlag& stop, const std::function<void(const RequestRecord&)>& on_done)
    : options_(options), target_(target), timetable_(share.timetable), begin_(share.begin), stop_(stop), on_done_(on_done), poller_(options.reading), jobs_(share.requests), buffer_(kReadSize) {}

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
  result_.started = begin_();
  for (std::size_t i = 0; i < count; ++i) free_.push_back({slots_[i].get(), closed() && i < timetable_.due.size() ? result_.started + timetable_.due[i] : result_.started});
}

LoopResult Loop::run(std::vector<std::optional<RequestRecord>>& records) {
  const PreciseSleep precise;
  const StampsHeld stamps;
  open_ahead();
  for (;;) {
    const auto next = send_due();
    if (busy_ == 0 && !next) break;
    turn(next ? std::min(*next, next_tick_) : next_tick_);
  }
  while (!unread_.empty()) read_one();
  records = std::move(records_);
  result_.by_io_uring = poller_.delivers();
  if (result_.read_lags.empty()) result_.read_lags = std::move(timer_lags_);
  return std::move(result_);
}

/// What was due has been sent: one answer is read, then everything that is ready. The next bodies are made while nothing is.
void Loop::turn(Instant until) {
  if (!unread_.empty() && sending_ == 0) read_one();
  const auto ready = poller_.wait(unread_.empty() || sending_ > 0 ? until : Instant{0});
  if (!ready.empty()) {
    const ClockTie tie = ClockTie::now();
    const Instant read = now();
    for (const Ready& each : ready) static_cast<Slot*>(each.tag)->on_ready(each, buffer_, tie, read);
    for (Slot* each : to_read_) each->read_on();
    to_read_.clear();
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
  if (timetable_.enough && timetable_.enough()) ended_ = true;
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
  if (attempt->record.ok())
    for (const std::string& warning : attempt->reply.warnings()) ++result_.warnings[warning];
  if (on_done_) on_done_(attempt->record);
  if (records_.size() <= attempt->index) records_.resize(std::max(attempt->index + 1, records_.size() * 2));
  records_[attempt->index] = std::move(attempt->record);
}

}  // namespace qc
