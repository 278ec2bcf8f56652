#pragma once
// How variants take turns on one machine, decided from numbers alone: all up, asleep and awake in turn, or each started anew.
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "study/study.h"

namespace qc {

/// What servers may use. Unknown is unset.
struct Machine {
  std::int64_t memory_bytes = 0;              ///< of the host
  std::optional<std::int64_t> free_bytes{};   ///< of it, now
  struct Card { std::string name; std::int64_t total = 0, used = 0; };
  std::optional<Card> card{};                 ///< the first GPU
  std::vector<std::optional<std::int64_t>> weights_bytes{};   ///< of each variant that is started, where its size is known
};

/// The question whether vLLM servers of one card can sleep in turn.
struct SleepQuestion {
  int servers = 2;
  std::int64_t card_total = 0, card_used = 0;
  std::optional<double> share{};              ///< gpu_memory_utilization as the study has it; unset: ours to choose
  bool eager = false;                         ///< without graphs
  std::optional<std::int64_t> host_free{};    ///< unset: not looked at (a plan for another machine)
  std::optional<std::int64_t> weights_together{}, largest_weights{};
};
struct SleepAnswer {
  bool possible = false;
  double share = 0;                           ///< for all variants; 0: none to name
  bool lowered = false;                       ///< below vLLM's own default, so that the next server finds its share free
  std::string because;                        ///< a clause without a full stop
};
/// The host must hold the weights of all sleepers beside the servers themselves, and the card must have `share` of itself free while
/// all others sleep: a sleeper keeps 0.9 GiB of it (eager) or 1.7 (with graphs).
SleepAnswer can_sleep_in_turn(const SleepQuestion& question);

/// llama-server is asked to put layers on the card (`-ngl`, and not 0).
bool offloads(const Study& study, const Variant& variant);

/// One way of taking turns; `possible` false: `because` says what speaks against it.
struct Way { Switch way = Switch::restart; bool possible = false; std::string because; };
struct SwitchChoice {
  Switch choice = Switch::restart;
  std::string because;
  std::optional<double> share{};              ///< gpu_memory_utilization to start every variant with, where the study leaves it open
  std::vector<Way> ways{};                    ///< resident, sleep, restart: each with its reason
  std::vector<std::string> misfits{};         ///< a sentence for each server that this machine can't hold even alone
};

/// The study's own wish first. `sleep` that was asked for is tried whatever the numbers say: the run falls back where it frees nothing.
SwitchChoice choose_switch(const Study& study, const Machine& machine);
/// The same with nothing known but the host's memory.
SwitchChoice choose_switch(const Study& study, std::int64_t memory_bytes);

}  // namespace qc
