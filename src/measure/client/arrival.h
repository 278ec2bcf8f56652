#pragma once
// When bytes reached this machine.
#include "core/time.h"
#include "record/record.h"

namespace qc {

/// When bytes reached this machine, by which clock, and how much later we read them (only known under the kernel's clock).
struct Arrival {
  Instant at;
  Stamp stamp = Stamp::user;
  Nanos lag{0};
};

}  // namespace qc
