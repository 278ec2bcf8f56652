#include "gguf/byte_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>

namespace qc {

static_assert(std::endian::native == std::endian::little, "GGUF values are copied as they lie in the file");

ByteReader::ByteReader(const std::filesystem::path& path, std::uint64_t size)
    : in_(path, std::ios::binary), size_(size), buffer_(std::size_t{1} << 16) {
  if (!in_) refuse("cannot be opened");
}

void ByteReader::refuse(std::string why) {
  if (good()) error_ = std::move(why);
}

bool ByteReader::has(std::uint64_t bytes) {
  if (bytes > left()) refuse(fmt::format("cut short: byte {} asks for {} bytes more, {} are left", position_, bytes, left()));
  return good();
}

void ByteReader::refill() {
  in_.read(buffer_.data(), static_cast<std::streamsize>(buffer_.size()));
  next_ = 0;
  end_ = static_cast<std::size_t>(in_.gcount());
  if (end_ == 0) refuse(fmt::format("cannot be read at byte {}", position_));
}

void ByteReader::take(char* to, std::size_t bytes) {
  if (!has(bytes)) return;
  while (bytes > 0) {
    if (next_ == end_) refill();
    if (!good()) return;
    const std::size_t part = std::min(bytes, end_ - next_);
    std::memcpy(to, buffer_.data() + next_, part);
    next_ += part;
    position_ += part;
    to += part;
    bytes -= part;
  }
}

std::string ByteReader::text(std::uint64_t bytes) {
  if (!has(bytes)) return {};
  std::string out(bytes, '\0');
  take(out.data(), out.size());
  return good() ? out : std::string();
}

void ByteReader::skip(std::uint64_t bytes) {
  if (!has(bytes)) return;
  position_ += bytes;
  if (bytes <= end_ - next_) {
    next_ += bytes;
    return;
  }
  next_ = end_ = 0;
  in_.clear();
  in_.seekg(static_cast<std::streamoff>(position_));
}

}  // namespace qc
