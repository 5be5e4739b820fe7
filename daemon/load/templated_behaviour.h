#pragma once

#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "daemon/load/load_behaviour.h"
#include "daemon/load/request_mix.h"

namespace grayling {

// A RequestMix with its texts cut and its ids numbered. Immutable; shared by all users.
struct PreparedMix {
  struct Part {
    std::string text;
    int id = -1;  // -1: the text
  };
  struct Request {
    MixRequest plan;
    std::vector<Part> path;
    std::vector<Part> body;
    std::vector<int> ids;  // those it names; what was learnt beside others comes first
    int learns = -1;
  };
  struct Id {
    bool has_range = false;
    int64_t from = 0;
    int64_t to = 0;
    std::vector<size_t> learnt_from;  // requests
  };
  std::vector<Request> requests;
  std::vector<double> weights_up_to;  // running sums
  std::vector<Id> ids;
};

// One user of a RequestMix. Remembers the last 16 numbers of each id that it learnt, together with
// the ids of the request that it learnt them from: a pet is asked for at its own owner. An id with
// a range is drawn from what was learnt once in four times. A request whose id is not known yet
// gives way to one that learns it.
class TemplatedBehaviour final : public LoadBehaviour {
 public:
  explicit TemplatedBehaviour(std::shared_ptr<const PreparedMix> mix);

  void Next(std::mt19937_64& random, LoadRequest& request) override;
  void Answered(absl::string_view body) override;
  void NotFound() override;

 private:
  struct Learnt {
    int64_t value = 0;
    std::vector<std::pair<int, int64_t>> beside;  // other ids and their numbers
  };

  size_t Choose(std::mt19937_64& random) const;
  void Draw(int id, std::mt19937_64& random);
  void Write(const std::vector<PreparedMix::Part>& parts, std::string& text) const;

  const std::shared_ptr<const PreparedMix> mix_;
  std::vector<std::deque<Learnt>> learnt_;  // by id
  std::vector<int64_t> values_;             // of the present request, by id
  std::vector<bool> drawn_;
  size_t present_ = 0;
};

// INVALID_ARGUMENT as CheckRequestMix().
absl::StatusOr<LoadMix> PrepareMix(const RequestMix& mix);

}  // namespace grayling
