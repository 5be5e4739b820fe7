#include "ml/trainer/crossval_message.h"

#include <cstdint>
#include <cstring>

namespace grayling {
namespace {

// Plain values in host order: both ends are the same program.
class Writer {
 public:
  template <typename T>
  void Value(const T& value) {
    bytes_.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  void Text(const std::string& text) {
    Value(static_cast<uint64_t>(text.size()));
    bytes_.append(text);
  }
  std::string Take() { return std::move(bytes_); }

 private:
  std::string bytes_;
};

class Reader {
 public:
  explicit Reader(absl::string_view bytes) : rest_(bytes) {}

  template <typename T>
  void Value(T& value) {
    const absl::string_view taken = Bytes(sizeof(value));
    if (whole_) std::memcpy(&value, taken.data(), sizeof(value));
  }
  void Text(std::string& text) {
    uint64_t size = 0;
    Value(size);
    text = std::string(Bytes(size));
  }
  bool AtEnd() const { return whole_ && rest_.empty(); }
  uint64_t left() const { return rest_.size(); }

 private:
  absl::string_view Bytes(uint64_t size) {
    if (size > rest_.size()) whole_ = false;
    if (!whole_) return {};
    const absl::string_view taken = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return taken;
  }

  absl::string_view rest_;
  bool whole_ = true;
};

// Visits every member of the summary, so that both directions cannot differ.
template <typename Archive, typename Summary>
void Visit(Archive& archive, Summary& summary) {
  archive.Text(summary.held_out);
  archive.Text(summary.network);
  archive.Text(summary.note);
  archive.Value(summary.epochs);
  archive.Value(summary.inputs);
  archive.Value(summary.threshold);
  archive.Value(summary.alarm_votes);
  archive.Value(summary.alarm_rows);
  archive.Value(summary.meets_targets);
}

}  // namespace

std::string PackFold(const FoldMessage& message) {
  Writer writer;
  Visit(writer, message.summary);
  writer.Value(static_cast<uint64_t>(message.scores.size()));
  for (size_t i = 0; i < message.scores.size(); ++i) {
    writer.Value(message.scores[i]);
    writer.Value(static_cast<char>(message.alarms[i]));
  }
  return writer.Take();
}

absl::StatusOr<FoldMessage> UnpackFold(absl::string_view bytes) {
  Reader reader(bytes);
  FoldMessage message;
  Visit(reader, message.summary);
  uint64_t rows = 0;
  reader.Value(rows);
  const bool whole = rows <= reader.left();  // a row takes more than one byte
  for (uint64_t i = 0; whole && i < rows; ++i) {
    float score = 0;
    char alarm = 0;
    reader.Value(score);
    reader.Value(alarm);
    message.scores.push_back(score);
    message.alarms.push_back(alarm != 0);
  }
  if (!whole || !reader.AtEnd()) return absl::InternalError("a worker process sent half a result");
  return message;
}

}  // namespace grayling
