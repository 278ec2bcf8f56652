// Setup's proof: whether each variant is what it says it is, and what differs between them beside the weights.
#include <fmt/format.h>

#include <algorithm>

#include "core/text.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

std::string kind_words(const Difference& d) {
  if (d.allowed) return "unfair, **allowed by the user**";
  return std::string(to_string(d.kind));
}

std::string values_of(const Difference& d) {
  std::vector<std::string> words;
  for (const VariantValue& v : d.values) words.push_back(fmt::format("{}: {} ({})", v.variant, one_line(v.value, 100), v.source));
  return fmt::format("{}", fmt::join(words, "; "));
}

Table identity_table(const Composer& c) {
  Table t = table("Is each variant what it says it is?", {"Model", "Verdict", "Because"});
  for (const VariantFacts& f : c.data.variants)
    if (!f.proof.empty()) t.rows.push_back({f.variant, std::string(to_string(f.identity.verdict)), one_line(f.identity.because, 300)});
  return t;
}

std::string identity_finding(const Composer& c) {
  std::vector<std::string> open, wrong;
  for (const VariantFacts& f : c.data.variants) {
    if (f.proof.empty()) continue;
    if (f.identity.verdict == IdentityVerdict::unproved) open.push_back(f.variant);
    if (f.identity.verdict == IdentityVerdict::contradicted) wrong.push_back(f.variant);
  }
  if (!wrong.empty()) return fmt::format("**{} {} not what {} said to be.**", join_and(wrong), wrong.size() == 1 ? "is" : "are", wrong.size() == 1 ? "it is" : "they are") + " Its figures are another model's.";
  if (!open.empty()) return fmt::format("Nothing speaks against {}, but that {} served as named can't be proved from here. The table says what is missing for a proof.", join_and(open), open.size() == 1 ? "it is" : "they are");
  const bool files = std::ranges::all_of(c.data.variants, [](const VariantFacts& f) { return f.file_bytes || !random_weights(f); });
  const auto silent = c.silent();
  return fmt::format("Each model{} is what it says it is: what was loaded fits what its {}. Its name alone would prove nothing.{}", silent.empty() ? "" : " that answered", files ? "files hold" : "configuration asks for",
                     silent.empty() ? "" : fmt::format(" Of {} nothing is known, since no server answered.", join_and(silent)));
}

/// Where a server took more than its share of the card, its cache is larger for that too.
std::string why_of(const Composer& c, const Difference& d) {
  std::vector<std::string> beyond;
  for (const MemoryRow& row : c.findings.memory)
    if (row.beyond_share) beyond.push_back(row.variant);
  if (!d.setting.starts_with("kv_cache_") || d.kind != DifferenceKind::explained || beyond.empty()) return d.why;
  return fmt::format("{} A part of the difference is that {} took more than {} share of the card: see Room for requests.", d.why, join_and(beyond), beyond.size() == 1 ? "its" : "their");
}

Table difference_table(const Composer& c, const Fairness& fairness) {
  Table t = table("What differs between the models", {"Setting", "Values, and where they were read", "Kind", "Why"});
  for (const Difference& d : fairness.differences) t.rows.push_back({"`" + one_line(d.setting, 80) + "`", values_of(d), kind_words(d), why_of(c, d)});
  return t;
}

/// Candidates whose weight file is the baseline's own, by its hash.
std::vector<std::string> same_as_baseline(const Composer& c) {
  const auto base = std::ranges::find(c.data.variants, c.base(), &VariantFacts::variant);
  std::vector<std::string> same;
  if (base == c.data.variants.end() || base->file_sha256.empty()) return same;
  for (const VariantFacts& f : c.data.variants)
    if (f.variant != base->variant && f.file_sha256 == base->file_sha256) same.push_back(f.variant);
  return same;
}

std::string fairness_finding(const Composer& c, const Fairness& fairness) {
  std::vector<std::string> allowed, refused;
  for (const auto* d : fairness.allowed()) allowed.push_back("`" + d->setting + "`");
  for (const auto* d : fairness.refused()) refused.push_back("`" + d->setting + "`");
  if (!refused.empty()) return fmt::format("The models are not comparable: {} must be equal, and the study was refused. No figure of it compares weights alone.", join_and(refused));
  const bool unknown = std::ranges::any_of(fairness.differences, [](const Difference& d) { return d.kind == DifferenceKind::unknown; });
  const std::string rest = unknown ? "Some settings differ whose effect nobody has told; the table names them." : "All other differences follow from how the weights are stored.";
  if (!allowed.empty())
    return fmt::format("The user allowed {} to differ, which is unfair: a difference in speed or quality may come from {} as well as from the weights. {}", join_and(allowed),
                       allowed.size() == 1 ? "it" : "them", rest);
  if (c.silent().size() == c.candidates().size()) return fmt::format("Only {} answered, so nothing could be held against it. How the others would have differed is not known.", c.base());
  const auto same = same_as_baseline(c);
  const std::string own = same.empty() ? "" : fmt::format("**{} {} {}'s own file**, by its hash", join_and(same), same.size() == 1 ? "is" : "are", c.base());
  if (!same.empty() && unknown) return own + ", so it is not the weights that are compared there. " + rest;
  if (!same.empty() && same.size() == c.candidates().size()) return own + ". Nothing is compared but this machine with itself, so a difference that is called is noise.";
  if (!same.empty()) return own + ": a difference that is called there is noise. Between the others nothing differs but how their weights are stored, and what follows from it.";
  const auto untold = c.attached();
  if (!untold.empty())
    return fmt::format("Nothing differs in what the servers tell of themselves{}. {} not started by us, and what else {} started with (threads, batches, kernels) is not told: a difference is one of the weights only if the rest is equal.",
                       unknown ? " but what the table names" : " but how their weights are stored", join_and(untold) + (untold.size() == 1 ? " was" : " were"), untold.size() == 1 ? "it was" : "they were");
  return unknown ? fmt::format("Nothing that is known to be unfair differs between the {}. {}", c.models(), rest)
                 : fmt::format("Nothing differs between the {} but how their weights are stored, and what follows from it. So a difference in speed, memory or quality beyond the noise is one of the weights.", c.models());
}

}  // namespace

bool has_proof(const Composer& c) {
  return std::ranges::any_of(c.data.variants, [](const VariantFacts& f) { return !f.proof.empty(); });
}

void add_fairness(Composer& c, std::vector<Block>& blocks) {
  const Fairness& fairness = c.findings.fairness;
  blocks.push_back(identity_table(c));
  blocks.push_back(finding(identity_finding(c)));
  if (!fairness.differences.empty()) blocks.push_back(difference_table(c, fairness));
  List notes;
  for (const auto* texts : {&fairness.slow_kernels, &fairness.not_told})
    for (const std::string& text : *texts) notes.items.push_back(one_line(text, 300));
  if (!notes.items.empty()) blocks.push_back(std::move(notes));
  blocks.push_back(finding(fairness_finding(c, fairness)));
}

}  // namespace qc
