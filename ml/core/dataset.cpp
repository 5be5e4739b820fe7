#include "ml/core/dataset.h"

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "base/status_macros.h"
#include "ml/core/csv_reader.h"
#include "ml/core/csv_writer.h"
#include "ml/core/dataset_json.h"
#include "ml/core/dataset_union.h"

namespace grayling {
namespace {

constexpr Eigen::Index kCompressedFromCells = 1'000'000;

absl::StatusOr<std::string> ReadText(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    return absl::NotFoundError(
        absl::StrCat(path, " cannot be opened; a data set is a folder with dataset.json in it"));
  }
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// A run's id as a file name: what is not a plain character becomes '_'.
std::string FileName(const std::string& id) {
  std::string name = id.empty() ? "run" : id;
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.' && c != '_') c = '_';
  }
  return name;
}

// Windows that lie beside the rows of their runs, all of them: the clocks are not the same.
absl::Status CheckClocks(const Dataset& dataset, const std::string& index_path) {
  const Run* beside = nullptr;
  for (const Run& run : dataset.runs) {
    if (run.windows.empty() || run.time.empty()) continue;
    if (WindowsOutside(run, dataset.period_s) < run.windows.size()) return absl::OkStatus();
    if (beside == nullptr) beside = &run;
  }
  if (beside == nullptr) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrFormat(
      "%s: no window touches the rows of its run: %s has rows from %.3f to %.3f and a window from "
      "%.3f to %.3f; write both in the same clock",
      index_path, beside->id, beside->time.front(), beside->time.back(),
      beside->windows.front().start, beside->windows.front().end));
}

}  // namespace

size_t WindowsOutside(const Run& run, double period_s) {
  if (run.time.empty()) return run.windows.size();
  return static_cast<size_t>(
      std::count_if(run.windows.begin(), run.windows.end(), [&](const LabelWindow& window) {
        return window.end <= run.time.front() || window.start >= run.time.back() + period_s;
      }));
}

absl::StatusOr<Dataset> ReadDataset(const std::string& directory) {
  return ReadDataset(directory, [](const Run&) { return true; });
}

absl::StatusOr<Dataset> ReadDataset(const std::string& directory,
                                    absl::FunctionRef<bool(const Run&)> wanted) {
  const std::string index_path = absl::StrCat(directory, "/dataset.json");
  GRAYLING_ASSIGN_OR_RETURN(const std::string text, ReadText(index_path));
  GRAYLING_ASSIGN_OR_RETURN(DatasetIndex index, ParseDatasetIndex(text, index_path));
  Dataset dataset = std::move(index.dataset);
  ColumnUnion columns;
  std::vector<Run> runs;
  std::vector<std::vector<Eigen::Index>> places;
  for (size_t i = 0; i < dataset.runs.size(); ++i) {
    Run& run = dataset.runs[i];
    if (!wanted(run)) continue;
    GRAYLING_ASSIGN_OR_RETURN(CsvTable table,
                              ReadCsv(absl::StrCat(directory, "/", index.files[i])));
    places.push_back(columns.Add(table.columns));
    run.time = std::move(table.time);
    run.values = std::move(table.values);
    runs.push_back(std::move(run));
  }
  dataset.columns = columns.names();
  for (size_t i = 0; i < runs.size(); ++i) {
    Widen(places[i], static_cast<Eigen::Index>(dataset.columns.size()), runs[i].values);
  }
  dataset.runs = std::move(runs);
  GRAYLING_RETURN_IF_ERROR(CheckClocks(dataset, index_path));
  return dataset;
}

absl::Status WriteDataset(const Dataset& dataset, const std::string& directory) {
  std::error_code error;
  std::filesystem::create_directories(absl::StrCat(directory, "/runs"), error);
  if (error) {
    return absl::UnavailableError(
        absl::StrCat(directory, " cannot be made: ", error.message(), "; choose another folder"));
  }
  std::vector<std::string> files;
  std::set<std::string> taken;
  for (const Run& run : dataset.runs) {
    if (run.values.rows() != static_cast<Eigen::Index>(run.time.size()) ||
        run.values.cols() != static_cast<Eigen::Index>(dataset.columns.size())) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the run ", run.id, " has ", run.values.rows(), " x ", run.values.cols(), " values for ",
          run.time.size(), " times and ", dataset.columns.size(), " columns; they must agree"));
    }
    if (run.values.array().isInf().any()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the run ", run.id, " holds an infinite value; make it missing (NaN)"));
    }
    const std::string file = absl::StrCat(
        "runs/", FileName(run.id), run.values.size() > kCompressedFromCells ? ".csv.gz" : ".csv");
    if (!taken.insert(file).second) {
      return absl::InvalidArgumentError(
          absl::StrCat("two runs would be written to ", file, "; give them other ids"));
    }
    GRAYLING_RETURN_IF_ERROR(
        WriteCsv(absl::StrCat(directory, "/", file), dataset.columns, run.time, run.values));
    files.push_back(file);
  }
  // The index comes last: a folder with dataset.json in it is complete.
  std::ofstream out(absl::StrCat(directory, "/dataset.json"), std::ios::binary);
  out << SerializeDatasetIndex(dataset, files);
  out.close();
  if (!out) {
    return absl::UnavailableError(
        absl::StrCat(directory, "/dataset.json cannot be written; check the free space"));
  }
  return absl::OkStatus();
}

}  // namespace grayling
