// Any bytes as a safetensors header (the first two say how much data follows) and as a config.json: refused with a message or taken, never
// a crash, and the tensors that are taken fill the data.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "checkpoint/expected.h"
#include "checkpoint/format_word.h"
#include "checkpoint/safetensors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::uint64_t data_bytes = std::uint64_t{data[0]} << 8 | data[1];
  const std::string_view text(reinterpret_cast<const char*>(data + 2), size - 2);
  std::optional<qc::TensorFacts> facts;
  if (const auto tensors = qc::parse_safetensors(text, data_bytes, "fuzz.safetensors")) {
    facts = qc::tensor_facts(*tensors, 4);
    if (facts->bytes != data_bytes) std::abort();
  }
  if (const auto config = qc::parse_config(text, "config.json")) {
    (void)qc::expected_weight_bytes(*config);
    if (qc::find_format(*config, facts).word.empty()) std::abort();
  }
  return 0;
}
