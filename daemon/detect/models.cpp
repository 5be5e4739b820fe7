#include "daemon/detect/models.h"

#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/delimited_message_util.h>

#include <sstream>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "base/proto_time.h"
#include "base/status_macros.h"
#include "ml/core/detector.h"

namespace grayling {
namespace {

constexpr char kActive[] = "active";
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

}  // namespace

absl::StatusOr<v1::Model> Models::Upload(absl::string_view content,
                                         const std::string& description) {
  GRAYLING_ASSIGN_OR_RETURN(const Model model, ParseModel(content));
  GRAYLING_RETURN_IF_ERROR(Detector::Create(model).status());
  GRAYLING_ASSIGN_OR_RETURN(const int64_t number, records_.NextNumber());
  const absl::Time now = clock_.Now();
  StoredModel stored;
  stored.content = std::string(content);
  stored.about.set_name(absl::StrCat(kPrefix, number));
  stored.about.set_description(description.empty() ? model.description : description);
  stored.about.set_size_bytes(content.size());
  stored.about.set_threshold(model.threshold);
  ToProto(now, stored.about.mutable_create_time());
  GRAYLING_RETURN_IF_ERROR(records_.Put(stored.about.name(), Serialize(stored), now));
  return stored.about;
}

absl::StatusOr<std::string> Models::ActiveName() {
  const absl::StatusOr<Record> record = records_.Get(kActive);
  if (record.ok()) return record->body;
  if (absl::IsNotFound(record.status())) return std::string();
  return record.status();
}

absl::StatusOr<v1::Model> Models::Get(const std::string& name) {
  GRAYLING_RETURN_IF_ERROR(CheckName(name));
  GRAYLING_ASSIGN_OR_RETURN(const Record record, records_.Get(name));
  GRAYLING_ASSIGN_OR_RETURN(StoredModel stored, Deserialize(record));
  GRAYLING_ASSIGN_OR_RETURN(const std::string active, ActiveName());
  stored.about.set_active(name == active);
  return stored.about;
}

absl::StatusOr<std::vector<v1::Model>> Models::List() {
  GRAYLING_ASSIGN_OR_RETURN(const std::vector<Record> records, records_.List());
  GRAYLING_ASSIGN_OR_RETURN(const std::string active, ActiveName());
  std::vector<v1::Model> models;
  for (const Record& record : records) {
    if (record.name == kActive) continue;
    GRAYLING_ASSIGN_OR_RETURN(StoredModel stored, Deserialize(record));
    stored.about.set_active(record.name == active);
    models.push_back(std::move(stored.about));
  }
  return models;
}

absl::StatusOr<v1::Model> Models::Activate(const std::string& name) {
  GRAYLING_RETURN_IF_ERROR(CheckName(name));
  GRAYLING_ASSIGN_OR_RETURN(const Record record, records_.Get(name));
  GRAYLING_ASSIGN_OR_RETURN(StoredModel stored, Deserialize(record));
  GRAYLING_ASSIGN_OR_RETURN(const Model model, ParseModel(stored.content));
  absl::MutexLock lock(&activation_);
  // In this order: what cannot run must not be tried again at every start.
  GRAYLING_RETURN_IF_ERROR(detector_.Activate(name, model));
  GRAYLING_RETURN_IF_ERROR(records_.Put(kActive, name, clock_.Now()));
  stored.about.set_active(true);
  return stored.about;
}

absl::Status Models::Restore() {
  GRAYLING_ASSIGN_OR_RETURN(const std::string active, ActiveName());
  return active.empty() ? absl::OkStatus() : Activate(active).status();
}

}  // namespace grayling
