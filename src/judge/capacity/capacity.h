#pragma once
// What a search for the highest load found, level by level.
#include <string>
#include <vector>

#include "judge/capacity/level_watch.h"
#include "judge/capacity/search.h"
#include "judge/compare/load_figures.h"

namespace qc {

/// The chance that the answer's ends do not hold the true limit between them, all levels and looks together.
inline constexpr double kCapacityMiss = 0.05;

struct CapacityLevel {
  LevelOutcome outcome;
  LevelStanding standing;
  LoadFigures figures;
  Goodput goodput{};
  Distribution read_lag_us{};
  StampCounts stamps{};
  double client_cpu_s = 0;
  double seconds = 0;                     ///< this level took, its warm-up and its last answers included
  bool valid = true;                      ///< METRICS.md's rules; a level whose requests all failed is missed, not invalid
  std::string invalid_because{};
};

/// What else may end a search.
enum class CapacityCut { none, time, interrupted, server_gone };
constexpr std::string_view to_string(CapacityCut c) {
  return c == CapacityCut::time ? "time" : c == CapacityCut::interrupted ? "interrupted" : c == CapacityCut::server_gone ? "server_gone" : "none";
}

struct Capacity {
  SearchSpace space;                      ///< of concurrency where `whole`, else of requests a second
  std::vector<ServiceLimit> limits;              ///< as given
  std::vector<ServiceLimit> judged;              ///< those that a level can meet: the order of LevelStanding::limits
  std::vector<CapacityLevel> levels;      ///< in the order of measuring
  CapacityAnswer answer;
  CapacityCut cut = CapacityCut::none;
  double minutes = 0, max_minutes = 0;
};

}  // namespace qc
