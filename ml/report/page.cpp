#include "ml/report/page.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr char kStyle[] = R"(
:root{color-scheme:light dark;--ink:#1d1f21;--paper:#fff;--faint:#5c6166;--line:#d4d7da;
--shade:#f4f5f6;--warn:#8a4b00}
@media (prefers-color-scheme:dark){:root{--ink:#e3e5e7;--paper:#17191b;--faint:#a0a6ab;
--line:#3a3e42;--shade:#202326;--warn:#ffb454}
figure svg{filter:invert(.9) hue-rotate(180deg)}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:76rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.7rem;line-height:1.2}h2{margin-top:3rem;border-bottom:1px solid var(--line)}
h3{margin-top:2rem}p,li{max-width:48rem}nav{color:var(--faint)}nav a{margin-right:1rem}
a{color:inherit}
.wide{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;font-size:.88rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .7rem;text-align:right;vertical-align:top;white-space:nowrap;
border-bottom:1px solid var(--line)}
th{background:var(--shade);font-weight:600}
th.text,td.text{text-align:left}td.text{white-space:normal;overflow-wrap:anywhere;min-width:7rem}
.warning{border-left:4px solid var(--warn);padding:.4rem .8rem;background:var(--shade)}
.warning b{color:var(--warn)}
figure{margin:1rem 0;overflow-x:auto}figure svg{max-width:100%;height:auto}
figcaption{font-size:.88rem;color:var(--faint);max-width:60rem}
summary{cursor:pointer;font-weight:600;margin:.6rem 0}
@media print{body{max-width:none}h2{break-after:avoid}figure,tr{break-inside:avoid}}
)";

std::string Element(absl::string_view tag, absl::string_view text) {
  return absl::StrCat("<", tag, ">", EscapeHtml(text), "</", tag, ">\n");
}

}  // namespace

std::string EscapeHtml(absl::string_view text) {
  std::string escaped;
  escaped.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      case '\'':
        escaped += "&#39;";
        break;
      default:
        escaped += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? ' ' : c;
    }
  }
  return escaped;
}

HtmlTable::HtmlTable(std::vector<std::string> head, size_t text_columns)
    : head_(std::move(head)), text_columns_(text_columns) {}

void HtmlTable::Add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

std::string HtmlTable::Html() const {
  std::string html = "<div class=\"wide\"><table>\n<thead><tr>";
  for (size_t i = 0; i < head_.size(); ++i) {
    absl::StrAppend(&html, "<th scope=\"col\"", i < text_columns_ ? " class=\"text\">" : ">",
                    EscapeHtml(head_[i]), "</th>");
  }
  absl::StrAppend(&html, "</tr></thead>\n<tbody>\n");
  for (const std::vector<std::string>& row : rows_) {
    absl::StrAppend(&html, "<tr>");
    for (size_t i = 0; i < row.size(); ++i) {
      absl::StrAppend(&html, i < text_columns_ ? "<td class=\"text\">" : "<td>", EscapeHtml(row[i]),
                      "</td>");
    }
    absl::StrAppend(&html, "</tr>\n");
  }
  absl::StrAppend(&html, "</tbody></table></div>\n");
  return html;
}

HtmlPage::HtmlPage(std::string title) : title_(std::move(title)) {}

void HtmlPage::Section(absl::string_view title) {
  if (!sections_.empty()) absl::StrAppend(&body_, "</section>\n");
  sections_.emplace_back(title);
  absl::StrAppend(&body_, "<section id=\"s", sections_.size(), "\">\n", Element("h2", title));
}

void HtmlPage::Heading(absl::string_view text) { body_ += Element("h3", text); }

void HtmlPage::Paragraph(absl::string_view text) { body_ += Element("p", text); }

void HtmlPage::Warning(absl::string_view text) {
  absl::StrAppend(&body_, "<p class=\"warning\"><b>Warning:</b> ", EscapeHtml(text), "</p>\n");
}

void HtmlPage::Items(const std::vector<std::string>& items) {
  if (items.empty()) return;
  absl::StrAppend(&body_, "<ul>\n");
  for (const std::string& item : items) body_ += Element("li", item);
  absl::StrAppend(&body_, "</ul>\n");
}

void HtmlPage::Table(const HtmlTable& table) { body_ += table.Html(); }

void HtmlPage::Figure(absl::string_view svg, absl::string_view caption) {
  absl::StrAppend(&body_, "<figure>\n", svg, Element("figcaption", caption), "</figure>\n");
}

void HtmlPage::BeginFold(absl::string_view title, bool is_open) {
  absl::StrAppend(&body_, is_open ? "<details open>" : "<details>", Element("summary", title));
}

void HtmlPage::EndFold() { absl::StrAppend(&body_, "</details>\n"); }

std::string HtmlPage::Finish() const {
  std::string contents;
  for (size_t i = 0; i < sections_.size(); ++i) {
    absl::StrAppend(&contents, "<a href=\"#s", i + 1, "\">", EscapeHtml(sections_[i]), "</a>\n");
  }
  return absl::StrCat("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n",
                      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n",
                      Element("title", title_), "<style>", kStyle, "</style>\n</head>\n<body>\n",
                      Element("h1", title_), "<nav>", contents, "</nav>\n", body_,
                      sections_.empty() ? "" : "</section>\n", "</body>\n</html>\n");
}

}  // namespace grayling
