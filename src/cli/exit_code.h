#pragma once
// The documented table (docs/interface.md), said once.
#include "core/result.h"

namespace qc {

enum ExitCode { kDone = 0, kDefect = 1, kUsage = 2, kEngine = 3, kTrialsFailed = 4, kInterrupted = 5, kDamaged = 6, kGate = 7, kRefused = 8 };

constexpr ExitCode exit_code(Fault fault) {
  switch (fault) {
    case Fault::defect: return kDefect;
    case Fault::usage: return kUsage;
    case Fault::engine: return kEngine;
    case Fault::interrupted: return kInterrupted;
    case Fault::damaged: return kDamaged;
    case Fault::refused: return kRefused;
  }
  return kDefect;
}

}  // namespace qc
