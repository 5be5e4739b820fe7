#include "ml/adjuster/boosted_trees.h"

#include <xgboost/c_api.h>

#include <limits>
#include <string>
#include <type_traits>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

struct FreeTable {
  void operator()(void* handle) const { XGDMatrixFree(handle); }
};
struct FreeBooster {
  void operator()(void* handle) const { XGBoosterFree(handle); }
};
using Table = std::unique_ptr<std::remove_pointer_t<DMatrixHandle>, FreeTable>;
using Booster = std::unique_ptr<std::remove_pointer_t<BoosterHandle>, FreeBooster>;

absl::Status Checked(int result) {
  if (result == 0) return absl::OkStatus();
  return absl::InternalError(absl::StrCat("XGBoost failed: ", XGBGetLastError()));
}

absl::StatusOr<Table> MakeTable(const Matrix& inputs) {
  DMatrixHandle handle = nullptr;
  GRAYLING_RETURN_IF_ERROR(Checked(XGDMatrixCreateFromMat_omp(
      inputs.data(), static_cast<bst_ulong>(inputs.rows()), static_cast<bst_ulong>(inputs.cols()),
      std::numeric_limits<float>::quiet_NaN(), &handle, 1)));
  return Table(handle);
}

absl::Status Set(const Booster& booster, const char* name, const std::string& value) {
  return Checked(XGBoosterSetParam(booster.get(), name, value.c_str()));
}

}  // namespace

struct BoostedTrees::Impl {
  Booster booster;
  Eigen::Index columns = 0;
};

BoostedTrees::BoostedTrees(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
BoostedTrees::BoostedTrees(BoostedTrees&&) noexcept = default;
BoostedTrees& BoostedTrees::operator=(BoostedTrees&&) noexcept = default;
BoostedTrees::~BoostedTrees() = default;

absl::StatusOr<BoostedTrees> BoostedTrees::Fit(const Matrix& inputs,
                                               absl::Span<const float> targets,
                                               const BoostedTreesSettings& settings) {
  if (inputs.size() == 0 || inputs.rows() != static_cast<Eigen::Index>(targets.size())) {
    return absl::InvalidArgumentError(
        absl::StrCat("boosted trees need inputs and one target a row, got ", inputs.rows(),
                     " rows, ", inputs.cols(), " columns and ", targets.size(), " targets"));
  }
  GRAYLING_ASSIGN_OR_RETURN(const Table table, MakeTable(inputs));
  GRAYLING_RETURN_IF_ERROR(Checked(XGDMatrixSetFloatInfo(table.get(), "label", targets.data(),
                                                         static_cast<bst_ulong>(targets.size()))));
  const DMatrixHandle tables[] = {table.get()};
  BoosterHandle handle = nullptr;
  GRAYLING_RETURN_IF_ERROR(Checked(XGBoosterCreate(tables, 1, &handle)));
  Booster booster(handle);
  GRAYLING_RETURN_IF_ERROR(Set(booster, "objective", "reg:squarederror"));
  GRAYLING_RETURN_IF_ERROR(Set(booster, "base_score", "0"));
  GRAYLING_RETURN_IF_ERROR(Set(booster, "tree_method", "hist"));
  GRAYLING_RETURN_IF_ERROR(Set(booster, "nthread", "1"));
  GRAYLING_RETURN_IF_ERROR(Set(booster, "seed", "0"));
  GRAYLING_RETURN_IF_ERROR(Set(booster, "verbosity", "0"));
  GRAYLING_RETURN_IF_ERROR(Set(booster, "max_depth", absl::StrCat(settings.depth)));
  GRAYLING_RETURN_IF_ERROR(Set(booster, "eta", absl::StrCat(settings.learning_rate)));
  GRAYLING_RETURN_IF_ERROR(
      Set(booster, "min_child_weight", absl::StrCat(settings.least_leaf_weight)));
  for (int round = 0; round < settings.rounds; ++round) {
    GRAYLING_RETURN_IF_ERROR(Checked(XGBoosterUpdateOneIter(booster.get(), round, table.get())));
  }
  auto impl = std::make_unique<Impl>();
  impl->booster = std::move(booster);
  impl->columns = inputs.cols();
  return BoostedTrees(std::move(impl));
}

absl::StatusOr<std::vector<float>> BoostedTrees::Predict(const Matrix& inputs) const {
  if (inputs.rows() == 0) return std::vector<float>();
  if (inputs.cols() != impl_->columns) {
    return absl::InvalidArgumentError(
        absl::StrCat("these trees read ", impl_->columns, " columns, got ", inputs.cols()));
  }
  GRAYLING_ASSIGN_OR_RETURN(const Table table, MakeTable(inputs));
  bst_ulong count = 0;
  const float* predictions = nullptr;
  GRAYLING_RETURN_IF_ERROR(
      Checked(XGBoosterPredict(impl_->booster.get(), table.get(), 0, 0, 0, &count, &predictions)));
  return std::vector<float>(predictions, predictions + count);
}

}  // namespace grayling
