#pragma once
// Instants on CLOCK_MONOTONIC, and the Clock through which time comes in, so that tests run in virtual time.
#include <chrono>
#include <compare>
#include <cstdint>
#include <string>

namespace qc {

using Nanos = std::chrono::nanoseconds;
using Millis = std::chrono::duration<double, std::milli>;
using Seconds = std::chrono::duration<double>;

/// A point on CLOCK_MONOTONIC, in nanoseconds. Two instants of different boots do not compare.
struct Instant {
  std::int64_t ns = 0;
  friend auto operator<=>(const Instant&, const Instant&) = default;
  friend Nanos operator-(Instant a, Instant b) { return Nanos(a.ns - b.ns); }
  friend Instant operator+(Instant a, Nanos d) { return {a.ns + d.count()}; }
};

inline double seconds(Nanos d) { return static_cast<double>(d.count()) * 1e-9; }
inline double millis(Nanos d) { return static_cast<double>(d.count()) * 1e-6; }
inline double micros(Nanos d) { return static_cast<double>(d.count()) * 1e-3; }

/// Where time comes from. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
  virtual void sleep_until(Instant t) = 0;
};

/// The machine's CLOCK_MONOTONIC; lives as long as the process.
Clock& monotonic_clock();
/// By that clock.
inline Instant now() { return monotonic_clock().now(); }

/// Only moves when told to: `sleep_until` jumps there.
class ManualClock : public Clock {
 public:
  [[nodiscard]] Instant now() const override { return now_; }
  void sleep_until(Instant t) override { if (t > now_) now_ = t; }
  void advance(Nanos d) { now_ = now_ + d; }

 private:
  Instant now_;
};

/// Wall time now as "2026-11-23T17:48:26Z" (UTC, ISO 8601). For labels only: nothing is measured with it.
std::string utc_now();

}  // namespace qc
