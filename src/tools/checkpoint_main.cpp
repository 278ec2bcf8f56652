// quantcase-checkpoint FROM.gguf TO_FOLDER --format FORMAT [--group N]: a Hugging Face folder out of a GGUF file (checkpoint_writer/write.h).
// Exit codes as the program's: 0, 2 usage, 6 the file is damaged.
#include <fmt/format.h>

#include <charconv>
#include <cstdio>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "checkpoint_writer/write.h"

namespace {

constexpr const char* kUsage =
    "usage: quantcase-checkpoint FROM.gguf TO_FOLDER --format bf16|w8a8_int8|w4a16 [--group N]\n"
    "  writes a llama model as a Hugging Face folder, its matrices rounded to nearest where the format is a quantized one\n"
    "  --group N   columns that share a scale, of w4a16 (default 64)\n";

struct Order { std::filesystem::path from, to; qc::CheckpointOptions options; std::string_view format; };

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
    const std::string_view word = words[i], value = i + 1 < words.size() ? words[i + 1] : "";
    if (word == "--format" && qc::checkpoint_format(value)) {
      order.options.format = *qc::checkpoint_format(order.format = words[++i]);
    } else if (word == "--group" && number(value)) {
      order.options.group = *number(words[++i]);
    } else if (word.starts_with("-")) {
      fmt::print(stderr, "{}: not an option, or its value is not one that it takes\n", word);
      return std::nullopt;
    } else {
      paths.push_back(word);
    }
  }
  if (paths.size() != 2 || order.format.empty()) return std::nullopt;
  order.from = paths[0];
  order.to = paths[1];
  return order;
}

}  // namespace

int main(int argc, char** argv) {
  const auto order = parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
  if (!order) {
    fmt::print(stderr, "{}", kUsage);
    return 2;
  }
  const auto written = qc::write_checkpoint(order->from, order->to, order->options);
  if (!written) {
    fmt::print(stderr, "quantcase-checkpoint: {}\n", written.error().message);
    return written.error().fault == qc::Fault::usage ? 2 : 6;
  }
  fmt::print("{}: {}, {:.1f} MB of tensors, {} matrices quantized, {} words\n", order->to.string(), order->format, static_cast<double>(written->tensor_bytes) / 1e6,
             written->quantized, written->words);
}
