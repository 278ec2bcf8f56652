// Findings -> Document: page one, then the sections of the case study in their order.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "core/text.h"
#include "report/compose_sections.h"
#include "report/report.h"

namespace qc {
namespace {

std::string title_of(const Composer& c) {
  const Study& study = c.data.study;
  const bool untitled = study.title.empty() || study.title == study.name;
  return untitled ? fmt::format("Quantization vs {} on {}", c.base() == "bf16" ? "BF16" : c.base(), c.machine()) : one_line(study.title, 200);
}

std::string subtitle_of(const Composer& c) {
  std::vector<std::string> workloads;
  for (const Workload& w : c.data.study.workloads) workloads.push_back(w.name);
  const std::string candidates = c.candidates().empty() ? "a candidate" : join_and(c.candidates());
  return fmt::format("Speed, memory, quality and cost of {} against {} for {}", candidates, c.base(), join_and(workloads));
}

std::string footer_of(const Composer& c) {
  std::set<std::string> servers;
  for (const VariantFacts& f : c.data.variants)
    if (!f.server.empty()) servers.insert(f.server_version.empty() ? f.server : f.server + " " + f.server_version);
  const std::vector<std::string> names(servers.begin(), servers.end());
  const std::string when = !c.data.run.ended_utc.empty() ? c.data.run.ended_utc : c.data.run.started_utc;
  return fmt::format("Generated from measurements of {}. Hardware: {}. Server: {}. Made with quantcase {}.", when.empty() ? "a date that is not recorded" : when,
                     c.machine(), names.empty() ? "n/a, none told its name" : join_and(names), c.data.run.program_version);
}

// Page one has no number; the report's form numbers what comes after it.
void number_sections(std::vector<Section>& sections) {
  for (std::size_t i = 1; i < sections.size(); ++i) sections[i].title = fmt::format("{}. {}", i, sections[i].title);
}

// Each table of the models and each picture stands for itself once it is copied into a slide.
void say_random_weights(std::vector<Section>& sections) {
  constexpr std::string_view kOfTheMachine = "Hardware";
  constexpr std::string_view kNote = "random weights";
  for (Section& section : sections)
    for (Block& block : section.blocks) {
      Table* t = std::get_if<Table>(&block);
      if (t != nullptr && !t->caption.empty() && t->caption != kOfTheMachine && section.id != "methodology") t->caption += fmt::format(" ({})", kNote);
      if (Picture* p = std::get_if<Picture>(&block)) p->title += fmt::format(" ({})", kNote), p->alt += fmt::format(" The models have {}.", kNote), p->spec = with_note(p->spec, std::string(kNote));
    }
}

}  // namespace

Document compose(const StudyData& data, const Findings& findings) {
  Composer c(data, findings);
  Document document{title_of(c), subtitle_of(c), {}, footer_of(c), {}};
  auto& sections = document.sections;
  if (is_infeasible(c)) {   // nothing was started: tables of n/a would bury the finding
    document.subtitle = "Feasibility: what fits on this card";
    document.sections = {compose_infeasible(c)};
    return document;
  }
  sections.push_back(compose_summary(c));
  sections.push_back(compose_setup(c));
  sections.push_back(compose_memory(c));
  for (const WorkloadComparison& w : findings.workloads) sections.push_back(compose_workload(c, w));
  sections.push_back(compose_quality(c));
  sections.push_back(compose_cost(c));
  sections.push_back(compose_recommendations(c));
  sections.push_back(compose_methodology(c));
  sections.push_back(compose_next_steps(c));
  sections.push_back(compose_closing(c));
  number_sections(sections);
  if (random_weights(c.data)) say_random_weights(sections);
  document.figures = c.log.take();
  return document;
}

}  // namespace qc
