// METRICS.md: a connection idle for over 2 s, or with an end of file waiting, is not used again.
#include "measure/client/wire.h"

#include <gtest/gtest.h>
#include <poll.h>

#include <boost/asio/co_spawn.hpp>

#include "support/scripted_server.h"

namespace qc {
namespace {
using namespace std::chrono_literals;

template <class Work>
void run(asio::io_context& io, Work work) {
  asio::co_spawn(io, std::move(work), [](std::exception_ptr thrown) { if (thrown) std::rethrow_exception(thrown); });
  io.run();
  io.restart();
}

asio::awaitable<void> open(Wire& wire) { EXPECT_FALSE(co_await wire.open()); }

asio::awaitable<void> ask_for(Wire& wire, std::string path) {
  Instant sent;
  EXPECT_FALSE(co_await wire.send("GET " + path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", sent));
  EXPECT_FALSE((co_await wire.receive()).bytes.empty());
}

TEST(Wire, IsFitUntilItWasIdleTooLong) {
  const test::ScriptedServer server;
  const auto target = find_target(parse_url(server.url()).value()).value();
  asio::io_context io;
  Wire wire(io, target);
  const Instant now = monotonic_clock().now();
  EXPECT_FALSE(wire.fit_for_reuse(now, 2s)) << "not open yet";
  run(io, open(wire));
  const Instant opened = monotonic_clock().now();
  EXPECT_TRUE(wire.fit_for_reuse(opened, 2s));
  EXPECT_FALSE(wire.fit_for_reuse(opened + 2s + 1ns, 2s));
  wire.close();
  EXPECT_FALSE(wire.fit_for_reuse(opened, 2s));
}

TEST(Wire, IsNotFitWithAnEndOfFileWaiting) {
  const test::ScriptedServer server;
  const auto target = find_target(parse_url(server.url()).value()).value();
  asio::io_context io;
  Wire wire(io, target);
  run(io, open(wire));
  run(io, ask_for(wire, "/health"));
  bool fit = true;   // the server closes after its answer; give it a moment
  for (int i = 0; i < 500 && fit; ++i) {
    poll(nullptr, 0, 10);
    fit = wire.fit_for_reuse(monotonic_clock().now(), 1h);
  }
  EXPECT_FALSE(fit);
}

}  // namespace
}  // namespace qc
