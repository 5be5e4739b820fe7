#include "ml/trainer/checkpoint.h"

#include <cstdio>
#include <filesystem>

#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

constexpr char kFormat[] = "grayling-checkpoint/1";

void Write(torch::serialize::OutputArchive& archive, const std::string& name,
           const std::vector<torch::Tensor>& tensors) {
  archive.write(name, c10::IValue(static_cast<int64_t>(tensors.size())));
  for (size_t i = 0; i < tensors.size(); ++i) {
    archive.write(absl::StrCat(name, i), tensors[i].detach().cpu());
  }
}

c10::IValue ReadValue(torch::serialize::InputArchive& archive, const std::string& name) {
  c10::IValue value;
  archive.read(name, value);
  return value;
}

void Read(torch::serialize::InputArchive& archive, const std::string& name,
          std::vector<torch::Tensor>& tensors) {
  tensors.resize(static_cast<size_t>(ReadValue(archive, name).toInt()));
  for (size_t i = 0; i < tensors.size(); ++i) {
    torch::Tensor tensor;
    archive.read(absl::StrCat(name, i), tensor);
    tensors[i] = tensor;
  }
}

}  // namespace

absl::Status WriteCheckpoint(const std::string& path, const std::string& fingerprint,
                             const TrainingState& state, const torch::optim::AdamW& optimizer) {
  const std::string unfinished = path + ".new";
  try {
    torch::serialize::OutputArchive archive;
    archive.write("format", c10::IValue(std::string(kFormat)));
    archive.write("fingerprint", c10::IValue(fingerprint));
    archive.write("epoch", c10::IValue(static_cast<int64_t>(state.epoch)));
    archive.write("step", c10::IValue(state.step));
    archive.write("best_quality", c10::IValue(state.best_quality));
    archive.write("best_epoch", c10::IValue(static_cast<int64_t>(state.best_epoch)));
    archive.write("random", c10::IValue(state.random));
    Write(archive, "parameter", state.parameters);
    Write(archive, "average", state.average);
    Write(archive, "best", state.best);
    torch::serialize::OutputArchive steps;
    optimizer.save(steps);
    archive.write("optimizer", steps);
    archive.save_to(unfinished);
  } catch (const std::exception& error) {
    const std::string text = error.what();
    return absl::UnavailableError(absl::StrCat("cannot write the checkpoint ", unfinished, ": ",
                                               text.substr(0, text.find('\n'))));
  }
  if (std::rename(unfinished.c_str(), path.c_str()) == 0) return absl::OkStatus();
  return absl::UnavailableError(absl::StrCat("cannot rename ", unfinished, " to ", path));
}

absl::StatusOr<bool> ReadCheckpoint(const std::string& path, const std::string& fingerprint,
                                    TrainingState& state, torch::optim::AdamW& optimizer) {
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return false;
  try {
    torch::serialize::InputArchive archive;
    archive.load_from(path);
    if (ReadValue(archive, "format").toStringRef() != kFormat ||
        ReadValue(archive, "fingerprint").toStringRef() != fingerprint) {
      return absl::FailedPreconditionError(
          absl::StrCat("the checkpoint ", path,
                       " belongs to other data or settings; name another file, or delete it to "
                       "start afresh"));
    }
    state.epoch = static_cast<int>(ReadValue(archive, "epoch").toInt());
    state.step = ReadValue(archive, "step").toInt();
    state.best_quality = ReadValue(archive, "best_quality").toDouble();
    state.best_epoch = static_cast<int>(ReadValue(archive, "best_epoch").toInt());
    state.random = ReadValue(archive, "random").toInt();
    Read(archive, "parameter", state.parameters);
    Read(archive, "average", state.average);
    Read(archive, "best", state.best);
    torch::serialize::InputArchive steps;
    archive.read("optimizer", steps);
    optimizer.load(steps);
  } catch (const std::exception&) {
    return absl::FailedPreconditionError(absl::StrCat(
        "the checkpoint ", path, " is damaged or cut short; delete it to start afresh"));
  }
  return true;
}

}  // namespace grayling
