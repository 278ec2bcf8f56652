#pragma once
// One function a section of the report. Each takes its figures from the findings and leaves them in the log.
#include "report/charts.h"
#include "report/compose_parts.h"
#include "report/sentences.h"

namespace qc {

/// A study whose baseline can't be served on its card; nothing of it was started.
bool is_infeasible(const Composer& c);
Section compose_infeasible(const Composer& c);
Section compose_summary(Composer& c);
Section compose_setup(Composer& c);
Section compose_memory(Composer& c);
Section compose_workload(Composer& c, const WorkloadComparison& workload);
/// The workload's throughput counted in other ways: a table and what follows from it.
void add_other_counts(Composer& c, const WorkloadComparison& workload, std::vector<Block>& blocks);
/// For page one: verdicts in throughput that a count in characters does not give; empty where there are none.
std::string characters_in_short(const Composer& c);
Section compose_quality(Composer& c);
Section compose_cost(Composer& c);
Section compose_recommendations(Composer& c);
Section compose_methodology(Composer& c);
Section compose_next_steps(Composer& c);
Section compose_closing(Composer& c);

/// "What was really compared", in plain words, with the cautions that belong to it.
std::vector<std::string> compared_in_words(const Composer& c);
/// The same for page one, in one paragraph.
std::string compared_in_short(const Composer& c);
/// Outputs side by side: the most different ones, and all others.
struct Examples { std::vector<SideBySide> shown, rest; };
Examples examples(const Composer& c, std::size_t shown);
/// Whether the servers were asked for everything that could tell them apart; if so, what came of it (parts of Setup).
bool has_proof(const Composer& c);
void add_fairness(Composer& c, std::vector<Block>& blocks);
/// What was sent to every model (a part of Setup).
void add_load(const Composer& c, std::vector<Block>& blocks);
/// How many comparisons there are, and how the looks of a study that decided on its blocks while it ran are allowed for; items of a list.
std::vector<std::string> certainty_words(Composer& c);
/// For page one: how many of the differences stand when all are judged together; empty where all of them do.
std::string certainty_in_short(Composer& c);
/// The record's own quality: errors, events, files (parts of Methodology).
void add_turns(Composer& c, std::vector<Block>& blocks);
void add_own_error(Composer& c, std::vector<Block>& blocks);
void add_what_happened(Composer& c, std::vector<Block>& blocks);
void add_files(Composer& c, std::vector<Block>& blocks);
/// Parts of the workload's section: the server's own figures, what a step reads, and the GPU's (nothing without one).
void add_server_truth(Composer& c, const WorkloadComparison& workload, std::vector<Block>& blocks);
void add_pace(Composer& c, const WorkloadComparison& workload, std::vector<Block>& blocks);
void add_gpu(Composer& c, const WorkloadComparison& workload, std::vector<Block>& blocks);
/// Parts of the memory section. Nothing where the server tells no parts; empty where there is a GPU's reading, or no room gained.
void add_memory_parts(Composer& c, std::vector<Block>& blocks);
std::string no_gpu_sentence(const Composer& c);
std::string enables_sentence(Composer& c);

/// Pictures, and the words that stand for them where they can't be seen.
Picture throughput_picture(Composer& c, const WorkloadComparison& workload);
Picture p95_picture(Composer& c, const WorkloadComparison& workload);
Picture change_picture(Composer& c);
Picture memory_picture(Composer& c);
bool has_points(const WorkloadComparison& workload, const Metric& metric);

std::string slugged(const std::string& name);

}  // namespace qc
