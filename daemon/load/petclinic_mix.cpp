#include "daemon/load/petclinic_mix.h"

#include <array>
#include <nlohmann/json.hpp>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"

namespace grayling {
namespace {

// Requests in a hundred, in the order of PetclinicRoute. The list of all owners is rare: its answer
// grows with every owner created, and would drown the rest.
constexpr std::array<int, kPetclinicRoutes> kWeights = {4, 46, 20, 4, 8, 6, 4, 8};
constexpr size_t kRemembered = 16;

template <typename T>
void Remember(std::deque<T>& memory, T item) {
  memory.push_back(item);
  if (memory.size() > kRemembered) memory.pop_front();
}

int64_t Uniform(std::mt19937_64& random, int64_t low, int64_t high) {
  return std::uniform_int_distribution<int64_t>(low, high)(random);
}

PetclinicRoute SomeRoute(std::mt19937_64& random) {
  int64_t draw = Uniform(random, 0, 99);
  for (size_t route = 0; route < kPetclinicRoutes; ++route) {
    draw -= kWeights[route];
    if (draw < 0) return static_cast<PetclinicRoute>(route);
  }
  return PetclinicRoute::kGetOwner;
}

}  // namespace

absl::string_view RouteName(size_t route) {
  static constexpr std::array<absl::string_view, kPetclinicRoutes> kNames = {
      "list_owners",  "get_owner",  "list_vets",  "create_owner",
      "update_owner", "create_pet", "update_pet", "create_visit"};
  return kNames.at(route);
}

absl::StatusOr<int64_t> SeededOwnersOf(absl::string_view mix) {
  if (mix == "petclinic") return 1000;
  if (mix == "petclinic-stock") return 10;
  return absl::InvalidArgumentError(
      absl::StrCat("unknown load mix '", mix, "'; use petclinic or petclinic-stock"));
}

void PetclinicUser::Next(std::mt19937_64& random, PetclinicRequest& request) {
  request.route = SomeRoute(random);
  const bool needs_pet =
      request.route == PetclinicRoute::kUpdatePet || request.route == PetclinicRoute::kCreateVisit;
  if (needs_pet && pets_.empty()) request.route = PetclinicRoute::kCreatePet;

  request.method = HttpMethod::kGet;
  request.path.clear();
  request.body.clear();
  request.expected_status = 200;
  request.owner_id = 0;
  switch (request.route) {
    case PetclinicRoute::kListOwners:
      request.path = "/api/customer/owners";
      return;
    case PetclinicRoute::kListVets:
      request.path = "/api/vet/vets";
      return;
    case PetclinicRoute::kGetOwner:
      request.owner_id = SomeOwner(random);
      absl::StrAppend(&request.path, "/api/gateway/owners/", request.owner_id);
      return;
    case PetclinicRoute::kCreateOwner:
      return WriteOwner(0, request);
    case PetclinicRoute::kUpdateOwner:
      return WriteOwner(SomeOwner(random), request);
    case PetclinicRoute::kCreatePet:
      return WritePet(Pet{SomeOwner(random), 0}, random, request);
    case PetclinicRoute::kUpdatePet:
      return WritePet(pets_[Uniform(random, 0, pets_.size() - 1)], random, request);
    case PetclinicRoute::kCreateVisit: {
      const Pet& pet = pets_[Uniform(random, 0, pets_.size() - 1)];
      request.method = HttpMethod::kPost;
      request.expected_status = 201;
      request.owner_id = pet.owner;
      absl::StrAppend(&request.path, "/api/visit/owners/", pet.owner, "/pets/", pet.id, "/visits");
      request.body = R"({"date":"2019-03-15","description":"Visit"})";
      return;
    }
  }
}

void PetclinicUser::Answered(const PetclinicRequest& request, absl::string_view body) {
  if (request.route != PetclinicRoute::kCreateOwner && request.route != PetclinicRoute::kCreatePet)
    return;
  const auto answer = nlohmann::json::parse(body.begin(), body.end(), nullptr, false);
  if (!answer.is_object() || !answer.contains("id") || !answer["id"].is_number_integer()) return;
  const auto id = answer["id"].get<int64_t>();
  if (request.route == PetclinicRoute::kCreateOwner) {
    Remember(owners_, id);
  } else {
    Remember(pets_, Pet{request.owner_id, id});
  }
}

void PetclinicUser::NotFound(const PetclinicRequest& request) {
  std::erase(owners_, request.owner_id);
  std::erase_if(pets_, [&](const Pet& pet) { return pet.owner == request.owner_id; });
}

int64_t PetclinicUser::SomeOwner(std::mt19937_64& random) const {
  const bool own = !owners_.empty() && Uniform(random, 0, 3) == 0;
  return own ? owners_[Uniform(random, 0, owners_.size() - 1)] : Uniform(random, 1, seeded_owners_);
}

void PetclinicUser::WriteOwner(int64_t owner, PetclinicRequest& request) const {
  request.path = "/api/customer/owners";
  request.owner_id = owner;
  if (owner == 0) {
    request.method = HttpMethod::kPost;
    request.expected_status = 201;
    request.body =
        R"({"firstName":"Firstname","lastName":"Lastname","address":"Adress","city":"City",)"
        R"("telephone":"0000000000"})";
    return;
  }
  request.method = HttpMethod::kPut;
  request.expected_status = 204;
  absl::StrAppend(&request.path, "/", owner);
  absl::StrAppend(&request.body, R"({"id":")", owner,
                  R"(","firstName":"Firstname","lastName":"Lastname)", owner,
                  R"(","address":"Adress)", owner, R"(","city":"City)", owner,
                  R"(","telephone":"1111111111"})");
}

void PetclinicUser::WritePet(const Pet& pet, std::mt19937_64& random,
                             PetclinicRequest& request) const {
  const int64_t type = Uniform(random, 1, 6);
  const char* birth = R"("birthDate":"2018-12-31T23:00:00.000Z","typeId":")";
  request.owner_id = pet.owner;
  absl::StrAppend(&request.path, "/api/customer/owners/", pet.owner, "/pets");
  if (pet.id == 0) {
    request.method = HttpMethod::kPost;
    request.expected_status = 201;
    absl::StrAppend(&request.body, R"({"name":"Pet",)", birth, type, R"("})");
    return;
  }
  request.method = HttpMethod::kPut;
  request.expected_status = 204;
  absl::StrAppend(&request.path, "/", pet.id);
  absl::StrAppend(&request.body, R"({"id":)", pet.id, R"(,"name":"Pet)", pet.owner, R"(",)", birth,
                  type, R"("})");
}

}  // namespace grayling
