#include "deploy/lab/application/gateway.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status_macros.h"
#include "deploy/lab/application/fields.h"

namespace grayling::lab {
namespace {

// "/api/vet/vets?x" -> "/vets?x"
std::string StripTwoSegments(const std::string& target) {
  size_t end = 0;
  for (int i = 0; i < 2 && end != std::string::npos; ++i) end = target.find('/', end + 1);
  return end == std::string::npos ? "/" : target.substr(end);
}

Handler PassOn(Upstream& upstream) {
  return [&upstream](const Call& call) {
    return upstream.Send(call.method, StripTwoSegments(call.target), call.body, call.content_type);
  };
}

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Make(
    const std::map<std::string, std::string>& upstreams, absl::Duration limit, Registry& metrics,
    Clock& clock) {
  auto gateway = std::unique_ptr<Gateway>(new Gateway());
  const std::pair<const char*, std::unique_ptr<Upstream>*> wanted[] = {
      {"customers-service", &gateway->customers_},
      {"visits-service", &gateway->visits_},
      {"vets-service", &gateway->vets_}};
  for (const auto& [name, slot] : wanted) {
    const auto found = upstreams.find(name);
    if (found == upstreams.end()) {
      return absl::InvalidArgumentError(absl::StrCat(
          "the gateway has no address of ", name, "; add --upstream ", name, "=http://HOST:PORT"));
    }
    *slot = std::make_unique<Upstream>(name, found->second, limit, metrics, clock);
  }
  return gateway;
}

void Gateway::AddRoutes(Router& router) {
  router.Add("*", "/api/customer/**", PassOn(*customers_));
  router.Add("*", "/api/visit/**", PassOn(*visits_));
  router.Add("*", "/api/vet/**", PassOn(*vets_));
  router.Add("GET", "/api/gateway/owners/{ownerId}",
             [this](const Call& call) { return GetOwner(call); });
}

absl::StatusOr<Reply> Gateway::GetOwner(const Call& call) {
  GRAYLING_ASSIGN_OR_RETURN(const int64_t id, call.Id(0));
  GRAYLING_ASSIGN_OR_RETURN(Reply reply,
                            customers_->Send("GET", absl::StrCat("/owners/", id), "", ""));
  if (reply.status != 200) return reply;
  GRAYLING_ASSIGN_OR_RETURN(Json owner, ParseObject(reply.body));
  std::string ids;
  for (const Json& pet : owner["pets"])
    absl::StrAppend(&ids, ids.empty() ? "" : ",", pet["id"].dump());
  const Json visits = Json::parse(VisitsOrNone(ids), nullptr, /*allow_exceptions=*/false);
  for (Json& pet : owner["pets"]) {
    pet["visits"] = Json::array();
    if (!visits.is_object() || !visits.contains("items")) continue;
    for (const Json& visit : visits["items"]) {
      if (visit["petId"] == pet["id"]) pet["visits"].push_back(visit);
    }
  }
  return Reply{200, owner.dump()};
}

std::string Gateway::VisitsOrNone(const std::string& ids) {
  absl::StatusOr<Reply> reply =
      visits_->Send("GET", absl::StrCat("/pets/visits?petId=", ids), "", "");
  return reply.ok() && reply->status == 200 ? std::move(reply->body) : std::string("{}");
}

}  // namespace grayling::lab
