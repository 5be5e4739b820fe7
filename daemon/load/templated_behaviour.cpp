#include "daemon/load/templated_behaviour.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"

namespace grayling {
namespace {

constexpr size_t kRemembered = 16;

class Numbering {
 public:
  explicit Numbering(PreparedMix& mix) : mix_(mix) {}

  int Of(const std::string& name) {
    const auto [entry, is_new] = numbers_.emplace(name, static_cast<int>(mix_.ids.size()));
    if (is_new) mix_.ids.emplace_back();
    return entry->second;
  }
  std::vector<PreparedMix::Part> Cut(const std::string& text, std::vector<int>& ids) {
    std::vector<PreparedMix::Part> parts;
    for (TemplatePart& part : CutTemplate(text)) {
      const int id = part.id.empty() ? -1 : Of(part.id);
      if (id >= 0 && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
      parts.push_back({std::move(part.text), id});
    }
    return parts;
  }

 private:
  PreparedMix& mix_;
  std::map<std::string, int> numbers_;
};

}  // namespace

TemplatedBehaviour::TemplatedBehaviour(std::shared_ptr<const PreparedMix> mix)
    : mix_(std::move(mix)),
      learnt_(mix_->ids.size()),
      values_(mix_->ids.size()),
      drawn_(mix_->ids.size()) {}

size_t TemplatedBehaviour::Choose(std::mt19937_64& random) const {
  const std::vector<double>& sums = mix_->weights_up_to;
  const double draw = std::uniform_real_distribution<double>(0, sums.back())(random);
  const auto found = std::upper_bound(sums.begin(), sums.end(), draw);
  size_t chosen = std::min<size_t>(found - sums.begin(), sums.size() - 1);
  // Each round goes to a request that must come earlier; a checked mix ends this soon.
  for (size_t round = 0; round < mix_->requests.size(); ++round) {
    const auto unknown = [this](int id) { return !mix_->ids[id].has_range && learnt_[id].empty(); };
    const std::vector<int>& ids = mix_->requests[chosen].ids;
    const auto missing = std::find_if(ids.begin(), ids.end(), unknown);
    if (missing == ids.end()) break;
    const std::vector<size_t>& teachers = mix_->ids[*missing].learnt_from;
    const auto ready = [&](size_t teacher) {
      const std::vector<int>& needs = mix_->requests[teacher].ids;
      return std::none_of(needs.begin(), needs.end(), unknown);
    };
    const auto teacher = std::find_if(teachers.begin(), teachers.end(), ready);
    chosen = teacher == teachers.end() ? teachers.front() : *teacher;
  }
  return chosen;
}

void TemplatedBehaviour::Draw(int id, std::mt19937_64& random) {
  if (drawn_[id]) return;
  drawn_[id] = true;
  const PreparedMix::Id& source = mix_->ids[id];
  const std::deque<Learnt>& known = learnt_[id];
  const bool from_known = !known.empty() && (!source.has_range ||
                                             std::uniform_int_distribution<int>(0, 3)(random) == 0);
  if (!from_known) {
    values_[id] = std::uniform_int_distribution<int64_t>(source.from, source.to)(random);
    return;
  }
  const Learnt& taken = known[std::uniform_int_distribution<size_t>(0, known.size() - 1)(random)];
  values_[id] = taken.value;
  for (const auto& [other, value] : taken.beside) {
    if (drawn_[other]) continue;
    drawn_[other] = true;
    values_[other] = value;
  }
}

void TemplatedBehaviour::Write(const std::vector<PreparedMix::Part>& parts,
                               std::string& text) const {
  text.clear();
  for (const PreparedMix::Part& part : parts) {
    if (part.id < 0) {
      text += part.text;
    } else {
      absl::StrAppend(&text, values_[part.id]);
    }
  }
}

void TemplatedBehaviour::Next(std::mt19937_64& random, LoadRequest& request) {
  present_ = Choose(random);
  const PreparedMix::Request& chosen = mix_->requests[present_];
  std::fill(drawn_.begin(), drawn_.end(), false);
  for (const int id : chosen.ids) Draw(id, random);
  request.route = present_;
  request.method = chosen.plan.method;
  request.expected_status = chosen.plan.expected_status;
  Write(chosen.path, request.path);
  Write(chosen.body, request.body);
}

void TemplatedBehaviour::Answered(absl::string_view body) {
  const PreparedMix::Request& request = mix_->requests[present_];
  if (request.learns < 0) return;
  const auto answer = nlohmann::json::parse(body.begin(), body.end(), nullptr, false);
  if (!answer.is_object() || !answer.contains("id") || !answer["id"].is_number_integer()) return;
  Learnt learnt;
  learnt.value = answer["id"].get<int64_t>();
  for (const int id : request.ids) {
    if (id != request.learns) learnt.beside.emplace_back(id, values_[id]);
  }
  std::deque<Learnt>& memory = learnt_[request.learns];
  memory.push_back(std::move(learnt));
  if (memory.size() > kRemembered) memory.pop_front();
}

void TemplatedBehaviour::NotFound() {
  for (const int gone : mix_->requests[present_].ids) {
    const int64_t value = values_[gone];
    std::erase_if(learnt_[gone], [&](const Learnt& learnt) { return learnt.value == value; });
  }
}

absl::StatusOr<LoadMix> PrepareMix(const RequestMix& mix) {
  GRAYLING_RETURN_IF_ERROR(CheckRequestMix(mix));
  auto prepared = std::make_shared<PreparedMix>();
  Numbering numbering(*prepared);
  for (const MixId& id : mix.ids) {
    PreparedMix::Id& entry = prepared->ids[numbering.Of(id.name)];
    entry.has_range = true;
    entry.from = id.from;
    entry.to = id.to;
  }
  LoadMix result;
  double sum = 0;
  for (const MixRequest& plan : mix.requests) {
    PreparedMix::Request request;
    request.plan = plan;
    request.path = numbering.Cut(plan.path, request.ids);
    request.body = numbering.Cut(plan.body, request.ids);
    if (!plan.learns.empty()) {
      request.learns = numbering.Of(plan.learns);
      prepared->ids[request.learns].learnt_from.push_back(prepared->requests.size());
    }
    sum += plan.weight;
    prepared->weights_up_to.push_back(sum);
    prepared->requests.push_back(std::move(request));
    result.routes.push_back(plan.name);
  }
  const auto depth = [&prepared](int id) {
    if (prepared->ids[id].has_range) return -1;
    size_t deepest = 0;
    for (const size_t teacher : prepared->ids[id].learnt_from) {
      deepest = std::max(deepest, prepared->requests[teacher].ids.size());
    }
    return static_cast<int>(deepest);
  };
  for (PreparedMix::Request& request : prepared->requests) {
    std::stable_sort(request.ids.begin(), request.ids.end(),
                     [&](int a, int b) { return depth(a) > depth(b); });
  }
  result.new_user = [prepared] { return std::make_unique<TemplatedBehaviour>(prepared); };
  return result;
}

}  // namespace grayling
