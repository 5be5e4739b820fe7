#include "daemon/guest/agent_executor.h"

#include <algorithm>
#include <cstdint>
#include <nlohmann/json.hpp>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

using nlohmann::json;

constexpr absl::Duration kFirstPause = absl::Milliseconds(3);
constexpr absl::Duration kLongestPause = absl::Milliseconds(50);
// Slow growth: a short program is seen to end soon after it did.
constexpr double kPauseGrowth = 1.5;

// For one question to the agent: a stalled guest must not hold the caller much beyond its deadline.
absl::Duration Patience(absl::Duration left) {
  return std::clamp(left, absl::Seconds(1), absl::Seconds(10));
}

absl::Status UnreadableAnswer(absl::string_view answer) {
  return absl::InternalError(
      absl::StrCat("the guest agent gave an answer that cannot be read: ", answer.substr(0, 200)));
}

// The agent's errors carry no number for this, only the C library's sentence. They come as an error
// object, or inside libvirt's message.
absl::Status AgentError(const std::string& program, absl::string_view text) {
  if (absl::StrContains(text, "No such file or directory")) {
    return absl::NotFoundError(absl::StrCat("the guest has no program '", program, "'"));
  }
  return absl::InternalError(absl::StrCat("the guest agent cannot run '", program, "': ", text));
}

// The "return" object of the agent's answer.
absl::StatusOr<json> Ask(Hypervisor& hypervisor, const std::string& domain,
                         const std::string& program, const json& command, absl::Duration timeout) {
  // Argument vectors may hold any bytes; JSON only UTF-8.
  const std::string text = command.dump(-1, ' ', false, json::error_handler_t::replace);
  const absl::StatusOr<std::string> answer = hypervisor.AgentCommand(domain, text, timeout);
  if (absl::IsNotFound(answer.status()) || absl::IsFailedPrecondition(answer.status())) {
    return absl::UnavailableError(answer.status().message());
  }
  if (absl::IsInternal(answer.status())) return AgentError(program, answer.status().message());
  if (!answer.ok()) return answer.status();
  json parsed = json::parse(*answer, nullptr, /*allow_exceptions=*/false);
  if (!parsed.is_object()) return UnreadableAnswer(*answer);
  if (const auto error = parsed.find("error"); error != parsed.end() && error->is_object()) {
    const auto text_of = error->find("desc");
    return AgentError(program, text_of != error->end() && text_of->is_string()
                                   ? text_of->get_ref<const std::string&>()
                                   : error->dump());
  }
  const auto result = parsed.find("return");
  if (result == parsed.end() || !result->is_object()) return UnreadableAnswer(*answer);
  return *result;
}

absl::StatusOr<std::string> Decoded(const json& status, const char* key) {
  std::string bytes;
  const auto data = status.find(key);
  if (data == status.end()) return bytes;
  if (!data->is_string() || !absl::Base64Unescape(data->get_ref<const std::string&>(), &bytes)) {
    return absl::InternalError(absl::StrCat("the guest agent's ", key, " is not base64"));
  }
  return bytes;
}

int64_t Number(const json& object, const char* key, int64_t otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : otherwise;
}

absl::StatusOr<ExecResult> ResultOf(const json& status) {
  ExecResult result;
  const int64_t signal = Number(status, "signal", 0);
  result.exit_code = static_cast<int>(signal != 0 ? 128 + signal : Number(status, "exitcode", 0));
  GRAYLING_ASSIGN_OR_RETURN(result.out, Decoded(status, "out-data"));
  GRAYLING_ASSIGN_OR_RETURN(result.err, Decoded(status, "err-data"));
  return result;
}

}  // namespace

absl::StatusOr<ExecResult> AgentExecutor::Run(const std::vector<std::string>& argv,
                                              absl::Duration timeout) {
  return RunUnlessCancelled(argv, timeout, [] { return false; });
}

absl::StatusOr<ExecResult> AgentExecutor::RunUnlessCancelled(
    const std::vector<std::string>& argv, absl::Duration timeout,
    const std::function<bool()>& is_cancelled) {
  if (argv.empty()) return absl::InvalidArgumentError("the command is empty; name a program");
  const absl::Time deadline = clock_.Now() + timeout;
  const json start = {{"execute", "guest-exec"},
                      {"arguments",
                       {{"path", argv[0]},
                        {"arg", std::vector<std::string>(argv.begin() + 1, argv.end())},
                        {"capture-output", true}}}};
  GRAYLING_ASSIGN_OR_RETURN(const json started, Ask(hypervisor_, domain_id_, argv[0], start,
                                                    Patience(deadline - clock_.Now())));
  const int64_t pid = Number(started, "pid", -1);
  if (pid < 0) return UnreadableAnswer(started.dump());

  const json question = {{"execute", "guest-exec-status"}, {"arguments", {{"pid", pid}}}};
  const absl::Notification never;
  for (absl::Duration pause = kFirstPause;; pause = std::min(pause * kPauseGrowth, kLongestPause)) {
    GRAYLING_ASSIGN_OR_RETURN(const json status, Ask(hypervisor_, domain_id_, argv[0], question,
                                                     Patience(deadline - clock_.Now())));
    const auto exited = status.find("exited");
    if (exited == status.end() || !exited->is_boolean()) return UnreadableAnswer(status.dump());
    if (exited->get<bool>()) return ResultOf(status);
    if (is_cancelled()) {
      return absl::CancelledError(absl::StrCat("nobody waits for '", argv[0],
                                               "' any more; it is left to itself in the guest"));
    }
    const absl::Time now = clock_.Now();
    if (now >= deadline) {
      return absl::DeadlineExceededError(absl::StrCat(
          "'", argv[0], "' still ran in the guest after ", absl::FormatDuration(timeout)));
    }
    clock_.SleepUntil(std::min(deadline, now + pause), never);
  }
}

}  // namespace grayling
