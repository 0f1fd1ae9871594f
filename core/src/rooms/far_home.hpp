// A home of rooms on another shard than the caller's: posts each call to that shard. Any thread may use it.
#pragma once

#include "rooms/room_home.hpp"

namespace hubbub::rooms {

class Hub;

class FarHome final : public RoomHome {
 public:
  explicit FarHome(Hub& hub) : hub_(hub) {}

  void join(JoinRequest request) override;
  void receive(MemberId from, plugins::RouteKey route, Envelope&& envelope) override;
  void answer(MemberId to, const Refusal& refusal, const std::string& ref) override;
  void answer(MemberId to, const Frame& frame) override;
  void expel(MemberId member, CloseCode code, const std::string& reason) override;
  void leave(MemberId member) override;
  void say(const std::string& room, const std::shared_ptr<Sender>& guest, Envelope&& message, Tell tell) override;
  bool hangs() const override;

 private:
  Hub& hub_;
};

}  // namespace hubbub::rooms
