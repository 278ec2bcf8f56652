#pragma once
// Who runs first when every core is busy: a client that shares its cores with the engine under test must be woken in time.
#include <string>

namespace qc {

/// For its lifetime the calling thread is woken as soon as something is there for it, though other programs keep every core busy: real-time
/// scheduling (SCHED_RR, the lowest of its priorities) where we may have it, else the shortest time slice that the kernel grants to
/// anyone (Linux 6.12 on), else nothing. Meant for a thread that mostly waits. Threads and processes started meanwhile do not inherit it.
/// Use and destroy it on one thread; not nested.
class QuickWakeups {
 public:
  QuickWakeups();
  ~QuickWakeups();
  QuickWakeups(const QuickWakeups&) = delete;
  QuickWakeups& operator=(const QuickWakeups&) = delete;
  /// What was granted, for a report: "real-time (SCHED_RR)", "short time slices", "ordinary".
  [[nodiscard]] std::string granted() const { return granted_; }

 private:
  std::string granted_ = "ordinary";
};

}  // namespace qc
