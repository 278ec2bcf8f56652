// quantcase-regauge FROM TO [--seed N] [--plain]: makes a BF16 baseline out of a quantized GGUF (gguf/regauge.h).
// Exit codes as the program's: 0, 2 usage, 6 the file is damaged.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "gguf/gguf.h"
#include "gguf/regauge.h"

namespace {

constexpr const char* kUsage =
    "usage: quantcase-regauge FROM.gguf TO.gguf [--seed N] [--plain]\n"
    "  writes FROM's weights as BF16, moved off the quantization grid without changing what the model computes\n"
    "  --seed N   gains are drawn from this seed (default 1)\n"
    "  --plain    only dequantize\n";

struct Order { std::filesystem::path from, to; qc::RegaugeOptions options; };

std::optional<std::uint64_t> number(std::string_view word) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (word.empty() || error != std::errc() || end != word.data() + word.size()) return std::nullopt;
  return value;
}

std::optional<Order> parse(std::span<char*> words) {
  Order order;
  std::vector<std::string_view> paths;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view word = words[i];
    if (word == "--plain") {
      order.options.regauge = false;
    } else if (word == "--seed" && i + 1 < words.size() && number(words[i + 1])) {
      order.options.seed = *number(words[++i]);
    } else if (word.starts_with("-")) {
      fmt::print(stderr, "{}: not an option, or its value is not a whole number\n", word);
      return std::nullopt;
    } else {
      paths.push_back(word);
    }
  }
  if (paths.size() != 2) return std::nullopt;
  order.from = paths[0];
  order.to = paths[1];
  return order;
}

int report(const qc::Error& error) {
  fmt::print(stderr, "quantcase-regauge: {}\n", error.message);
  return error.fault == qc::Fault::usage ? 2 : 6;
}

}  // namespace

int main(int argc, char** argv) {
  const auto order = parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!order) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  const auto done = qc::regauge(order->from, order->to, order->options);
  if (!done) return report(done.error());
  const auto header = qc::read_gguf_header(order->to);
  if (!header) return report(header.error());
  fmt::print("{}: {}, {:.1f} MB, {} (seed {})\n", order->to.string(), header->mix(), static_cast<double>(header->file_bytes) / 1e6,
             order->options.regauge ? "re-gauged" : "plain", order->options.seed);
}
