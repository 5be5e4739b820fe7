#include "daemon/load/load_run.h"

#include <algorithm>
#include <utility>

namespace grayling {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::seconds kStopGrace{2};
constexpr std::chrono::milliseconds kStoppingRound{10};

uint32_t MostUsers(const LoadSettings& settings) {
  return settings.model == LoadModel::kOpen ? settings.most_in_flight : settings.users;
}

absl::Time NextFullSecond(absl::Time now) {
  return absl::FromUnixSeconds(absl::ToUnixSeconds(now) + 1);
}

}  // namespace

LoadRun::LoadRun(LoadSettings settings, LoadMix mix, Clock& clock, const LoadReport& report)
    : settings_(std::move(settings)),
      mix_(std::move(mix)),
      clock_(clock),
      report_(report),
      meter_(mix_.routes),
      transfers_(MostUsers(settings_)),
      thread_([this](const std::stop_token& stop) { Loop(stop); }) {}

LoadRun::~LoadRun() { Stop(); }

void LoadRun::Stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

LoadStatistics LoadRun::Statistics() const { return meter_.Statistics(); }

void LoadRun::Loop(const std::stop_token& stop) {
  const std::stop_callback wake(stop, [this] { transfers_.Wake(); });
  started_ = second_began_ = Steady::now();
  next_report_ = NextFullSecond(clock_.Now());
  MakeSchedule();

  SteadyTime give_up = SteadyTime::max();
  while (true) {
    const bool stopping = stop.stop_requested();
    if (stopping && give_up == SteadyTime::max()) give_up = Steady::now() + kStopGrace;
    if (stopping && (in_flight_ == 0 || Steady::now() >= give_up)) break;
    if (!stopping) SendDue();
    transfers_.Wait(stopping ? Steady::now() + kStoppingRound : NextWake());
    CollectEnded();
    ReportWhenSecondEnded();
  }
  for (const auto& user : users_) transfers_.Remove(user->handle());
  users_.clear();
}

void LoadRun::MakeSchedule() {
  users_.reserve(MostUsers(settings_));
  if (settings_.model == LoadModel::kOpen) {
    schedule_ = std::make_unique<OpenSchedule>(settings_, started_);
  } else {
    schedule_ = std::make_unique<ClosedLoopSchedule>(
        settings_, started_, [this](size_t user) { return UserAt(user).Think(); });
  }
}

VirtualUser& LoadRun::UserAt(size_t index) {
  while (users_.size() <= index) {
    const auto next = static_cast<uint32_t>(users_.size());
    users_.push_back(std::make_unique<VirtualUser>(settings_, mix_.new_user(), next));
    intended_.emplace_back();
  }
  return *users_[index];
}

void LoadRun::SendDue() {
  const SteadyTime now = Steady::now();
  while (const std::optional<Arrival> arrival = schedule_->Take(now)) Send(*arrival);
  if (schedule_->offered() == offered_) return;
  meter_.CountOffered(schedule_->offered() - offered_, schedule_->late() - late_);
  offered_ = schedule_->offered();
  late_ = schedule_->late();
}

void LoadRun::Send(const Arrival& arrival) {
  if (arrival.given_up) {
    meter_.Count({kNoRoute, true, settings_.request_timeout});
    return;
  }
  VirtualUser& user = UserAt(arrival.user);
  intended_[arrival.user] = arrival.intended;
  if (transfers_.Add(user.Prepare())) {
    ++in_flight_;
    meter_.CountSent();
  } else {
    meter_.Count(user.Finish(CURLE_FAILED_INIT));
    schedule_->Ended(arrival.user, Steady::now());
  }
}

void LoadRun::CollectEnded() {
  while (const std::optional<TransferLoop::Ended> ended = transfers_.NextEnded()) {
    VirtualUser* user = nullptr;
    curl_easy_getinfo(ended->handle, CURLINFO_PRIVATE, &user);
    transfers_.Remove(ended->handle);
    --in_flight_;
    const SteadyTime now = Steady::now();
    RequestOutcome outcome = user->Finish(ended->code);
    if (settings_.model == LoadModel::kOpen && outcome.latency.has_value()) {
      outcome.latency = absl::FromChrono(now - intended_[user->index()]);
    }
    meter_.Count(outcome);
    schedule_->Ended(user->index(), now);
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
  second_began_ = ended;
  next_report_ = NextFullSecond(now);
  const std::vector<LoadSample> samples = meter_.EndSecond(elapsed, UsersNow(ended));
  if (report_) report_(instant, samples);
}

uint32_t LoadRun::UsersNow(SteadyTime now) const {
  if (settings_.model == LoadModel::kOpen) return in_flight_;
  const auto since_start = absl::FromChrono(now - started_);
  const double entered = settings_.ramp_up == absl::ZeroDuration()
                             ? settings_.users
                             : settings_.users * (since_start / settings_.ramp_up);
  return static_cast<uint32_t>(std::min<double>(entered + 1, settings_.users));
}

SteadyTime LoadRun::NextWake() const {
  const auto until_report = absl::ToChronoNanoseconds(next_report_ - clock_.Now());
  return std::min(schedule_->NextDue(), Steady::now() + until_report);
}

}  // namespace grayling
