#pragma once
// One thread's share of a load: its connections, and the loop that sends and receives on them. Internal to measure/client.
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "measure/client/poller.h"
#include "measure/client/slot.h"
#include "measure/client/stream_client.h"

namespace qc {

/// The requests in order, a few of them made ahead.
class Jobs {
 public:
  explicit Jobs(const RequestAt& requests) : requests_(requests) {}
  void prepare();
  [[nodiscard]] bool any();
  [[nodiscard]] std::size_t next_index() const { return made_.front().index; }
  Job take();

 private:
  void make();
  const RequestAt& requests_;
  std::deque<Job> made_;
  std::size_t count_ = 0;
  bool ended_ = false;
};

/// What one thread does of a load, and with whom it begins.
struct Share {
  RequestAt requests;                     ///< of the share, from 0
  Timetable timetable;
  std::function<Instant()> begin;         ///< called once when all connections are open: the instant that the whole load starts at
};

class Loop : public Dispatcher {
 public:
  Loop(const ClientOptions& options, const Target& target, const Share& share, const StopFlag& stop, const std::function<void(const RequestRecord&)>& on_done);
  /// Until all is done. Records are in their places, those of requests that were never sent empty.
  LoopResult run(std::vector<std::optional<RequestRecord>>& records);

  void opened() override { ++opened_; }
  void count_reconnect() override { ++result_.reconnects; }
  void note_dropped_connection() override { drops_connections_ = true; }
  [[nodiscard]] bool drops_connections() const override { return drops_connections_; }
  void about_to_send() override { ++sending_; }
  void on_its_way() override { --sending_; }
  void has_unread(Slot& slot) override { to_read_.push_back(&slot); }
  void finished(Slot& slot, std::unique_ptr<Attempt> attempt) override;

 private:
  struct Free { Slot* slot; Instant since; };
  [[nodiscard]] bool closed() const { return timetable_.slots > 0; }
  Slot& add_slot();
  void open_ahead();
  void turn(Instant until);
  void tick();
  bool more();
  std::optional<Instant> send_due();
  std::optional<Instant> send_from_free_slots();
  std::optional<Instant> send_arrivals();
  bool too_late(Instant intended);
  void read_one();
  void keep(std::unique_ptr<Attempt> attempt);

  const ClientOptions& options_;
  const Target& target_;
  const Timetable& timetable_;
  const std::function<Instant()>& begin_;
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
  std::vector<Slot*> to_read_;            ///< in this turn
  std::deque<std::unique_ptr<Attempt>> unread_;
  std::vector<std::optional<RequestRecord>> records_;
  std::vector<Nanos> timer_lags_;
  Instant next_tick_;
  LoopResult result_;
};

}  // namespace qc
