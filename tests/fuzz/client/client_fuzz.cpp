// Any bytes, split at any places, must neither crash the stream parsers nor change what they say.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "measure/client/reply.h"
#include "measure/client/response.h"
#include "measure/client/sse.h"

namespace {

/// The first byte chooses the size of the pieces that the rest comes in.
template <class Feed>
void in_pieces(std::string_view bytes, std::size_t size, Feed feed) {
  for (std::size_t i = 0; i < bytes.size(); i += size) feed(bytes.substr(i, size));
}

std::string sse_events(std::string_view bytes, std::size_t size) {
  qc::SseParser parser(4096);
  std::string all;
  in_pieces(bytes, size, [&](std::string_view piece) {
    for (const auto& e : parser.feed(piece)) all += e.type + '\x1f' + e.data + '\x1f' + std::to_string(e.end_offset) + '\x1e';
  });
  return all + (parser.broken() ? "broken" : parser.mid_event() ? "mid" : "");
}

void read_events(std::string_view bytes) {
  qc::StreamReader reader(8, true, true);
  std::int64_t at = 0;
  for (const auto& e : qc::SseParser().feed(bytes)) reader.on_event(e.data, {++at}, qc::Stamp::user);
  qc::RequestRecord record;
  reader.finish(record, true);
  int sum = 0;
  for (const auto& e : record.events) sum += e.tokens;
  if (record.output_tokens && !record.events.empty() && sum != *record.output_tokens) std::abort();
}

void whole_reply(std::string_view bytes, std::size_t size) {
  qc::Reply reply(8, true, true);
  bool more = true;
  in_pieces(bytes, size, [&](std::string_view piece) { more = more && reply.on_bytes(piece, {}); });
  if (more) reply.on_end_of_file();
  qc::RequestRecord record;
  reply.finish(record);
}

/// Head and framing: the body and how it ended.
std::string framed(std::string_view bytes, std::size_t size) {
  qc::ResponseParser parser;
  std::string body;
  in_pieces(bytes, size, [&](std::string_view piece) { parser.feed(piece, body); });
  return body + (parser.complete() ? "\x1e complete" : parser.error().empty() ? "\x1e open" : "\x1e broken");
}

constexpr std::string_view kChunked = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t piece = 1 + data[0] % 32;
  if (sse_events(bytes, piece) != sse_events(bytes, bytes.size() + 1)) std::abort();
  read_events(bytes);
  whole_reply(bytes, piece);
  whole_reply("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n" + std::string(bytes), piece);
  const std::string chunked = std::string(kChunked) + std::string(bytes);
  if (framed(chunked, piece) != framed(chunked, chunked.size())) std::abort();
  whole_reply(chunked, piece);
  return 0;
}
