#pragma once
// One thread that does one thing again and again while it is wanted, and sleeps otherwise.
#include <functional>
#include <memory>

#include "core/time.h"

namespace qc {

/// Calls `work` on a thread of its own: `first` after it was resumed, then after each pause that the call before returned. Paused at
/// first. Destroying it waits for the call in hand.
class Periodic {
 public:
  Periodic(Seconds first, std::function<Seconds()> work);
  ~Periodic();
  void resume();
  /// Does not wait for the call in hand.
  void pause();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qc
