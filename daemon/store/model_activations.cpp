#include "daemon/store/model_activations.h"

#include "base/status_macros.h"
#include "daemon/store/stored_time.h"

namespace grayling {

absl::Status ModelActivations::Append(const ModelActivation& activation) {
  return database_.Run([&](sqlite3* db) {
    Statement statement(db,
                        "INSERT INTO model_activations (model, rollback, time_ns) VALUES (?,?,?)");
    statement.Bind(activation.model)
        .Bind(activation.rollback ? 1 : 0)
        .Bind(absl::ToUnixNanos(activation.time));
    return statement.Execute();
  });
}

absl::StatusOr<std::vector<ModelActivation>> ModelActivations::List() {
  std::vector<ModelActivation> activations;
  GRAYLING_RETURN_IF_ERROR(database_.Run([&](sqlite3* db) {
    Statement statement(db,
                        "SELECT model, rollback, time_ns FROM model_activations ORDER BY sequence");
    return statement.Execute([&](const Statement& row) {
      activations.push_back({row.Text(0), row.Integer(1) != 0, ReadTime(row, 2)});
    });
  }));
  return activations;
}

}  // namespace grayling
