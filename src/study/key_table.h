#pragma once
// One table of keys for each table of the study file: what it accepts, where it goes, how it is shown, what it is for.
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "study/study.h"
#include "study/values.h"

namespace qc {

/// What became of one value: taken, or refused with what there is to say.
struct KeyOutcome {
  bool ok = false;
  std::optional<std::string> found, nearest;
};

template <class Target>
struct Key {
  std::string name, accepted, help;
  std::function<KeyOutcome(Target&, const toml::node&)> set;
  std::function<std::optional<std::string>(const Target&)> show;  ///< empty: not set
};

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class Field>
std::optional<std::string> shown_field(const Field& field) {
  if constexpr (IsOptional<Field>::value)
    return field ? std::optional(shown(*field)) : std::nullopt;
  else if constexpr (std::is_enum_v<Field>)
    return std::string(to_string(field));
  else
    return shown(field);
}

template <class Target, class Field, class Value>
Key<Target> key(std::string name, Field Target::*field, Codec<Value> codec, std::string help) {
  const auto set = [field, read = codec.read](Target& target, const toml::node& node) {
    Taken<Value> taken = read(node);
    if (!taken.value) return KeyOutcome{false, taken.found, taken.nearest};
    target.*field = std::move(*taken.value);
    return KeyOutcome{true, {}, {}};
  };
  return {std::move(name), codec.accepted, std::move(help), set, [field](const Target& target) { return shown_field(target.*field); }};
}

const std::vector<Key<Study>>& study_table_keys();
const std::vector<Key<Hardware>>& hardware_keys();
const std::vector<Key<EngineSpec>>& engine_keys();
const std::vector<Key<Variant>>& variant_keys();
const std::vector<Key<Workload>>& workload_keys();
const std::vector<Key<QualitySpec>>& quality_keys();
const std::vector<Key<Study>>& estimate_keys();

/// Every key of a study as run, dotted, defaults included: the rows of v_study.
std::vector<std::pair<std::string, std::string>> keys_as_run(const Study& study);

}  // namespace qc
