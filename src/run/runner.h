#pragma once
// The state of one run: servers that are up, what is dropped, what went wrong.
#include <map>
#include <memory>
#include <set>
#include <string>

#include "measure/engines/engine.h"
#include "measure/engines/sleep.h"
#include "measure/load/visit.h"
#include "measure/quality/quality.h"
#include "measure/telemetry/gpu_watch.h"
#include "measure/telemetry/server_watch.h"
#include "measure/telemetry/telemetry.h"
#include "run/eta.h"
#include "run/run.h"

namespace qc {

/// One server of the run, with what belongs to it.
struct Server {
  std::unique_ptr<Engine> engine;
  std::unique_ptr<ServerWatch> watch;
  EngineStart start;
  std::int64_t gpu_idle = 0;              ///< bytes of GPU memory that it took by starting
  std::int64_t gpu_beside = 0;            ///< bytes that others held when it started or was woken
  CardUse took{};                         ///< bytes that it took of each card by starting
  bool asleep = false, slept = false;     ///< now; ever
  std::int64_t gpu_asleep = 0;            ///< bytes that it keeps while it sleeps
};

/// Bytes in use on each card, in NVML's order; empty without NVML.
CardUse card_use();
std::optional<std::int64_t> first_card(const CardUse& use);
std::optional<int> card_capability();                      ///< of the first card, 89 for 8.9

class Runner {
 public:
  Runner(const Plan& plan, Store& store, const RunOptions& options, const StopFlag& stop, const Watcher& watcher);
  Result<RunOutcome> run();

 private:
  struct Flags { bool ignore_eos = true, cache_prompt_off = true, continuous_usage = false; };

  Status prepare();                                        ///< run info, events, inputs
  Status load_inputs();                                    ///< prompts and quality items; those that an earlier run of this study had
  Status run_resident();                                   ///< also by sleep, until that is given up
  Status run_with_restarts();
  Status visit_points();                                   ///< what is still to do, all servers being up
  Status visit_turns();                                    ///< what is still to do, servers being started for their turns
  Status ask_for_more(bool& more);                         ///< at the end of a pair of blocks: whether there is another (further_blocks.cpp)
  [[nodiscard]] std::optional<TimeLeft> time_left(const StudyData& so_far) const;
  Status take_in(const NextBlocks& next, int first_block); ///< moves trials from later_ to the plan, in the store, too
  Status finish();

  /// Starts a variant's server and stores what it is. Ok also when it failed and was dropped; fails when nothing can go on.
  Status start(const std::string& variant);
  [[nodiscard]] bool has_figures(const std::string& variant) const;      ///< of this run or the one that it resumes
  Status admit(const VariantFacts& facts);                 ///< remembers them, and asks whether all described so far may be compared
  Status stop_server(const std::string& variant);
  [[nodiscard]] int planned_trials() const;                              ///< less those that max_minutes took away
  Status keep_totals();                                    ///< stores what the run took so far, so that a kill does not lose it
  void wait_for_gpu(const std::string& variant, std::int64_t expected);   ///< until no more than `expected` bytes are in use; 60 s at most
  Status settle_flags();                                   ///< what every server accepts; the same for all
  Status learn_flags(const std::string& variant, Server& server);

  // Sleep and wake (sleepers.cpp). At no time are two servers awake.
  enum class Nap { no, first };                            ///< first: sleeps and wakes even where it is awake already
  Status start_sleepers();                                 ///< each started once and put to sleep
  /// Makes `variant` the one that is awake, where servers take turns by sleep; does nothing otherwise. Ok also when it was dropped, or when
  /// sleep was given up: look at usable() afterwards. Fails when nothing can go on.
  Status turn_to(const std::string& variant, Nap nap = Nap::no);
  Status lay_down(const std::string& variant);             ///< proved by freed memory, or sleep is given up
  Status died_on_falling_asleep(Server& server, const DeviceTurn& turn);
  Status wake(const std::string& variant);
  Status revive(const std::string& variant, const std::string& why);   ///< started anew once; the second time it counts as died
  Status give_up_sleep(const std::string& because);        ///< ends all servers; what is left to do is done with restarts
  [[nodiscard]] bool cards_are_at_rest() const;                          ///< all sleep and nobody took more since; waits a little for it
  Status keep_turn(const DeviceTurn& turn);
  Result<Flags> flags_of(Engine& engine);                  ///< of a short request; fails with what that got instead of an answer
  /// After requests that waited in vain: empty where a short one is answered, else that it hangs, with what the short one got.
  std::string hang_of(Engine& engine, int in_vain, Seconds patience);
  [[nodiscard]] EndpointKind endpoint_of(const Workload& workload) const;

