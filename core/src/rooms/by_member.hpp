// A set of objects that each belong to one member, found by the member's id. It borrows the objects. A shard may have one for every
// connection, so each takes little more than a pointer (a table with open addressing). Used by one thread at a time.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <cstdint>
#include <functional>

namespace hubbub::rooms {

// The number of a member, from 1. No two members have the same while the server runs.
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
