#include "ml/core/dataset.h"

#include <cctype>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <system_error>
#include <unordered_map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "ml/core/csv_reader.h"
#include "ml/core/csv_writer.h"
#include "ml/core/dataset_json.h"

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

// Collects the union of the runs' columns.
class ColumnUnion {
 public:
  std::vector<Eigen::Index> Add(const std::vector<std::string>& columns) {
    std::vector<Eigen::Index> places;
    places.reserve(columns.size());
    for (const std::string& column : columns) {
      const auto [found, fresh] = place_.emplace(column, names_.size());
      if (fresh) names_.push_back(column);
      places.push_back(static_cast<Eigen::Index>(found->second));
    }
    return places;
  }
  const std::vector<std::string>& names() const { return names_; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, size_t> place_;
};

// Moves a run's own columns to their places among all columns.
void Widen(const std::vector<Eigen::Index>& places, Eigen::Index columns, Matrix& values) {
  bool in_place = static_cast<Eigen::Index>(places.size()) == columns;
  for (size_t i = 0; in_place && i < places.size(); ++i) {
    in_place = places[i] == static_cast<Eigen::Index>(i);
  }
  if (in_place) return;
  Matrix wide = Matrix::Constant(values.rows(), columns, std::numeric_limits<float>::quiet_NaN());
  for (size_t i = 0; i < places.size(); ++i) {
    wide.col(places[i]) = values.col(static_cast<Eigen::Index>(i));
  }
  values = std::move(wide);
}

// A run's id as a file name: what is not a plain character becomes '_'.
std::string FileName(const std::string& id) {
  std::string name = id.empty() ? "run" : id;
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '-' && c != '.' && c != '_') c = '_';
  }
  return name;
}

}  // namespace

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
