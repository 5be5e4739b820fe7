#include "deploy/lab/application/random_text.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace grayling::lab {
namespace {

constexpr std::array kWords = {
    "the",     "animal",  "was",    "seen",    "with",   "mild",     "fever",   "and",
    "cough",   "after",   "walk",   "owner",   "asked",  "about",    "food",    "weight",
    "normal",  "heart",   "rate",   "checked", "teeth",  "cleaned",  "vaccine", "given",
    "second",  "dose",    "due",    "in",      "four",   "weeks",    "left",    "ear",
    "treated", "drops",   "twice",  "daily",   "skin",   "healthy",  "coat",    "shiny",
    "blood",   "sample",  "taken",  "result",  "by",     "phone",    "rest",    "advised",
    "no",      "surgery", "needed", "follow",  "up",     "visit",    "planned", "diet",
    "changed", "to",      "low",    "fat",     "active", "friendly", "calm",    "again"};
static_assert(kWords.size() == 64);
constexpr std::array kFirstNames = {"George", "Betty", "Eduardo", "Harold", "Peter", "Jean",
                                    "Jeff",   "Maria", "David",   "Carlos", "Helen", "Linda",
                                    "Rafael", "Henry", "Sharon",  "James"};
constexpr std::array kLastNames = {
    "Franklin", "Davis", "Rodriquez", "McTavish", "Coleman", "Black",   "Escobito", "Schroeder",
    "Estaban",  "Leary", "Douglas",   "Ortega",   "Stevens", "Jenkins", "Carter",   "Lee"};
constexpr std::array kStreets = {"Liberty St.",     "Cardinal Ave.", "Commerce St.",
                                 "Friendly St.",    "Fair Way",      "Independence La.",
                                 "Blackhawk Trail", "Maple St."};
constexpr std::array kCities = {"Madison", "Sun Prairie", "McFarland", "Windsor",
                                "Monona",  "Waunakee",    "Stoughton", "Verona"};

template <typename Array>
std::string Pick(const Array& choices, uint64_t seed) {
  return choices[Mix(seed) % choices.size()];
}

}  // namespace

uint64_t Mix(uint64_t index) {
  uint64_t z = (index + 1) * 0x9E3779B97F4A7C15ull;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ull;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBull;
  return z ^ (z >> 31);
}

std::string RandomText(uint64_t seed, size_t length) {
  std::string text;
  text.reserve(length + 16);
  while (text.size() < length) {
    // One draw gives ten words of six bits.
    uint64_t draw = Mix(seed++);
    for (int word = 0; word < 10 && text.size() < length; ++word, draw >>= 6) {
      if (!text.empty()) text += ' ';
      text += kWords[draw & 63];
    }
  }
  text.resize(length);
  return text;
}

std::string RandomFirstName(uint64_t seed) { return Pick(kFirstNames, seed); }
std::string RandomLastName(uint64_t seed) { return Pick(kLastNames, seed + 1); }
std::string RandomCity(uint64_t seed) { return Pick(kCities, seed + 2); }

std::string RandomAddress(uint64_t seed) {
  return absl::StrCat(1 + Mix(seed + 3) % 2500, " ", Pick(kStreets, seed + 4));
}

std::string RandomDate(uint64_t seed) {
  const uint64_t draw = Mix(seed);
  return absl::StrFormat("%04d-%02d-%02d", 2004 + draw % 20, 1 + (draw >> 8) % 12,
                         1 + (draw >> 16) % 28);
}

}  // namespace grayling::lab
