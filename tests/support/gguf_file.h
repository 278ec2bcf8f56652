#pragma once
// Writes small GGUF files byte by byte, well-formed or broken on purpose.
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

namespace qc::test {

template <class T>
std::string raw(T value) { return {reinterpret_cast<const char*>(&value), sizeof value}; }
inline std::string raw_text(const std::string& text) { return raw(std::uint64_t{text.size()}) + text; }

/// GGUF's numbers for value types, as in the format's description.
enum Kind : std::uint32_t { u8, i8, u16, i16, u32, i32, f32, boolean, text, array, u64, i64, f64 };

struct GgufFile {
  struct Tensor { std::string name; std::vector<std::uint64_t> shape; std::uint32_t type; std::string data; };
  std::uint32_t version = 3;
  std::uint64_t alignment = 32;
  std::vector<std::pair<std::string, std::string>> keys;  ///< name, type and value as they stand in the file
  std::vector<Tensor> tensors;

  GgufFile& key(const std::string& name, std::uint32_t kind, const std::string& value) {
    keys.emplace_back(name, raw(kind) + value);
    return *this;
  }
  GgufFile& number(const std::string& name, std::uint32_t value) { return key(name, u32, raw(value)); }
  GgufFile& word(const std::string& name, const std::string& value) { return key(name, text, raw_text(value)); }
  GgufFile& words(const std::string& name, const std::vector<std::string>& values) {
    std::string all = raw(std::uint32_t{text}) + raw(std::uint64_t{values.size()});
    for (const auto& value : values) all += raw_text(value);
    return key(name, array, all);
  }
  GgufFile& tensor(const std::string& name, const std::vector<std::uint64_t>& shape, std::uint32_t type, const std::string& data) {
    tensors.push_back({name, shape, type, data});
    return *this;
  }

  std::string padded(std::string bytes) const {
    while (bytes.size() % alignment != 0) bytes += '\0';
    return bytes;
  }
  std::string header() const {
    std::string out = "GGUF" + raw(version) + raw(std::uint64_t{tensors.size()}) + raw(std::uint64_t{keys.size()});
    for (const auto& [name, value] : keys) out += raw_text(name) + value;
    std::uint64_t offset = 0;
    for (const auto& t : tensors) {
      out += raw_text(t.name) + raw(static_cast<std::uint32_t>(t.shape.size()));
      for (const auto d : t.shape) out += raw(d);
      out += raw(t.type) + raw(offset);
      offset += padded(t.data).size();
    }
    return out;
  }
  std::string bytes() const {
    std::string out = padded(header());
    for (const auto& t : tensors) out += padded(t.data);
    return out;
  }
};

inline void spill(const std::filesystem::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}
inline std::string slurp(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// A folder of this test's own, gone with it; in memory where that can be had, because thousands of small files wait long for a disk.
class Folder {
 public:
  Folder() : Folder(::access("/dev/shm", W_OK) == 0 ? "/dev/shm" : std::filesystem::temp_directory_path()) {}
  explicit Folder(const std::filesystem::path& under) {
    std::string pattern = (under / "qc-gguf-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

}  // namespace qc::test
