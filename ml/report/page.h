#pragma once

#include <string>
#include <vector>

#include "absl/strings/string_view.h"

namespace grayling {

// The characters that mean something in HTML, and control characters, made harmless: what it
// returns is only text, between tags and in quoted attributes. Pure.
std::string EscapeHtml(absl::string_view text);

// Rows of cells of plain text. The first `text_columns` are words and stand to the left, the others
// are numbers and stand to the right.
class HtmlTable {
 public:
  explicit HtmlTable(std::vector<std::string> head, size_t text_columns = 1);
  // As many cells as the head has.
  void Add(std::vector<std::string> cells);
  bool empty() const { return rows_.empty(); }
  std::string Html() const;

 private:
  std::vector<std::string> head_;
  size_t text_columns_;
  std::vector<std::vector<std::string>> rows_;
};

// One HTML document that needs no other file: style inline, no script, nothing fetched. Light or
// dark as the reader's system is. All texts are escaped here; only Figure() takes markup, that of
// SvgFigure (describe_svg.h), which escapes its own. Not thread-safe.
class HtmlPage {
 public:
  explicit HtmlPage(std::string title);

  // Starts a section; it gets an entry in the list of contents.
  void Section(absl::string_view title);
  void Heading(absl::string_view text);
  void Paragraph(absl::string_view text);
  void Warning(absl::string_view text);  // stands out, and begins with the word
  void Items(const std::vector<std::string>& items);
  void Table(const HtmlTable& table);
  void Figure(absl::string_view svg, absl::string_view caption);
  // What follows until EndFold can be folded away under `title`.
  void BeginFold(absl::string_view title, bool is_open);
  void EndFold();

  std::string Finish() const;  // the whole document

 private:
  std::string title_;
  std::vector<std::string> sections_;
  std::string body_;
};

}  // namespace grayling
