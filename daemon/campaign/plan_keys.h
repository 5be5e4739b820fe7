#pragma once

#include <map>
#include <string>
#include <vector>

namespace grayling {

// The keys of each mapping that a plan may hold, in the order in which complaints list them. The
// mappings are named as in deploy/campaign-plan.schema.json: plan, service, load, level, mix,
// request, id, jmeter, phases,
// order, covered, fault, shape, guard, on_failure, grafana. What stands in a fault's `parameters`
// and `options` is the catalogue's business.
const std::map<std::string, std::vector<std::string>>& PlanKeys();

}  // namespace grayling
