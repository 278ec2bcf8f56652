#pragma once
// A golden file is what a person has read and approved: tests/golden/<name>. What differs is written to <build>/golden/<name>,
// and tests/golden/approve.sh takes it over.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace qc {

inline std::string whole_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

inline void expect_golden(const std::string& name, const std::string& actual) {
  const std::string approved = whole_file(std::filesystem::path(QC_SOURCE_DIR) / "tests/golden" / name);
  const auto beside = std::filesystem::path(QC_BINARY_DIR) / "golden" / name;
  if (approved == actual) {
    std::filesystem::remove(beside);
    return;
  }
  std::filesystem::create_directories(beside.parent_path());
  std::ofstream(beside, std::ios::binary) << actual;
  const auto at = std::mismatch(actual.begin(), actual.end(), approved.begin(), approved.end()).first;
  const auto line = 1 + std::count(actual.begin(), at, '\n');
  ADD_FAILURE() << "tests/golden/" << name << " differs from line " << line << " on. Compare it with " << beside
                << "; when the new one is right: tests/golden/approve.sh " << QC_BINARY_DIR;
}

}  // namespace qc
