#pragma once
// Bounded reading of a file's front: no length found in the file can ask for more than the file has.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace qc {

/// Reads little-endian values in order. The first failure sticks: later reads give zeros and empty texts, so a caller checks
/// `good` at the points where it would act on what it read. Not thread-safe.
class ByteReader {
 public:
  /// `path` must be a regular file of `size` bytes.
  ByteReader(const std::filesystem::path& path, std::uint64_t size);

  template <class T>
  T number() {
    T value{};
    take(reinterpret_cast<char*>(&value), sizeof value);
    return value;
  }
  /// The next `bytes` bytes as text.
  std::string text(std::uint64_t bytes);
  void skip(std::uint64_t bytes);

  std::uint64_t position() const { return position_; }
  std::uint64_t left() const { return size_ - position_; }
  bool good() const { return error_.empty(); }
  const std::string& error() const { return error_; }
  /// Marks the content as unacceptable; the first reason stays.
  void refuse(std::string why);

 private:
  bool has(std::uint64_t bytes);
  void take(char* to, std::size_t bytes);
  void refill();

  std::ifstream in_;
  std::uint64_t size_, position_ = 0;
  std::vector<char> buffer_;
  std::size_t next_ = 0, end_ = 0;
  std::string error_;
};

}  // namespace qc
