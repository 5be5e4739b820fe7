#pragma once

#include <yaml-cpp/yaml.h>

#include <string>
#include <vector>

#include "daemon/campaign/plan.h"
#include "daemon/campaign/strict_yaml.h"

namespace grayling {

// The parts of ParsePlan(). Each reads one part of a plan's YAML and complains of the first thing
// that is wrong; what it returns then is of no meaning.

// Up to 60 letters, digits, '-', '_', '.'.
bool IsPlanIdentifier(absl::string_view text);

// One mapping, or a list of named levels; a later level takes what it leaves out from the first.
std::vector<LoadLevel> ReadLoads(const YAML::Node& node, YamlComplaint& complaint);

// 'mix' of a load: a name, or the requests themselves.
void ReadMix(const YAML::Node& node, LoadSettings& settings, YamlComplaint& complaint);

// 'jmeter' of a load: which plan JMeter runs in the place of the built-in generator.
void ReadJmeter(const YAML::Node& node, LoadSettings& settings, YamlComplaint& complaint);

// A number or gray(20%).
PlannedIntensity ReadIntensity(const YAML::Node& node, const std::string& what,
                               YamlComplaint& complaint);

// Entry `number` (from 1) of 'faults'. Needs the plan's services and repetitions.
PlannedFault ReadFault(const YAML::Node& node, size_t number, const CampaignPlan& plan,
                       YamlComplaint& complaint);

GuardRule ReadGuard(const YAML::Node& node, size_t number, YamlComplaint& complaint);

// 'order' and 'repetitions', which share the budget. Needs the plan's loads.
void ReadOrder(StrictMapping& top, CampaignPlan& plan, YamlComplaint& complaint);

}  // namespace grayling
