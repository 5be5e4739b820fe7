#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace grayling {

// How a fault's intensity moves over its time. A share of 1 is the intensity asked for, 0 is
// harmless (IntensityAt()).
struct FaultShape {
  // constant | ramp | step | pulse | random_walk
  std::string kind = "constant";
  // ramp, step: the share at the start; pulse: between pulses; random_walk: the lowest share.
  double from = 0;
  int steps = 4;         // step: levels from `from` to 1, of equal length, the last one is 1
  double period_s = 10;  // pulse: one on and one off; random_walk: between two changes
  double duty = 0.5;     // pulse: the part of a period that is on; it comes first
  uint64_t seed = 1;     // random_walk: equal seeds walk equally on every machine

  bool IsConstant() const { return kind == "constant"; }
  bool operator==(const FaultShape&) const = default;
};

// Empty when the shape makes sense, else one sentence. Periods are 0.2 to 3600 s, steps 2 to 100,
// shares and duty 0 to 1.
std::string ShapeComplaint(const FaultShape& shape);

// The share at `elapsed_s` of a fault that lasts `duration_s`. Pure. A random walk starts at the
// middle of [from, 1], moves by up to a quarter of that span at each change, and is reflected at
// its ends.
double ShareAt(const FaultShape& shape, double elapsed_s, double duration_s);

// The first instant after `elapsed_us` at which ShareAt() is different, in microseconds of the
// fault's time; a ramp, and steps shorter than that, move every 100 ms. At the instant itself
// ShareAt() has its new value. std::nullopt: it stays as it is until the end. Pure.
std::optional<int64_t> NextChangeUs(const FaultShape& shape, int64_t elapsed_us,
                                    int64_t duration_us);

// "ramp from 0.2", "pulse every 10 s, 50 % on": for people.
std::string DescribeShape(const FaultShape& shape);

// One word that holds all of it, for command lines and the journal:
// "pulse,from=0,steps=4,period_s=10,duty=0.5,seed=1". Parse reads it back; what is left out has its
// default. The complaint is empty when the text is a shape that makes sense.
std::string ShapeText(const FaultShape& shape);
std::string ParseShape(const std::string& text, FaultShape& shape);

}  // namespace grayling
