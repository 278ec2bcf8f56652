#pragma once
// Writes small safetensors files, and headers of large ones before data that takes no room; well-formed or broken on purpose.
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "support/gguf_file.h"

namespace qc::test {

struct SafetensorsFile {
  struct Tensor { std::string name, dtype; std::vector<std::uint64_t> shape; std::uint64_t begin = 0, end = 0; };
  std::vector<Tensor> tensors;
  std::string metadata = R"({"format":"pt"})";

  /// Appends a tensor where the last one ends.
  SafetensorsFile& tensor(const std::string& name, const std::string& dtype, std::vector<std::uint64_t> shape) {
    static const std::map<std::string, std::uint64_t> sizes = {{"BF16", 2}, {"F16", 2}, {"F32", 4}, {"I64", 8},
                                                               {"I32", 4},  {"I8", 1},  {"U8", 1},  {"F8_E4M3", 1}};
    const std::uint64_t begin = data_bytes();
    std::uint64_t bytes = sizes.at(dtype);
    for (const std::uint64_t d : shape) bytes *= d;
    tensors.push_back({name, dtype, std::move(shape), begin, begin + bytes});
    return *this;
  }

  std::uint64_t data_bytes() const { return tensors.empty() ? 0 : tensors.back().end; }

  std::string header() const {
    std::string out = "{\"__metadata__\":" + metadata;
    for (const Tensor& t : tensors) {
      std::string shape;
      for (const std::uint64_t d : t.shape) shape += (shape.empty() ? "" : ",") + std::to_string(d);
      out += ",\"" + t.name + "\":{\"dtype\":\"" + t.dtype + "\",\"shape\":[" + shape + "],\"data_offsets\":[" + std::to_string(t.begin) + "," +
             std::to_string(t.end) + "]}";
    }
    return out + "}";
  }

  /// The length and the header, as they stand at the file's start.
  std::string front() const { return raw_text(header()); }

  /// The data is a hole: 16 GB of it take no room on a disk that knows holes.
  void write(const std::filesystem::path& path) const {
    spill(path, front());
    std::filesystem::resize_file(path, front().size() + data_bytes());
  }
};

}  // namespace qc::test
