#include "probe/fault/blade_answer.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace grayling::probe {
namespace {

using nlohmann::json;

constexpr int kOkCode = 200;
constexpr int kNonsense = -1;
constexpr std::size_t kLongestQuote = 200;

struct KnownCode {
  int first;
  int last;
  const char* advice;
};

// After spec-go's spec/response.go.
constexpr std::array<KnownCode, 29> kKnownCodes = {{
    {604, 604, "this blade is very old; install 1.7.5 or newer"},
    {43000, 43000, "blade must run as root in the guest"},
    {44000, 44000, "this blade does not have that action; check its version"},
    {45000, 45000, "a flag is missing; see `blade create TARGET ACTION -h`"},
    {46000, 46999, "a flag's value is not allowed; see `blade create TARGET ACTION -h`"},
    {47001, 47001, "no such process in the container; check the name of the process"},
    {47010, 47011, "the container is not known to the container runtime; is it still running?"},
    {47000, 47999, "a flag's value does not fit its target; check it"},
    {49000, 49000, "blade takes this for an illegal command"},
    {49001, 49001, "the interface has a tc fault already; blade can keep only one on each"},
    {51000, 51999, "blade could not handle a file; check the path and the free space"},
    {52000, 52000, "the guest has no taskset; install util-linux in it"},
    {52003, 52003, "the guest has no tc; install iproute2 in it"},
    {52004, 52004, "the guest has no iptables; install it"},
    {52007, 52007, "the guest has no ss; install iproute2 in it"},
    {52008, 52008, "the guest has no dd; install coreutils in it"},
    {52013, 52013, "the guest has no kill; install procps in it"},
    {52000, 52999, "a tool that blade needs is missing in the guest"},
    {54000, 54000, "the experiment is in an unexpected state; destroy it first"},
    {56000, 56999, "blade's handler failed; see its logs folder"},
    {63010, 63012, "blade could not find or signal the process"},
    {63020, 63020, "blade's installation is not complete: its bin folder must lie beside it"},
    {63030, 63030, "the JVM agent's port does not answer; is the Java version supported?"},
    {63062, 63062, "the container runtime did not answer blade; is docker running?"},
    {63061, 63063, "a command that blade ran in the guest failed"},
    {63067, 63067, "blade could not run its program inside the container"},
    {67001, 67001, "blade's own database failed; is its folder writable?"},
    {kBladeHasNoRecord, kBladeHasNoRecord, "blade has no record of this experiment"},
    {63000, 67999, "see blade's logs folder"},
}};

// One printable line, short enough for a sentence.
std::string Quoted(std::string text) {
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  const std::size_t start = text.find_first_not_of(' ');
  if (start == std::string::npos) return "";
  text = text.substr(start, kLongestQuote);
  return text.substr(0, text.find_last_not_of(' ') + 1);
}

bool IsAnswer(const json& object) { return object.is_object() && object.contains("code"); }

// From the last `{"code"` of the text on: the text may go on after the object's end.
std::optional<json> LastAnswer(const std::string& text) {
  const json whole = json::parse(text, nullptr, false);
  if (IsAnswer(whole)) return whole;
  std::size_t start = text.rfind("{\"code\"");
  while (start != std::string::npos) {
    const std::size_t line_end = std::min(text.find('\n', start), text.size());
    // blade's own text may follow on the line; the object ends at one of the braces.
    std::size_t end = text.rfind('}', line_end == 0 ? 0 : line_end - 1);
    for (int tries = 0; tries < 64 && end != std::string::npos && end > start; ++tries) {
      const json object = json::parse(text.substr(start, end - start + 1), nullptr, false);
      if (IsAnswer(object)) return object;
      end = text.rfind('}', end - 1);
    }
    if (start == 0) break;
    start = text.rfind("{\"code\"", start - 1);
  }
  return std::nullopt;
}

int CodeOf(const json& answer) {
  const json& code = answer["code"];
  if (!code.is_number_integer()) return kNonsense;
  const auto wide = code.get<std::int64_t>();
  return wide < 0 || wide > 1'000'000 ? kNonsense : static_cast<int>(wide);
}

std::string ErrorOf(const json& answer) {
  const auto found = answer.find("error");
  if (found == answer.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>()
                            : found->dump(-1, ' ', false, json::error_handler_t::replace);
}

bool SaysSuccess(const json& answer) {
  const auto found = answer.find("success");
  return found != answer.end() && found->is_boolean() && found->get<bool>();
}

const char* AdviceFor(int code) {
  for (const KnownCode& known : kKnownCodes) {
    if (code >= known.first && code <= known.last) return known.advice;
  }
  return "this code is not known; see blade's logs folder";
}

Error Contradiction(const ProgramRun& run, const json& answer) {
  return Error{"blade contradicts itself, so it is not believed: exit code " +
                   std::to_string(run.exit_code) + ", answer '" +
                   Quoted(answer.dump(-1, ' ', false, json::error_handler_t::replace)) + "'",
               kNonsense};
}

std::string TextOf(const json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

Result<json> ReadBladeAnswer(const ProgramRun& run) {
  std::vector<json> answers;
  for (const std::string* text : {&run.out, &run.err}) {
    if (std::optional<json> answer = LastAnswer(*text)) answers.push_back(*std::move(answer));
  }
  if (answers.empty()) {
    return Error{"blade gave no answer that can be read: exit code " +
                     std::to_string(run.exit_code) + ", output '" + Quoted(run.out) +
                     "', errors '" + Quoted(run.err) + "'",
                 kNonsense};
  }
  for (const json& answer : answers) {
    const int code = CodeOf(answer);
    const std::string error = ErrorOf(answer);
    const bool all_good =
        code == kOkCode && SaysSuccess(answer) && error.empty() && run.exit_code == 0;
    if (all_good) continue;
    const bool is_plain_failure =
        code != kOkCode && code != kNonsense && !SaysSuccess(answer) && run.exit_code != 0;
    if (!is_plain_failure) return Contradiction(run, answer);
    return Error{"blade refused with code " + std::to_string(code) + ", '" + Quoted(error) +
                     "': " + AdviceFor(code),
                 code};
  }
  const json& last = answers.front();
  return last.contains("result") ? last["result"] : json();
}

Status ConfirmBladeRecord(const json& record, const std::string& uid, const std::string& wanted) {
  // `status` answers an object, or a list of them for some versions.
  const json& one = record.is_array() && record.size() == 1 ? record[0] : record;
  if (!one.is_object() || TextOf(one, "Uid") != uid) {
    return Error{"blade status does not show the experiment " + uid};
  }
  if (TextOf(one, "Status") != wanted || !TextOf(one, "Error").empty()) {
    return Error{"blade status of " + uid + " is '" + Quoted(TextOf(one, "Status")) +
                 "', expected " + wanted + " and no error" +
                 (TextOf(one, "Error").empty() ? "" : ": " + Quoted(TextOf(one, "Error")))};
  }
  return Done{};
}

}  // namespace grayling::probe
