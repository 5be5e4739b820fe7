#pragma once

#include <string>
#include <vector>

#include "ml/core/selection.h"
#include "ml/trainer/network.h"
#include "ml/trainer/training_set.h"

namespace grayling {

// One chosen input of the network.
struct ChosenInput {
  int candidate = -1;  // index into TrainingSet::candidates
  std::string feature;
  std::string kind;  // the fault kind it was picked for first
  double relevance = 0;
  double redundancy = 0;
  double score = 0;
};

// mRMR once per fault kind (its rows against healthy rows), the picks taken in turn until
// `settings.count` differ: so that a kind that moves few metrics gets its inputs as well. Onset,
// recovery and other services' windows are left out; each side is thinned evenly to 20,000 rows.
// An F ratio is divided by what chance finds for that candidate (input_choice_chance.h), and
// candidates below the 99.9 % point of F are left out, so that kinds which show in no metric take
// no inputs from the others; unless nothing would be left at all.
std::vector<ChosenInput> ChooseInputs(const TrainingSet& set, const SelectionSettings& settings);

// What the network sees: the chosen columns of every sequence.
std::vector<TrainingSequence> ChosenSequences(const TrainingSet& set,
                                              const std::vector<ChosenInput>& inputs);

}  // namespace grayling
