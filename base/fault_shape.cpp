#include "base/fault_shape.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <random>

namespace grayling {
namespace {

std::string Short(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.10g", value);
  return text;
}

bool IsIn(double value, double low, double high) { return value >= low && value <= high; }

double WalkAt(const FaultShape& shape, double elapsed_s) {
  const double span = 1 - shape.from;
  std::mt19937_64 random(shape.seed);
  double share = shape.from + span / 2;
  const auto changes = static_cast<int64_t>(elapsed_s / shape.period_s);
  for (int64_t i = 0; i < changes; ++i) {
    // By hand: the standard's distributions differ between libraries.
    const double unit = static_cast<double>(random() >> 11) / 9007199254740992.0;
    share += (unit - 0.5) * span / 2;
    if (share > 1) share = 2 - share;
    if (share < shape.from) share = 2 * shape.from - share;
  }
  return share;
}

constexpr int64_t kGridUs = 100'000;

// The first of offset, offset + period, offset + 2 period, ... after elapsed_us. A microsecond is
// added, so that rounding never leaves an instant on the near side of its edge.
int64_t NextEdgeUs(double offset_s, double period_s, int64_t elapsed_us) {
  const double passed = (static_cast<double>(elapsed_us) / 1e6 - offset_s) / period_s;
  for (auto edge = std::max<int64_t>(0, static_cast<int64_t>(passed) - 1);; ++edge) {
    const double edge_s = offset_s + static_cast<double>(edge) * period_s;
    const int64_t edge_us = static_cast<int64_t>(std::ceil(edge_s * 1e6)) + 1;
    if (edge_us > elapsed_us) return edge_us;
  }
}

int64_t NextPulseUs(const FaultShape& shape, int64_t elapsed_us) {
  const int64_t on = NextEdgeUs(shape.period_s, shape.period_s, elapsed_us);
  const int64_t off = NextEdgeUs(shape.duty * shape.period_s, shape.period_s, elapsed_us);
  return std::min(on, off);
}

bool ReadNumber(std::string_view text, double& value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end && std::isfinite(value);
}

// False when there is no such field or the text is no number.
bool SetField(FaultShape& shape, std::string_view name, std::string_view text) {
  double value = 0;
  if (!ReadNumber(text, value)) return false;
  if (name == "from") {
    shape.from = value;
  } else if (name == "steps") {
    shape.steps = static_cast<int>(std::clamp(value, -1.0, 1000.0));
  } else if (name == "period_s") {
    shape.period_s = value;
  } else if (name == "duty") {
    shape.duty = value;
  } else if (name == "seed") {
    shape.seed = value >= 0 && value < 1e15 ? static_cast<uint64_t>(value) : 0;
  } else {
    return false;
  }
  return true;
}

}  // namespace

std::string ShapeComplaint(const FaultShape& shape) {
  if (shape.kind != "constant" && shape.kind != "ramp" && shape.kind != "step" &&
      shape.kind != "pulse" && shape.kind != "random_walk") {
    return "there is no shape '" + shape.kind +
           "'; the shapes are constant, ramp, step, pulse, random_walk";
  }
  if (!IsIn(shape.from, 0, 1)) return "a shape's 'from' is a share of the intensity, 0 to 1";
  if (!IsIn(shape.steps, 2, 100)) return "a shape has 2 to 100 steps";
  if (!IsIn(shape.period_s, 0.2, 3600)) return "a shape's 'period_s' must be 0.2 to 3600 seconds";
  if (!IsIn(shape.duty, 0, 1)) return "a shape's 'duty' is a share of the period, 0 to 1";
  return "";
}

double ShareAt(const FaultShape& shape, double elapsed_s, double duration_s) {
  const double progress = duration_s > 0 ? std::clamp(elapsed_s / duration_s, 0.0, 1.0) : 1;
  if (shape.kind == "ramp") return shape.from + (1 - shape.from) * progress;
  if (shape.kind == "step") {
    const int level = std::min(shape.steps - 1, static_cast<int>(progress * shape.steps));
    return shape.from + (1 - shape.from) * level / (shape.steps - 1);
  }
  if (shape.kind == "pulse") {
    const double phase = std::fmod(std::max(0.0, elapsed_s), shape.period_s);
    return phase < shape.duty * shape.period_s ? 1 : shape.from;
  }
  if (shape.kind == "random_walk") return WalkAt(shape, std::max(0.0, elapsed_s));
  return 1;
}

std::optional<int64_t> NextChangeUs(const FaultShape& shape, int64_t elapsed_us,
                                    int64_t duration_us) {
  const bool stands =
      shape.IsConstant() || (shape.kind == "pulse" && (shape.duty <= 0 || shape.duty >= 1));
  if (stands || duration_us <= 0) return std::nullopt;
  elapsed_us = std::max<int64_t>(0, elapsed_us);
  const double level_s = static_cast<double>(duration_us) / 1e6 / shape.steps;
  int64_t next = 0;
  if (shape.kind == "pulse") {
    next = NextPulseUs(shape, elapsed_us);
  } else if (shape.kind == "random_walk") {
    next = NextEdgeUs(shape.period_s, shape.period_s, elapsed_us);
  } else if (shape.kind == "step" && level_s * 1e6 >= kGridUs) {
    next = NextEdgeUs(level_s, level_s, elapsed_us);
  } else {
    next = (elapsed_us / kGridUs + 1) * kGridUs;
  }
  if (next >= duration_us) return std::nullopt;
  return next;
}

std::string DescribeShape(const FaultShape& shape) {
  if (shape.kind == "ramp") return "ramp from " + Short(shape.from);
  if (shape.kind == "step") {
    return std::to_string(shape.steps) + " steps from " + Short(shape.from);
  }
  if (shape.kind == "pulse") {
    return "pulse every " + Short(shape.period_s) + " s, " + Short(100 * shape.duty) + " % on";
  }
  if (shape.kind == "random_walk") {
    return "random walk above " + Short(shape.from) + ", a step every " + Short(shape.period_s) +
           " s";
  }
  return shape.kind;
}

std::string ShapeText(const FaultShape& shape) {
  return shape.kind + ",from=" + Short(shape.from) + ",steps=" + std::to_string(shape.steps) +
         ",period_s=" + Short(shape.period_s) + ",duty=" + Short(shape.duty) +
         ",seed=" + std::to_string(shape.seed);
}

std::string ParseShape(const std::string& text, FaultShape& shape) {
  shape = FaultShape();
  std::string_view rest = text;
  const auto next = [&rest] {
    const size_t comma = rest.find(',');
    const std::string_view word = rest.substr(0, comma);
    rest = comma == std::string_view::npos ? std::string_view() : rest.substr(comma + 1);
    return word;
  };
  shape.kind = std::string(next());
  while (!rest.empty()) {
    const std::string_view word = next();
    const size_t equals = word.find('=');
    if (equals == std::string_view::npos ||
        !SetField(shape, word.substr(0, equals), word.substr(equals + 1))) {
      return "a shape looks like pulse,period_s=10,duty=0.5 with from, steps, period_s, duty or "
             "seed, not '" +
             std::string(word) + "'";
    }
  }
  return ShapeComplaint(shape);
}

}  // namespace grayling
