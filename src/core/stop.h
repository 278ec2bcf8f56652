#pragma once
// Ctrl-C and SIGTERM as a value that loops look at. Once: finish what is in hand. Twice: store and leave.
#include <atomic>

namespace qc {

/// How often the user has asked us to stop. Lock-free, set from signal handlers, read from anywhere.
class StopFlag {
 public:
  [[nodiscard]] bool finish_in_hand() const { return count_.load(std::memory_order_relaxed) >= 1; }
  [[nodiscard]] bool leave_now() const { return count_.load(std::memory_order_relaxed) >= 2; }
  void ask() { count_.fetch_add(1, std::memory_order_relaxed); }

 private:
  std::atomic<int> count_{0};
};

/// The process's flag. `install_stop_handlers` makes SIGINT, SIGTERM and SIGHUP raise it, once, from main.
StopFlag& stop_flag();
void install_stop_handlers();

}  // namespace qc
