#pragma once

#include "base/clock.h"
#include "daemon/fault/faults.h"
#include "daemon/guest/guests.h"
#include "daemon/load/load_generator.h"
#include "daemon/store/records.h"

namespace grayling {

// The rooms that a campaign works with. All outlive it.
struct CampaignRooms {
  RecordStore& records;  // collection campaigns
  EventLog& events;
  Faults& faults;
  LoadGenerator& load;
  Clock& clock;
  Guests& guests;
};

}  // namespace grayling
