#pragma once
// Reading a Document in tests.
#include <string>
#include <utility>
#include <vector>

#include "report/document.h"

namespace qc::test {

inline const Section& section(const Document& d, const std::string& id) {
  for (const Section& s : d.sections)
    if (s.id == id) return s;
  throw std::runtime_error("no section " + id);
}
/// Of a document that ends with the expression: the section by value, so that a range-for over its blocks keeps it.
inline Section section(Document&& d, const std::string& id) { return section(std::as_const(d), id); }

template <class T>
std::vector<T> all_of_kind(const Section& s) {
  std::vector<T> found;
  for (const Block& b : s.blocks)
    if (const T* t = std::get_if<T>(&b)) found.push_back(*t);
  return found;
}

/// Paragraphs, lists and cards: what a reader reads as sentences.
inline std::string prose(const Section& s) {
  std::string text;
  for (const Paragraph& p : all_of_kind<Paragraph>(s)) text += p.text + "\n";
  for (const List& l : all_of_kind<List>(s))
    for (const Inline& item : l.items) text += item + "\n";
  for (const Cards& c : all_of_kind<Cards>(s))
    for (const Card& card : c.cards) text += card.stance + ": " + card.text + "\n";
  return text;
}

inline std::vector<std::string> findings_of(const Section& s) {
  std::vector<std::string> texts;
  for (const Paragraph& p : all_of_kind<Paragraph>(s))
    if (p.key_finding) texts.push_back(p.text);
  return texts;
}

}  // namespace qc::test