  Status visit(const PlannedTrial& trial, std::size_t index);
  Result<Visit> visit_once(const PlannedTrial& trial, int attempt, std::size_t index);
  /// After a block: quality prompts once the first is over, and whether the next one still fits into study.max_minutes.
  Status end_of_block(int block);
  Status shorten(int last_block);                          ///< takes the blocks after this one out of the plan
  void forget_unanswered();                                ///< of a resumed study: the quality prompts of a model that did not answer each are asked again
  void count_earlier(const StudyData& old);                ///< of a resumed study: its valid visits, so that a block is compared as a whole
  /// Why a visit is repeated at once; empty: it is not, or not yet.
  [[nodiscard]] std::string why_again(const PlannedTrial& trial, const Visit& visit) const;
  /// Says so, marks the earlier attempt invalid for `why` where it is not yet, and visits once more.
  Result<Visit> visit_again(const PlannedTrial& trial, int earlier_attempt, std::size_t index, const std::string& why);
  Status check_block(int block);                           ///< visits with failures that other variants did not have: invalid, and repeated once where their server is there
  [[nodiscard]] bool no_candidate_left() const;            ///< each that there was would not start or died
  /// Fails as engine where every candidate has been dropped: the baseline alone answers nothing. `block`: the one that this ends.
  Status end_without_candidates(int block);
  Status server_died(const std::string& variant, const std::string& how);
  /// Progress of something beside the visits: its own share done, and the time it will still take at its own pace.
  void activity(const std::string& what, Instant begun, int done, int of) const;
  void count_again(Visit& visit);                          ///< the answers' tokens by one tokenizer for all variants; drops the texts
  void tell(const PlannedTrial& trial, const Visit& visit, double seconds);

  Status ask_quality(const std::string& variant, int run);
  Status quality_of_all();
  Status measure_divergences();

  [[nodiscard]] ClientOptions client_for(const Engine& engine) const;
  /// Samples every server's process, and the GPU's memory as that of `loaded`: only one server works at a time.
  MemorySampler& sampler(const std::string& loaded);
  [[nodiscard]] bool stopping() const { return stop_.finish_in_hand(); }
  [[nodiscard]] bool usable(const std::string& variant) const { return servers_.contains(variant); }
  void note(const std::string& kind, const std::string& text);

  [[nodiscard]] std::vector<PlannedTrial> still_to_do() const;

  Plan plan_;                                              ///< a copy: sleep may be given up for restarts on the way
  std::vector<PlannedTrial> later_;                        ///< of a study that decides on its blocks while it runs: not decided on
  Store& store_;
  const RunOptions& options_;
  const StopFlag& stop_;
  const Watcher& watcher_;
  RunInfo info_;
  RunInfo earlier_;                                        ///< sums of a run that this one resumes
  std::map<std::string, Server> servers_;
  std::vector<VariantFacts> described_;                    ///< in the study's order; of a resumed study those of the store
  std::set<std::string> dropped_;
  std::map<std::string, PromptSet> prompts_;               ///< by workload
  std::unique_ptr<MemorySampler> sampler_;
  GpuWatch gpu_;
  std::string sampled_;                                    ///< whose the GPU's memory is taken for
  std::vector<SpotItem> spot_;
  std::vector<Answer> answers_;
  struct Counted { PlannedTrial trial; std::size_t index; int attempt, failed; bool repeated; };
  std::map<int, std::map<std::pair<std::string, int>, std::vector<Counted>>> counted_;   ///< block -> point -> its valid visits and their failed requests
  std::set<std::pair<std::string, int>> fails_for_all_;    ///< points where requests of every model failed in some block: no repeat would help
  std::optional<Flags> flags_;
  std::optional<std::string> awake_;                       ///< by sleep: the one server that may hold the cards
  CardUse at_rest_;                                        ///< bytes in use on each card when the last one had gone to sleep
  bool gave_up_sleep_ = false;
  std::set<std::string> revived_;
  std::set<int> visited_;                                  ///< ids of trials done in this run
  std::optional<PlannedTrial> last_visit_;
  std::set<std::string> no_tokenizer_;                     ///< servers that do not count tokens
  Eta eta_;
  RunOutcome outcome_;
  Instant began_, block_began_;
  std::optional<int> last_block_;                          ///< set when max_minutes ended the run early
  double longest_block_s_ = 0, latest_block_s_ = 0;
  double cpu_at_start_ = 0;
  double model_cpu_s_ = 0;                                 ///< of our own CPU time, what models in process took: the engine's
  int done_ = 0;
};

}  // namespace qc
