#include "measure/quality/held_out.h"

#include <cassert>

#include "core/embedded.h"

extern "C" const qc::EmbeddedFile qc_embedded_qc_quality[];

namespace qc {

HeldOut held_out() {
  const auto text = find_embedded(qc_embedded_qc_quality, "text/held-out.txt");
  assert(text);
  return {"held-out text of US presidential addresses", std::string(*text)};
}

}  // namespace qc
