#pragma once
// The text that divergence is measured on: public-domain prose that is no prompt of ours (data/text).
#include <string>

namespace qc {
struct HeldOut { std::string name, text; };
HeldOut held_out();
}  // namespace qc
