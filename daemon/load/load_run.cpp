#include "daemon/load/load_run.h"

#include <algorithm>
#include <utility>

namespace grayling {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds kStopGrace{2};
constexpr int kLongestPollMilliseconds = 1000;

absl::Time NextFullSecond(absl::Time now) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(now) + 1);
}

}  // namespace

LoadRun::LoadRun(LoadSettings settings, int64_t seeded_owners, Clock& clock,
                 const LoadReport& report)
    : settings_(std::move(settings)),
      seeded_owners_(seeded_owners),
      clock_(clock),
      report_(report),
      multi_(curl_multi_init()),
      thread_([this](const std::stop_token& stop) { Loop(stop); }) {}

LoadRun::~LoadRun() { Stop(); }

void LoadRun::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

LoadStatistics LoadRun::Statistics() const { return meter_.Statistics(); }

void LoadRun::Loop(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { curl_multi_wakeup(multi_.get()); });
  started_ = second_began_ = Steady::now();
  next_report_ = NextFullSecond(clock_.Now());
  curl_multi_setopt(multi_.get(), CURLMOPT_MAXCONNECTS, static_cast<long>(settings_.users));
  EnterUsers();

  SteadyTime give_up = SteadyTime::max();
  while (true) {
    const bool stopping = stop.stop_requested();
    if (stopping && give_up == SteadyTime::max()) give_up = Steady::now() + kStopGrace;
    if (stopping && (in_flight_ == 0 || Steady::now() >= give_up)) break;
    if (!stopping) SendDue();
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    CollectEnded();
    ReportWhenSecondEnded();
    curl_multi_poll(multi_.get(), nullptr, 0, stopping ? 10 : PollTimeoutMilliseconds(), nullptr);
  }
  for (const auto& user : users_) curl_multi_remove_handle(multi_.get(), user->handle());
  users_.clear();
}

void LoadRun::EnterUsers() {
  const auto ramp_up = absl::ToChronoNanoseconds(settings_.ramp_up);
  for (uint32_t index = 0; index < settings_.users; ++index) {
    users_.push_back(std::make_unique<VirtualUser>(settings_, seeded_owners_, index));
    VirtualUser* user = users_.back().get();
    const auto entry = started_ + ramp_up * index / settings_.users;
    due_.push(Due{entry + absl::ToChronoNanoseconds(user->Think()), user});
  }
}

void LoadRun::SendDue() {
  const SteadyTime now = Steady::now();
  while (!due_.empty() && due_.top().time <= now) {
    VirtualUser* user = due_.top().user;
    due_.pop();
    if (curl_multi_add_handle(multi_.get(), user->Prepare()) == CURLM_OK) {
      ++in_flight_;
    } else {
      meter_.Count(user->Finish(CURLE_FAILED_INIT));
      ScheduleAfterThinking(user);
    }
  }
}

void LoadRun::CollectEnded() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    // The message dies with curl_multi_remove_handle().
    CURL* handle = message->easy_handle;
    const CURLcode code = message->data.result;
    VirtualUser* user = nullptr;
    curl_easy_getinfo(handle, CURLINFO_PRIVATE, &user);
    curl_multi_remove_handle(multi_.get(), handle);
    --in_flight_;
    meter_.Count(user->Finish(code));
    ScheduleAfterThinking(user);
  }
}

void LoadRun::ReportWhenSecondEnded() {
  const absl::Time now = clock_.Now();
  if (now < next_report_) {
    // The wall clock was set back: do not wait for the old second to come again.
    if (next_report_ - now > absl::Seconds(1)) next_report_ = NextFullSecond(now);
    return;
  }
  const SteadyTime ended = Steady::now();
  const absl::Time instant = absl::FromUnixSeconds(absl::ToUnixSeconds(now));
  const absl::Duration elapsed =
      std::max(absl::FromChrono(ended - second_began_), absl::Microseconds(1));
  const auto since_start = absl::FromChrono(ended - started_);
  const double entered = settings_.ramp_up == absl::ZeroDuration()
                             ? settings_.users
                             : settings_.users * (since_start / settings_.ramp_up);
  const auto users = static_cast<uint32_t>(std::min<double>(entered + 1, settings_.users));
  second_began_ = ended;
  next_report_ = NextFullSecond(now);
  const std::vector<LoadSample> samples = meter_.EndSecond(elapsed, users);
  if (report_) report_(instant, samples);
}

void LoadRun::ScheduleAfterThinking(VirtualUser* user) {
  due_.push(Due{Steady::now() + absl::ToChronoNanoseconds(user->Think()), user});
}

int LoadRun::PollTimeoutMilliseconds() const {
  auto wait = absl::ToChronoNanoseconds(next_report_ - clock_.Now());
  if (!due_.empty()) wait = std::min(wait, Steady::duration(due_.top().time - Steady::now()));
  const auto milliseconds = std::chrono::ceil<std::chrono::milliseconds>(wait).count();
  return static_cast<int>(std::clamp<int64_t>(milliseconds, 0, kLongestPollMilliseconds));
}

}  // namespace grayling
