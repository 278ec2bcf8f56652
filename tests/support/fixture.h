#pragma once
// Files of tests/fixtures.
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>

namespace qc::test {

inline std::string fixture(const std::string& name) {
  std::ifstream file(std::string(QC_SOURCE_DIR) + "/tests/fixtures/" + name, std::ios::binary);
  if (!file) throw std::runtime_error("no fixture " + name);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The body of a recorded answer: what stands after the first empty line of its head.
inline std::string body_of(const std::string& recorded) {
  const std::size_t end = recorded.find("\r\n\r\n");
  return end == std::string::npos ? recorded : recorded.substr(end + 4);
}

/// A body as a server would send it, chunks of `size` bytes.
inline std::string chunked(const std::string& body, std::size_t size) {
  char head[32];
  std::string out = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (std::size_t i = 0; i < body.size(); i += size) {
    const std::string piece = body.substr(i, size);
    std::snprintf(head, sizeof head, "%zx\r\n", piece.size());
    out += head + piece + "\r\n";
  }
  return out + "0\r\n\r\n";
}

}  // namespace qc::test
