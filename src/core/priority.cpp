#include "core/priority.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>

namespace qc {
namespace {

// glibc 2.36 has neither this struct nor a wrapper (sched_setattr(2)).
struct SchedAttr {
  std::uint32_t size = sizeof(SchedAttr), policy = SCHED_OTHER;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0, deadline = 0, period = 0;
};

constexpr std::uint64_t kResetOnFork = 1, kShortestSlice = 100'000;  // ns: the least that the kernel accepts

bool read_own(SchedAttr& attr) { return syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0) == 0; }
bool set_own(const SchedAttr& attr) { return syscall(SYS_sched_setattr, 0, &attr, 0) == 0; }

bool real_time() {
  SchedAttr attr;
  attr.policy = SCHED_RR, attr.flags = kResetOnFork, attr.priority = static_cast<std::uint32_t>(sched_get_priority_min(SCHED_RR));
  return set_own(attr);
}

/// Kernels before 6.12 accept the call and change nothing, which the read-back tells.
bool short_slices() {
  SchedAttr attr;
  if (!read_own(attr)) return false;
  attr.runtime = kShortestSlice, attr.flags |= kResetOnFork;
  return set_own(attr) && read_own(attr) && attr.runtime == kShortestSlice;
}

}  // namespace

QuickWakeups::QuickWakeups() {
  if (sched_getscheduler(0) != SCHED_OTHER) granted_ = "as it was started";  // somebody chose it: nice, chrt, a container
  else if (real_time()) granted_ = "real-time (SCHED_RR)";
  else if (short_slices()) granted_ = "short time slices";
}

QuickWakeups::~QuickWakeups() {
  if (granted_ == "ordinary" || granted_ == "as it was started") return;
  SchedAttr attr;
  if (!read_own(attr)) return;
  attr.policy = SCHED_OTHER, attr.priority = 0, attr.runtime = attr.deadline = attr.period = 0;
  attr.flags &= ~kResetOnFork;
  if (set_own(attr)) return;
  attr.flags |= kResetOnFork;  // who may not clear it keeps it: it harms nothing
  (void)set_own(attr);
}

}  // namespace qc
