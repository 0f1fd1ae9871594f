// An audience on another shard than its room: posts each call to that shard.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "rooms/shard_audience.hpp"

namespace hubbub::rooms {

class FarAudience final : public Audience {
 public:
  // Destroyed on the room's thread. Calls that were posted before still take effect.
  explicit FarAudience(std::shared_ptr<ShardAudience> there) : there_(std::move(there)) {}

  void catch_up(MemberId member, const std::vector<Frame>& page, const runtime::Task& more) override {
    post([member, page, more](Audience& audience) { audience.catch_up(member, page, more); });
  }
  void admit(MemberId member, const std::vector<Frame>& greeting) override {
    post([member, greeting](Audience& audience) { audience.admit(member, greeting); });
  }
  void suspend(MemberId member) override {
    post([member](Audience& audience) { audience.suspend(member); });
  }
  void deliver(Frame frame) override {
    post([frame = std::move(frame)](Audience& audience) { audience.deliver(frame); });
  }
  void send(MemberId member, const Frame& frame) override {
    post([member, frame](Audience& audience) { audience.send(member, frame); });
  }
  void close(MemberId member, CloseCode code, const std::string& reason) override {
    post([member, code, reason](Audience& audience) { audience.close(member, code, reason); });
  }
  void probe(MemberId member) override {
    post([member](Audience& audience) { audience.probe(member); });
  }

 private:
  template <class Call>
  void post(Call call) {
    HUBBUB_ASSERT_OWN_THREAD(thread_);
    there_->shard().post([there = there_, call = std::move(call)] { call(*there); });
  }

  [[no_unique_address]] runtime::OwnThread thread_;  // the room's
  std::shared_ptr<ShardAudience> there_;
};

}  // namespace hubbub::rooms
