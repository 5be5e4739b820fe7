#include "ml/core/evaluation_scores.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/strip.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr double kTimeTolerance_s = 0.00101;  // three decimals, and the rounding of doubles
constexpr absl::string_view kHeader = "run,time,score,alarm";

std::optional<double> NumberIn(absl::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value)) return {};
  return value;
}

// Takes the first cell of `line`, quoted or plain, and the comma after it.
std::optional<std::string> TakeCell(absl::string_view& line) {
  std::string cell;
  if (absl::ConsumePrefix(&line, "\"")) {
    while (true) {
      const size_t quote = line.find('"');
      if (quote == absl::string_view::npos) return {};
      absl::StrAppend(&cell, line.substr(0, quote));
      line.remove_prefix(quote + 1);
      if (!absl::ConsumePrefix(&line, "\"")) break;
      cell += '"';
    }
    if (!line.empty() && line[0] != ',') return {};
  } else {
    cell = std::string(line.substr(0, line.find(',')));
    line.remove_prefix(cell.size());
  }
  absl::ConsumePrefix(&line, ",");
  return cell;
}

// Fills the rows of one run, which mostly come in order.
struct Filling {
  const Run* run = nullptr;
  ScoredRun scored;
  std::vector<bool> known;
  size_t count = 0;
  size_t next = 0;

  // The row at `time`; none when the run has no such row.
  std::optional<size_t> RowAt(double time) {
    const std::vector<double>& times = run->time;
    if (next >= times.size() || std::abs(times[next] - time) > kTimeTolerance_s) {
      next = static_cast<size_t>(
          std::lower_bound(times.begin(), times.end(), time - kTimeTolerance_s) - times.begin());
      // Rows may be closer than the tolerance: take the nearest.
      while (next + 1 < times.size() &&
             std::abs(times[next + 1] - time) < std::abs(times[next] - time)) {
        ++next;
      }
    }
    if (next >= times.size() || std::abs(times[next] - time) > kTimeTolerance_s) return {};
    return next++;
  }
};

class Reader {
 public:
  Reader(const std::string& file, absl::Span<const Run> runs) : file_(file) {
    for (const Run& run : runs) {
      Filling& filling = fillings_.emplace_back();
      filling.run = &run;
      by_id_.emplace(run.id, fillings_.size() - 1);
    }
  }

  absl::Status AddLine(absl::string_view line, size_t number) {
    std::array<std::string, 4> cells;
    for (std::string& cell : cells) {
      const bool is_missing = line.empty();
      const std::optional<std::string> taken = TakeCell(line);
      if (is_missing || !taken) return Bad(number, "must be run,time,score,alarm");
      cell = *taken;
    }
    if (!line.empty()) return Bad(number, "has more than four values");
    const auto place = by_id_.find(cells[0]);
    if (place == by_id_.end()) {
      return Bad(number, absl::StrCat("names the run \"", cells[0],
                                      "\", which the data set has not; score this data set"));
    }
    const std::optional<double> time = NumberIn(cells[1]);
    const std::optional<double> score = NumberIn(cells[2]);
    if (!time) return Bad(number, absl::StrCat("has the time \"", cells[1], "\"; write seconds"));
    if (!score) {
      return Bad(number, absl::StrCat("has the score \"", cells[2], "\"; write a finite number"));
    }
    const bool is_alarm = cells[3] == "1" || cells[3] == "true";
    if (!is_alarm && cells[3] != "0" && cells[3] != "false") {
      return Bad(number, absl::StrCat("has the alarm \"", cells[3], "\"; write 0 or 1"));
    }
    return Fill(fillings_[place->second], *time, *score, is_alarm, number);
  }

  absl::StatusOr<std::vector<ScoredRun>> Finish() {
    std::vector<ScoredRun> scored;
    for (Filling& filling : fillings_) {
      if (filling.count == 0) continue;
      if (filling.count < filling.known.size()) {
        const auto gap = std::find(filling.known.begin(), filling.known.end(), false);
        return absl::InvalidArgumentError(absl::StrFormat(
            "%s: the run \"%s\" has %d rows but only %d scores, the first missing one at time "
            "%.3f; score every row of a run, or none",
            file_, filling.run->id, filling.known.size(), filling.count,
            filling.run->time[static_cast<size_t>(gap - filling.known.begin())]));
      }
      scored.push_back(std::move(filling.scored));
    }
    if (scored.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(file_, ": no row is scored; write a line for each row under the header"));
    }
    return scored;
  }

 private:
  absl::Status Bad(size_t line, absl::string_view what) const {
    return absl::InvalidArgumentError(absl::StrCat(file_, ":", line, ": the line ", what));
  }

  absl::Status Fill(Filling& filling, double time, double score, bool is_alarm, size_t number) {
    const std::optional<size_t> row = filling.RowAt(time);
    if (!row) {
      return Bad(number,
                 absl::StrFormat("scores the time %.3f, at which the run \"%s\" has no row; keep "
                                 "the times of the data set",
                                 time, filling.run->id));
    }
    if (filling.count == 0) {
      const size_t rows = filling.run->time.size();
      filling.scored = {filling.run, std::vector<float>(rows, 0), std::vector<bool>(rows, false)};
      filling.known.assign(rows, false);
    }
    if (filling.known[*row]) {
      return Bad(number, absl::StrFormat("scores the row at %.3f of the run \"%s\" again; keep one",
                                         time, filling.run->id));
    }
    filling.known[*row] = true;
    ++filling.count;
    filling.scored.scores[*row] = static_cast<float>(score);
    filling.scored.alarms[*row] = is_alarm;
    return absl::OkStatus();
  }

  const std::string& file_;
  std::vector<Filling> fillings_;
  std::map<std::string, size_t> by_id_;
};

}  // namespace

absl::StatusOr<std::vector<ScoredRun>> ParseScores(absl::string_view text, const std::string& file,
                                                   absl::Span<const Run> runs) {
  Reader reader(file, runs);
  size_t number = 0;
  while (!text.empty()) {
    ++number;
    absl::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    absl::ConsumeSuffix(&line, "\r");
    if (number == 1) {
      if (line != kHeader) {
        return absl::InvalidArgumentError(absl::StrCat(
            file, ":1: the header is \"", line.substr(0, 60), "\"; it must be \"", kHeader, "\""));
      }
    } else if (!line.empty()) {
      GRAYLING_RETURN_IF_ERROR(reader.AddLine(line, number));
    }
  }
  return reader.Finish();
}

absl::StatusOr<std::vector<ScoredRun>> ReadScores(const std::string& path,
                                                  absl::Span<const Run> runs) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  if (!in || !(text << in.rdbuf())) {
    return absl::NotFoundError(absl::StrCat(
        path, " cannot be read or is empty; name a CSV file with the header ", kHeader));
  }
  return ParseScores(text.str(), path, runs);
}

}  // namespace grayling
