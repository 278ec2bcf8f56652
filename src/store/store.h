#pragma once
// One SQLite file per study: the only source of every report. WAL; a trial is one transaction, so that a kill loses at most the one in hand.
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "core/result.h"
#include "record/record.h"
#include "study/plan.h"

namespace qc {

/// Single writer, one thread. Every write is durable when it returns. Fails as damaged, naming the file and SQLite's reason.
class Store {
 public:
  /// Makes a new file (fails as usage if one is there) with the views of docs/interface.md, the study's keys and its text.
  static Result<Store> create(const std::filesystem::path& file, const Study& study);
  /// Opens an existing one, checks its integrity and schema version.
  static Result<Store> open(const std::filesystem::path& file);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  Status put_plan(const std::vector<PlannedTrial>& trials);
  Status put_run(const RunInfo& run);                       ///< replaces
  Status put_facts(const VariantFacts& facts);              ///< replaces the variant's
  Status put_start(const EngineStart& start);               ///< replaces the same variant and log: written at the start, again at the end
  Status put_memory(const std::vector<MemorySample>& samples);
  /// One transaction: the trial, its requests and every event's instant, its memory samples, what server and GPU said. A second attempt is kept beside the
  /// first: its id in views and in `load` is the planned one plus 1,000,000. The same attempt again replaces the old one.
  Status put_trial(const TrialRecord& trial, const std::vector<RequestRecord>& requests, const std::vector<MemorySample>& memory,
                   const Telemetry& telemetry = {});
  /// `trial_id` as stored (planned id, plus 1,000,000 for a repeat).
  Status mark_invalid(int trial_id, const std::string& because);
  Status put_answers(const std::vector<Answer>& answers);   ///< replaces same variant, suite, item, run
  Status put_divergence(const Divergence& divergence);
  Status put_turn(const DeviceTurn& turn);
  Status put_event(const StudyEvent& event);
  Status put_imported(const std::vector<ImportedRun>& runs);  ///< replaces all; each belongs to a trial that is stored
  Status put_figures(const std::vector<Figure>& figures);   ///< replaces all

  [[nodiscard]] Result<std::string> study_text() const;                   ///< the study file as run
  [[nodiscard]] Result<std::string> study_name_in_file() const;           ///< the path it was read from
  /// Planned ids of trials that need no further visit (a valid one is stored), for --resume.
  [[nodiscard]] Result<std::vector<int>> finished_trials() const;
  /// The number of a planned trial's next attempt: those stored that do not count stay, but for one that was interrupted.
  [[nodiscard]] Result<int> next_attempt(int planned_id) const;
  [[nodiscard]] Result<std::vector<PlannedTrial>> planned() const;        ///< by id
  /// What the program wrote down of the run so far; empty before it began.
  [[nodiscard]] std::optional<RunInfo> run_so_far() const;
  [[nodiscard]] Result<std::vector<Answer>> answers() const;
  /// Everything, for judge/. `study` is the parsed study_text().
  [[nodiscard]] Result<StudyData> load(const Study& study) const;

 private:
  Store() = default;
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace qc
