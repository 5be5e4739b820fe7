#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "base/clock.h"
#include "deploy/lab/application/metrics.h"
#include "deploy/lab/application/router.h"
#include "deploy/lab/application/upstream.h"

namespace grayling::lab {

// PetClinic's API gateway: hands /api/customer/**, /api/visit/** and /api/vet/** on without the
// first two segments, and joins an owner with the visits of the owner's pets. Thread-safe.
class Gateway {
 public:
  // `upstreams` gives the address, http://HOST:PORT, of customers-service, visits-service and
  // vets-service. INVALID_ARGUMENT when one is missing.
  static absl::StatusOr<std::unique_ptr<Gateway>> Make(
      const std::map<std::string, std::string>& upstreams, absl::Duration limit, Registry& metrics,
      Clock& clock);
  void AddRoutes(Router& router);

 private:
  Gateway() = default;

  // The owner as customers-service knows it; the visits are empty where visits-service fails.
  absl::StatusOr<Reply> GetOwner(const Call& call);
  // Visits of the pets in `ids` (divided by commas) as visits-service lists them, or none.
  std::string VisitsOrNone(const std::string& ids);

  std::unique_ptr<Upstream> customers_;
  std::unique_ptr<Upstream> visits_;
  std::unique_ptr<Upstream> vets_;
};

}  // namespace grayling::lab
