// The kernel's stamp is the arrival of the bytes, however late we read them.
#include "measure/client/stamp.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <thread>

namespace qc {
namespace {
using namespace std::chrono_literals;

/// Two ends of a TCP connection on the loopback.
struct Pair {
  int here = socket(AF_INET, SOCK_STREAM, 0), there = -1;
  Pair() {
    const int listener = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    bind(listener, reinterpret_cast<sockaddr*>(&at), size);
    listen(listener, 1);
    getsockname(listener, reinterpret_cast<sockaddr*>(&at), &size);
    connect(here, reinterpret_cast<sockaddr*>(&at), size);
    there = accept(listener, nullptr, nullptr);
    close(listener);
  }
  ~Pair() {
    close(here);
    close(there);
  }
};

TEST(Stamp, ALateReadKeepsTheInstantOfArrival) {
  const Pair pair;
  ask_for_stamps(pair.here);
  std::this_thread::sleep_for(20ms);   // the kernel switches stamping on in the background
  const Instant before = monotonic_clock().now();
  ASSERT_EQ(send(pair.there, "x", 1, 0), 1);
  const Instant after = monotonic_clock().now();
  std::this_thread::sleep_for(50ms);
  std::array<char, 16> buffer;
  const StampedRead got = receive_stamped(pair.here, buffer.data(), buffer.size(), ClockTie::now());
  ASSERT_EQ(got.bytes, 1);
  if (got.arrival.stamp == Stamp::user) GTEST_SKIP() << "this machine's loopback gives no kernel stamps";
  // Loopback delivers within send(); 1 ms is for the two clocks, which are read one after the other.
  EXPECT_GE(got.arrival.at, before + Nanos(-1ms));
  EXPECT_LE(got.arrival.at, after + Nanos(1ms));
  EXPECT_GE(got.arrival.lag, Nanos(49ms));
}

TEST(Stamp, WithoutAskingItIsTheInstantOfTheRead) {
  const Pair pair;
  ASSERT_EQ(send(pair.there, "x", 1, 0), 1);
  std::this_thread::sleep_for(20ms);
  const Instant before = monotonic_clock().now();
  std::array<char, 16> buffer;
  const StampedRead got = receive_stamped(pair.here, buffer.data(), buffer.size(), ClockTie::now());
  EXPECT_EQ(got.arrival.stamp, Stamp::user);
  EXPECT_GE(got.arrival.at, before);
  EXPECT_LE(got.arrival.at, monotonic_clock().now());
}

// Bytes that came before anybody asked have a stamp only where the kernel stamps anyhow.
TEST(Stamp, WhileHeldTheKernelGoesOnStamping) {
  const StampsHeld held;
  std::this_thread::sleep_for(20ms);
  const Pair pair;
  ASSERT_EQ(send(pair.there, "x", 1, 0), 1);
  std::this_thread::sleep_for(50ms);
  ask_for_stamps(pair.here);
  std::array<char, 16> buffer;
  const StampedRead got = receive_stamped(pair.here, buffer.data(), buffer.size(), ClockTie::now());
  if (got.arrival.stamp == Stamp::user) GTEST_SKIP() << "this machine's loopback gives no kernel stamps";
  EXPECT_GE(got.arrival.lag, Nanos(49ms));
}

TEST(Stamp, EndOfFileAndNothingYet) {
  const Pair pair;
  std::array<char, 16> buffer;
  EXPECT_EQ(receive_stamped(pair.here, buffer.data(), buffer.size(), ClockTie::now()).bytes, -1);
  shutdown(pair.there, SHUT_WR);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(receive_stamped(pair.here, buffer.data(), buffer.size(), ClockTie::now()).bytes, 0);
}

}  // namespace
}  // namespace qc
