#include "measure/client/http.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/steady_timer.hpp>

#include <fmt/format.h>

#include "measure/client/request_text.h"
#include "measure/client/response.h"
#include "measure/client/wire.h"

namespace qc {
namespace {

constexpr std::size_t kLargestBody = 64u << 20;

struct Exchange {
  std::string body;
  ResponseParser answer;
  std::optional<std::string> broken;
};

asio::awaitable<void> exchange(Wire& wire, const std::string& request, Exchange& out) {
  if (auto failed = co_await wire.open()) {
    out.broken = failed->detail;
    co_return;
  }
  Instant sent;
  if (auto failed = co_await wire.send(request, sent)) {
    out.broken = failed->detail;
    co_return;
  }
  while (!out.answer.complete() && out.answer.error().empty() && out.body.size() < kLargestBody) {
    const Received got = co_await wire.receive();
    if (got.bytes.empty()) out.answer.end_of_file();
    out.body += out.answer.feed(got.bytes);
    if (got.broken && !out.answer.complete()) out.broken = got.broken->detail;
    if (got.broken) co_return;
  }
  if (!out.answer.complete()) out.broken = out.answer.error().empty() ? "the answer is over 64 MiB" : out.answer.error();
}

Result<HttpReply> call(const Address& address, const RequestText& request, Seconds limit) {
  const auto target = find_target(address);
  if (!target) return fail(target.error());
  const std::string bytes = to_bytes(request, address);
  const std::string what = fmt::format("{} {}{}", request.method, address.text(), request.path);
  asio::io_context io(1);
  Wire wire(io, *target);
  Exchange got;
  bool late = false;
  asio::steady_timer timer(io, std::chrono::duration_cast<std::chrono::nanoseconds>(limit));
  timer.async_wait([&](const boost::system::error_code& ec) {
    late = !ec;
    if (late) wire.close();
  });
  asio::co_spawn(io, exchange(wire, bytes, got), [&](const std::exception_ptr& thrown) {
    timer.cancel();
    if (thrown) std::rethrow_exception(thrown);
  });
  io.run();
  if (late) return fail(Fault::engine, fmt::format("{}: no whole answer within {:g} s", what, limit.count()));
  if (got.broken) return fail(Fault::engine, fmt::format("{}: {}", what, *got.broken));
  return HttpReply{got.answer.status(), std::move(got.body)};
}

}  // namespace

Result<HttpReply> http_get(const Address& address, const std::string& path, Seconds limit, const std::string& api_key) {
  return call(address, {.method = "GET", .path = path, .api_key = api_key, .headers = {{"Connection", "close"}}, .json_body = {}}, limit);
}

Result<HttpReply> http_post(const Address& address, const std::string& path, const std::string& json_body, Seconds limit,
                            const std::string& api_key) {
  return call(address, {.method = "POST", .path = path, .api_key = api_key, .headers = {{"Connection", "close"}}, .json_body = json_body}, limit);
}

}  // namespace qc
