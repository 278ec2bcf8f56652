#pragma once
// The report as content, before any format: Markdown and HTML are made from the same Document.
#include <string>
#include <variant>
#include <vector>

#include "record/record.h"

namespace qc {

/// Text with two marks, **strong** and `code`; nothing else is markup. Formats escape the rest.
using Inline = std::string;

/// A key finding is set apart, and the formats put the words "Key finding" before it.
struct Paragraph { Inline text; bool key_finding = false; };
struct Table { std::string caption; std::vector<Inline> header; std::vector<bool> numeric; std::vector<std::vector<Inline>> rows; };
struct List { std::vector<Inline> items; bool ordered = false; };
struct Code { std::string text; };
struct Heading { Inline text; };
/// A picture: `id` names figures/<id>.svg; `spec` is its Vega-Lite specification (JSON).
struct Picture { std::string id, title, alt, spec; };
/// A card of page one. A stance that begins with "recommend", "take care" or "avoid" gives the card its colour and sign;
/// any other is neutral. Without a stance the card carries a fact: the money, the bound on quality.
struct Card { Inline title, stance, text; };
struct Cards { std::vector<Card> cards; };
/// Two texts side by side, or more: quality outputs.
struct SideBySide { Inline title; std::vector<std::pair<Inline, std::string>> panes; };

using Block = std::variant<Paragraph, Table, List, Code, Heading, Picture, Cards, SideBySide>;

struct Section { std::string id, title; std::vector<Block> blocks; };

struct Document {
  std::string title, subtitle;
  std::vector<Section> sections;           ///< page one first (id "summary"), then REPORT.md's ten
  Inline footer;
  std::vector<Figure> figures;             ///< every figure printed above, unrounded: v_figure
};

}  // namespace qc
