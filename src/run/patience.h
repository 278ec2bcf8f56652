#pragma once
// Waiting for what another process or a driver does in its own time.
#include <chrono>
#include <thread>

#include "core/time.h"

namespace qc {

/// Asks `reached` every 50 ms until it holds (true) or `patience` ends (false).
template <class Reached>
bool wait_until(Seconds patience, Reached reached) {
  const Instant begun = monotonic_clock().now();
  while (!reached()) {
    if (seconds(monotonic_clock().now() - begun) > patience.count()) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return true;
}

}  // namespace qc
