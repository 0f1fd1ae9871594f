// A set of things that each belong to one member, found by it. There is one for every connection of a shard, so it takes
// no more than a pointer and a little for each (a table of open addresses).
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace hubbub::rooms {

// Tells members apart; unique while the server runs, from 1.
using MemberId = std::uint64_t;

// `T` has a `member_id` that stays the same.
template <class T>
struct MemberOf {
  using is_transparent = void;
  static MemberId of(MemberId member) { return member; }
  static MemberId of(const T* thing) { return thing->member_id; }

  std::size_t operator()(const auto& key) const { return std::hash<MemberId>{}(of(key)); }
  bool operator()(const auto& one, const auto& other) const { return of(one) == of(other); }
};

template <class T>
class ByMember {
 public:
  // Null if there is none.
  T* find(MemberId member) const {
    const auto found = things_.find(member);
    return found == things_.end() ? nullptr : *found;
  }
  void add(T& thing) { things_.insert(&thing); }
  void remove(T& thing) { things_.erase(&thing); }

  auto begin() const { return things_.begin(); }
  auto end() const { return things_.end(); }

 private:
  boost::unordered_flat_set<T*, MemberOf<T>, MemberOf<T>> things_;
};

}  // namespace hubbub::rooms
