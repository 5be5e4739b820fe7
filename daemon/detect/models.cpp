#include "daemon/detect/models.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>

#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "daemon/detect/model_message.h"
#include "ml/core/detector.h"

namespace grayling {
namespace {

constexpr char kPrefix[] = "models/";

struct StoredModel {
  v1::Model about;
  std::string content;
};

std::string Serialize(const StoredModel& model) {
  std::ostringstream out;
  google::protobuf::util::SerializeDelimitedToOstream(model.about, &out);
  out << model.content;
  return out.str();
}

absl::StatusOr<StoredModel> Deserialize(const Record& record) {
  google::protobuf::io::ArrayInputStream in(record.body.data(),
                                            static_cast<int>(record.body.size()));
  StoredModel model;
  bool at_end = false;
  if (!google::protobuf::util::ParseDelimitedFromZeroCopyStream(&model.about, &in, &at_end)) {
    return absl::DataLossError(
        absl::StrCat("the record of ", record.name, " cannot be read; upload the model again"));
  }
  model.content = record.body.substr(static_cast<size_t>(in.ByteCount()));
  return model;
}

absl::Status CheckName(const std::string& name) {
  if (absl::StartsWith(name, kPrefix)) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("\"", name, "\" is not a model's name; write it as models/7"));
}

// The active model, last, after those that rollbacks would lead to.
std::vector<std::string> StackOf(const std::vector<ModelActivation>& history) {
  std::vector<std::string> stack;
  for (const ModelActivation& activation : history) {
    if (activation.rollback && !stack.empty()) stack.pop_back();
    if (stack.empty() || stack.back() != activation.model) stack.push_back(activation.model);
  }
  return stack;
}

// Says of a model what follows from the history.
void Complete(const std::vector<ModelActivation>& history, v1::Model& about) {
  const std::vector<std::string> stack = StackOf(history);
  about.set_active(!stack.empty() && stack.back() == about.name());
  about.clear_activate_time();
  for (const ModelActivation& activation : history) {
    if (activation.model == about.name()) ToProto(activation.time, about.mutable_activate_time());
  }
}

}  // namespace

absl::StatusOr<v1::Model> Models::Upload(absl::string_view content,
                                         const std::string& description) {
  GRAYLING_ASSIGN_OR_RETURN(const Model model, ParseModel(content));
  GRAYLING_RETURN_IF_ERROR(Detector::Create(model).status());
  StoredModel stored{AboutModel(model), std::string(content)};
  if (!description.empty()) stored.about.set_description(description);
  stored.about.set_size_bytes(content.size());
  GRAYLING_ASSIGN_OR_RETURN(const int64_t number, records_.NextNumber());
  stored.about.set_name(absl::StrCat(kPrefix, number));
  const absl::Time now = clock_.Now();
  ToProto(now, stored.about.mutable_create_time());
  GRAYLING_RETURN_IF_ERROR(records_.Put(stored.about.name(), Serialize(stored), now));
  return stored.about;
}

absl::StatusOr<v1::Model> Models::Get(const std::string& name) {
  GRAYLING_RETURN_IF_ERROR(CheckName(name));
  GRAYLING_ASSIGN_OR_RETURN(const Record record, records_.Get(name));
  GRAYLING_ASSIGN_OR_RETURN(StoredModel stored, Deserialize(record));
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<ModelActivation> history, activations_.List());
  Complete(history, stored.about);
  return stored.about;
}

absl::StatusOr<std::vector<v1::Model>> Models::List() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, records_.List());
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<ModelActivation> history, activations_.List());
  std::vector<v1::Model> models;
  for (const Record& record : records) {
    GRAYLING_ASSIGN_OR_RETURN(StoredModel stored, Deserialize(record));
    Complete(history, stored.about);
    models.push_back(std::move(stored.about));
  }
  return models;
}

absl::StatusOr<v1::Model> Models::Activate(const std::string& name) {
  absl::MutexLock lock(&activation_);
  return Run(name, /*rollback=*/false);
}

absl::StatusOr<v1::Model> Models::Rollback() {
  absl::MutexLock lock(&activation_);
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<ModelActivation> history, activations_.List());
  const std::vector<std::string> stack = StackOf(history);
  if (stack.size() < 2) {
    return absl::FailedPreconditionError(
        stack.empty() ? std::string("no model is active; activate one first")
                      : absl::StrCat("no model was active before ", stack.back(),
                                     "; activate another one by its name"));
  }
  return Run(stack[stack.size() - 2], /*rollback=*/true);
}

absl::StatusOr<Model> Models::Load(const std::string& name) {
  GRAYLING_ASSIGN_OR_RETURN(const Record record, records_.Get(name));
  GRAYLING_ASSIGN_OR_RETURN(const StoredModel stored, Deserialize(record));
  return ParseModel(stored.content);
}

absl::StatusOr<v1::Model> Models::Run(const std::string& name, bool rollback) {
  GRAYLING_RETURN_IF_ERROR(CheckName(name));
  GRAYLING_ASSIGN_OR_RETURN(const Model model, Load(name));
  // In this order: what cannot run must not be tried again at every start.
  GRAYLING_RETURN_IF_ERROR(detector_.Activate(name, model));
  GRAYLING_RETURN_IF_ERROR(activations_.Append({name, rollback, clock_.Now()}));
  return Get(name);
}

absl::Status Models::Restore() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<ModelActivation> history, activations_.List());
  const std::vector<std::string> stack = StackOf(history);
  if (stack.empty()) return absl::OkStatus();
  GRAYLING_ASSIGN_OR_RETURN(const Model model, Load(stack.back()));
  return detector_.Activate(stack.back(), model);
}

}  // namespace grayling
