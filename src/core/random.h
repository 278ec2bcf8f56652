#pragma once
// Numbers from a seed that are the same on every machine: std engines are exact across compilers, std distributions are not.
#include <cstdint>
#include <string_view>

namespace qc {

/// splitmix64 (Steele, Lea, Flood 2014). Copyable; equal seeds give equal sequences.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next();
  double uniform();                         ///< in [0, 1), 53 bits
  std::uint64_t below(std::uint64_t n);     ///< in [0, n), unbiased; n > 0
  double normal();                          ///< mean 0, sd 1, by the inverse transform

 private:
  std::uint64_t state_;
};

/// A seed for one named purpose, so that two uses of one study seed do not share a sequence (FNV-1a over the name, then mixed).
std::uint64_t derive_seed(std::uint64_t seed, std::string_view purpose);

}  // namespace qc
