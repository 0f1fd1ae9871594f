// The audience of a room on another shard: what it is asked for is posted there.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rooms/shard_audience.hpp"

namespace hubbub::rooms {

class FarAudience final : public Audience {
 public:
  // Destroyed on the room's thread; what has been asked for by then is still done.
  explicit FarAudience(std::shared_ptr<ShardAudience> there) : there_(std::move(there)) {}

  void catch_up(MemberId member, const std::vector<Frame>& page, const runtime::Task& more) override {
    post([member, page, more](Audience& its) { its.catch_up(member, page, more); });
  }
  void admit(MemberId member, const std::vector<Frame>& greeting) override {
    post([member, greeting](Audience& its) { its.admit(member, greeting); });
  }
  void suspend(MemberId member) override {
    post([member](Audience& its) { its.suspend(member); });
  }
  void deliver(Frame frame) override {
    post([frame = std::move(frame)](Audience& its) { its.deliver(frame); });
  }
  void send(MemberId member, const Frame& frame) override {
    post([member, frame](Audience& its) { its.send(member, frame); });
  }
  void close(MemberId member, CloseCode code, const std::string& reason) override {
    post([member, code, reason](Audience& its) { its.close(member, code, reason); });
  }
  void probe(MemberId member) override {
    post([member](Audience& its) { its.probe(member); });
  }

 private:
  template <class Call>
  void post(Call call) {
    there_->shard().post([there = there_, call = std::move(call)] { call(*there); });
  }

  std::shared_ptr<ShardAudience> there_;
};

}  // namespace hubbub::rooms
