#pragma once
// When bytes reached this machine, and how they reach us.
#include "core/time.h"
#include "record/record.h"

namespace qc {

/// When bytes reached this machine, by which clock, and how much later we read them (only known under the kernel's clock).
struct Arrival {
  Instant at;
  Stamp stamp = Stamp::user;
  Nanos lag{0};
};

/// How bytes reach us: io_uring delivers them where the kernel allows it (plain connections), or we read where epoll says so.
enum class Reading { automatic, epoll };

}  // namespace qc
