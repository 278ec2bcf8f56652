// The whole report of a study that can't be run where it was asked for: the finding, and what to do.
#include <algorithm>

#include "report/compose_sections.h"
#include "core/secrets.h"

namespace qc {

bool is_infeasible(const Composer& c) {
  return c.data.trials.empty() && std::ranges::any_of(c.data.events, [](const StudyEvent& e) { return e.kind == "infeasible"; });
}

Section compose_infeasible(const Composer& c) {
  Section section{"summary", "In short", {}};
  auto& blocks = section.blocks;
  for (const StudyEvent& e : c.data.events)
    if (e.kind == "infeasible") blocks.push_back(Paragraph{"**Not feasible on this card.** " + sentence(e.text)});
  Table models = table("Models", {"Model", "File or id"});
  for (const Variant& v : c.data.study.variants) models.rows.push_back({v.name + (v.baseline ? " (baseline)" : ""), "`" + v.model + "`"});
  blocks.push_back(std::move(models));
  blocks.push_back(finding("Without the baseline on the same card there is no speed-up to report: what a smaller model gives here is that it can be served at all. Sizes are reckoned from the models' shapes and formats, before anything is loaded."));
  blocks.push_back(Heading{"How to run it elsewhere"});
  blocks.push_back(Paragraph{"On a card that holds the baseline, with [hardware] name set to it:"});
  blocks.push_back(Code{without_secrets(c.data.run.command)});
  return section;
}

}  // namespace qc
