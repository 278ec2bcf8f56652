// parser: how fast the stream parser goes on one core, beside memchr over the same bytes. Prints a JSON line.
//   parser [MIB]
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>

#include "measure/client/openai.h"
#include "measure/client/sse.h"

namespace {

constexpr std::size_t kPiece = std::size_t{8} << 10;   // as much as the client reads at once

/// The common shape: a token an event, as vLLM sends it.
std::string stream_of(std::size_t bytes) {
  std::string out;
  for (int i = 0; out.size() < bytes; ++i)
    out += "data: {\"id\":\"cmpl-0123456789abcdef\",\"object\":\"text_completion\",\"created\":1764000000,\"model\":\"model\",\"choices\":[{\"index\":0,\"text\":\" word" + std::to_string(i % 1000) +
           "\",\"logprobs\":null,\"finish_reason\":null,\"stop_reason\":null}],\"usage\":null}\n\n";
  return out;
}

/// GB/s of the fastest of a few passes: the machine is shared.
template <class Pass>
double speed(std::size_t bytes, Pass pass) {
  double best = 0;
  for (int i = 0; i < 5; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    pass();
    best = std::max(best, static_cast<double>(bytes) / std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count());
  }
  return best;
}

template <class Each>
void in_pieces(std::string_view text, Each each) {
  for (std::size_t at = 0; at < text.size(); at += kPiece) each(text.substr(at, kPiece));
}

}  // namespace

int main(int argc, char** argv) {
  const std::string stream = stream_of((argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 64) << 20);
  long events = 0, lines = 0, read = 0;
  const double limit = speed(stream.size(), [&] {
    lines = 0;
    for (const char* at = stream.data(); (at = static_cast<const char*>(std::memchr(at, '\n', static_cast<std::size_t>(stream.data() + stream.size() - at)))); ++at) ++lines;
  });
  const double sse = speed(stream.size(), [&] {
    events = 0;
    qc::SseParser parser;
    in_pieces(stream, [&](std::string_view piece) { parser.feed(piece, [&](const qc::SseView& e) { events += !e.data.empty(); }); });
  });
  const double whole = speed(stream.size(), [&] {
    qc::SseParser parser;
    qc::StreamReader reader(1 << 30, true, false);
    read = 0;
    in_pieces(stream, [&](std::string_view piece) { parser.feed(piece, [&](const qc::SseView& e) { read += reader.on_event(e.data, {}, qc::Stamp::kernel); }); });
  });
  if (events * 2 != lines || read != events) return std::fprintf(stderr, "parser: %ld events of %ld lines, %ld read\n", events, lines, read), 1;
  std::printf("{\"events\": %ld, \"sse_gb_s\": %.2f, \"memchr_gb_s\": %.2f, \"sse_and_json_gb_s\": %.2f}\n", events, sse, limit, whole);
}
