#pragma once
// The rule table: what a difference of a setting means for a comparison. Data; fairness.cpp holds the servers against it.
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace qc {

enum class DifferenceKind {
  unfair,     ///< the comparison would measure this, not the weights: refused unless allowed
  unknown,    ///< nobody has said what it means: listed
  explained,  ///< follows from how the weights are stored
  own,        ///< a name, a path or a measurement of each server: says nothing
};
constexpr std::string_view to_string(DifferenceKind k) {
  return k == DifferenceKind::unfair ? "unfair" : k == DifferenceKind::unknown ? "unknown" : k == DifferenceKind::explained ? "explained" : "own";
}

/// Makes an unfair difference an explained one: each variant whose value is not the baseline's has this value, and a format that begins with one of these words.
struct Excuse { std::string_view value; std::vector<std::string_view> formats; std::string_view why; };

struct FairnessRule {
  std::string_view setting;               ///< a name; ending in '*' all that begin so
  DifferenceKind kind;
  std::string_view why;                   ///< one sentence
  std::string_view remedy = {};           ///< for unfair ones: how it is made equal
  std::vector<Excuse> excuses = {};
};

/// All rules; the first that fits a name counts.
std::span<const FairnessRule> fairness_rules();

/// The rule of a setting; what nobody has listed is unknown.
const FairnessRule& rule_for(std::string_view setting);

/// '*' in the pattern stands for any text.
bool fits(std::string_view pattern, std::string_view name);

/// The settings that --allow may name: those of unfair rules, with '*' where a rule has it.
std::vector<std::string> allowable_settings();
/// One of them, or a setting that one of them stands for.
bool may_be_allowed(std::string_view setting);

}  // namespace qc
