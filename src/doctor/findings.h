#pragma once
// What the facts mean for a measurement here, and what to do about it: a table of rules over values.
#include <string>
#include <string_view>
#include <vector>

#include "doctor/machine_facts.h"
#include "doctor/own_error.h"

namespace qc {

/// fine: nothing to do. note: worth knowing. warning: figures are worse than they could be. invalid: what is measured here would not count.
enum class Severity { fine, note, warning, invalid };
std::string_view to_string(Severity severity);

struct Diagnosis { MachineFacts machine; OwnError error; };

/// Measures our own error, and looks around. The machine is left empty where the user stopped it (error.cut_short). Fails as engine where the
/// built-in server can't be started.
Result<Diagnosis> diagnose(const StopFlag& stop, const OwnErrorWatch& watch);

/// One line for a person. `remedy` is empty where the finding is fine.
struct Finding { std::string id; Severity severity = Severity::fine; std::string found, remedy; };

/// One for each rule, in the order of docs/interface.md.
std::vector<Finding> findings_of(const Diagnosis& facts);
/// Nothing is found that makes measurements invalid.
bool may_measure(const std::vector<Finding>& findings);

}  // namespace qc
