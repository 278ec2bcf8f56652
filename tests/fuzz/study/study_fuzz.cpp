// Any bytes as a study file: refused with a message or taken, never a crash, and what is taken is read again as the same study.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "study/plan.h"
#include "study/read.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const qc::ReadOptions options{{"study.blocks=2"}, {}, false};
  const auto study = qc::parse_study(text, "fuzz.toml", options);
  if (!study) return 0;
  const auto again = qc::parse_study(study->text, "fuzz.toml", {{}, {}, false});
  if (!again || again->keys != study->keys) std::abort();
  if (study->variants.size() * study->workloads.size() < 100) (void)qc::make_plan(*study, qc::Switch::resident, "");
  return 0;
}
