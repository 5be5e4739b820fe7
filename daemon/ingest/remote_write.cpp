#include "daemon/ingest/remote_write.h"

#include <snappy.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "daemon/ingest/write_request.h"

namespace grayling {
namespace {

// The buffers of a larger message are not used again; Prometheus's own have about 100 KiB.
constexpr size_t kLargestKept = 1 << 20;

// What is wrong stays wrong; a store that is full or behind recovers; anything else may be a fault
// of ours.
int CodeOf(const absl::Status& refusal) {
  switch (refusal.code()) {
    case absl::StatusCode::kInvalidArgument:
      return 400;
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
      return 503;
    default:
      return 500;
  }
}

HttpAnswer Refused(int status, absl::string_view sentence) {
  return {status, std::string(sentence)};
}

}  // namespace

class RemoteWrite::Lease {
 public:
  explicit Lease(RemoteWrite& owner) : owner_(owner) {
    absl::MutexLock lock(&owner_.mutex_);
    if (owner_.idle_.empty()) {
      workspace_ = std::make_unique<Workspace>();
    } else {
      workspace_ = std::move(owner_.idle_.back());
      owner_.idle_.pop_back();
    }
  }
  ~Lease() {
    if (workspace_->message.capacity() > kLargestKept) return;
    absl::MutexLock lock(&owner_.mutex_);
    owner_.idle_.push_back(std::move(workspace_));
  }
  Lease(const Lease&) = delete;
  Workspace* operator->() { return workspace_.get(); }

 private:
  RemoteWrite& owner_;
  std::unique_ptr<Workspace> workspace_;
};

RemoteWrite::RemoteWrite(SampleIntake& intake, RemoteWriteLimits limits)
    : intake_(intake), limits_(limits), keys_(intake.store(), &SeriesOfLabels) {}

HttpAnswer RemoteWrite::Check(const RemoteWriteHeaders& headers) {
  const std::vector<std::string> type = absl::StrSplit(headers.content_type, ';');
  if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(type[0]), "application/x-protobuf")) {
    return Refused(415, absl::StrCat("Content-Type '", headers.content_type,
                                     "' is not taken; send application/x-protobuf"));
  }
  for (size_t i = 1; i < type.size(); ++i) {
    const absl::string_view parameter = absl::StripAsciiWhitespace(type[i]);
    if (absl::StartsWithIgnoreCase(parameter, "proto=") &&
        parameter != "proto=prometheus.WriteRequest") {
      return Refused(415, absl::StrCat("the message ", parameter.substr(6),
                                       " is not taken; send prometheus.WriteRequest, which is "
                                       "remote write 1.0"));
    }
  }
  if (!absl::EqualsIgnoreCase(headers.content_encoding, "snappy")) {
    return Refused(415, absl::StrCat("Content-Encoding '", headers.content_encoding,
                                     "' is not taken; send snappy, in its block format"));
  }
  if (!headers.version.empty() && !absl::StartsWith(headers.version, "0.1.")) {
    return Refused(415, absl::StrCat("X-Prometheus-Remote-Write-Version ", headers.version,
                                     " is not taken; send 0.1.0, which is remote write 1.0"));
  }
  return {};
}

HttpAnswer RemoteWrite::Take(absl::string_view body, const std::string& sender) {
  size_t size = 0;
  if (!snappy::GetUncompressedLength(body.data(), body.size(), &size)) {
    return Refused(400, "the body is no snappy block; send the block format, not the framed one");
  }
  if (size > limits_.message_bytes) {
    return Refused(400, absl::StrCat("the message has ", size, " bytes and at most ",
                                     limits_.message_bytes, " are taken; send fewer samples"));
  }
  Lease work(*this);
  work->message.resize(size);
  if (!snappy::RawUncompress(body.data(), body.size(), work->message.data())) {
    return Refused(400, "the body is a damaged snappy block");
  }
  work->batch.target = sender;
  absl::Status status = ReadWriteRequest(work->message, keys_, work->batch);
  const bool is_empty = work->batch.series.empty();
  if (status.ok()) status = intake_.Take(work->batch);
  if (status.ok() && !is_empty) status = intake_.WaitDurable();
  if (!status.ok()) return Refused(CodeOf(status), status.message());
  return {};
}

}  // namespace grayling
