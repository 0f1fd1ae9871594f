#include "store/committer.hpp"

#include <algorithm>
#include <exception>
#include <future>
#include <utility>

#include "runtime/log.hpp"
#include "runtime/loop.hpp"
#include "store/last_seq.hpp"
#include "store/writer.hpp"

namespace hubbub::store {
namespace {

using Clock = std::chrono::steady_clock;
using namespace std::chrono_literals;

constexpr std::size_t largest_group = 4096;         // records
constexpr std::size_t heaviest_group = 32U << 20U;  // bytes
// The more the writer is told of at once, the fewer pages it writes, for a page holds records of one room. It is told after
constexpr auto most_time = 5s;
constexpr std::size_t most_untold = 32U << 20U;     // bytes in the tables,
constexpr std::size_t space_share = 4;              // or 1/4 of the space that the file has.
constexpr std::size_t most_behind = 64U << 20U;     // bytes in the tables; if the writer has more to do, records wait
constexpr std::uint64_t largest_segment = 1U << 30U;  // bytes, while the writer fails: records beyond it are refused

constexpr auto between_looks = 10ms;  // at the writer, while records wait for it

template <class Call>
void guarded(const char* what, Call&& call) {
  try {
    call();
  } catch (const std::exception& error) {
    log::error("{} failed: {}", what, error.what());
  } catch (...) {
    log::error("{} failed", what);
  }
}

constexpr auto an_answer = "an answer of the store";
constexpr auto a_step = "a step of the store";

}  // namespace

void Add::answer() {
  --shelf->under_way;
  if (holds) shelf->known.remember(record.repetition.ref, record.seq);
  std::exchange(done_, {})(holds ? Append::committed : Append::unavailable);
}

Committer::Committer(const SqliteOptions& options, CommitLog log, Writer& writer)
    : options_(options),
      writer_(writer),
      log_(std::move(log)),
      outage_(options.proof),
      tells_(shard_.make_timer([this] { on_time(); })),
      waits_over_(shard_.make_timer([this] {
        waits_ = false;
        end_turn();
      })),
      outage_over_(shard_.make_timer([this] { look_at_outage(); })) {
  log_.hand_over();
  shard_.start();
}

Committer::~Committer() {
  drain();
  shard_.post([this] { tell_writer(); });
  shard_.stop();
  shard_.join();
  log_.hand_over();
  if (groups_ == 0) return;
  log::info("store={} closed after {} writes in {} transactions, at most {} in one", options_.file.string(), count_, groups_, largest_);
}

// What is posted brings its own place in the list: once it has been posted, it cannot be lost for want of memory.
void Committer::add(std::shared_ptr<Add> add) {
  auto& under_way = add->shelf->under_way;
  shard_.post([this, adds = Adds{std::move(add)}]() mutable {
    adds_.splice(adds_.end(), adds);
    collect();
  });
  ++under_way;
}

void Committer::then(runtime::Task task) {
  shard_.post([this, tasks = std::list{std::move(task)}]() mutable {
    tasks_.splice(tasks_.end(), tasks);
    collect();
  });
}

// The second task runs in a later turn, when the answers have been handed over to the rooms' shards.
void Committer::drain() {
  const auto drained = std::make_shared<std::promise<void>>();
  const auto future = drained->get_future();
  then([this, drained] { shard_.post([drained] { drained->set_value(); }); });
  future.wait();
}

void Committer::collect() {
  if (!collecting_) shard_.loop().at_end_of_turn<&Committer::end_turn>(*this);
  collecting_ = true;
}

void Committer::end_turn() {
  collecting_ = false;
  if (waits_) return;
  if (!adds_.empty()) {
    auto group = next_group();
    if (group.empty()) return wait();
    guarded(a_step, [&] { commit(group); });
    answer(std::move(group));
    if (untold_ != 0 && untold_ >= std::min(most_untold, writer_.space() / space_share)) on_time();
    if (!adds_.empty()) return collect();  // so that these answers leave before the next group is written
  }
  for (const auto& task : std::exchange(tasks_, {})) guarded(an_answer, task);
}

// As many of the first as are committed together. None if the writer must put something into the tables first.
Committer::Adds Committer::next_group() {
  const auto behind = writer_.behind(), space = writer_.space();
  const bool can_wait = behind != 0 && !writer_.fails();
  if (can_wait && (behind > most_behind || behind + adds_.front()->size() > space)) return {};
  const auto most = std::min(heaviest_group, space - std::min(behind, space));
  std::size_t count = 0, size = 0;
  auto end = adds_.begin();
  for (; end != adds_.end() && count < largest_group; ++end, ++count) {
    size += (*end)->size();
    if (count != 0 && size > most) break;
  }
  Adds group;
  group.splice(group.begin(), adds_, adds_.begin(), end);
  return group;
}

// Looks again a little later, when the writer may have put everything into the tables, or have failed to.
void Committer::wait() {
  waits_ = true;
  waits_over_->arm(between_looks);
  guarded(a_step, [&] { tell_writer(); });
}

bool Committer::follows(const Add& add) {
  const auto& last = add.shelf->last;
  return last && !add.shelf->is_broken && add.record.seq == *last + 1 && add.record.seq <= last_seq;
}

// Nothing fails once the group is in the commit log.
void Committer::commit(const Adds& group) {
  const auto behind = writer_.behind();
  const auto space = writer_.fails() ? std::min(writer_.space(), most_behind) : writer_.space();
  std::size_t size = 0;
  bool is_full = false;
  Pending::Adds held;
  Shelves fresh;
  try {
    std::vector<Commit> commits;
    for (const auto& add : group) {
      auto& shelf = *add->shelf;
      if (!follows(*add)) continue;
      if (behind + size + add->size() > space || (writer_.fails() && log_.size() > largest_segment)) {
        is_full = true;
        continue;
      }
      commits.push_back({shelf.name, shelf.epoch, add->record});
      held.push_back(add);
      if (!shelf.is_listed) fresh.push_back(add->shelf);
      shelf.is_listed = true;
      size += add->size();
      shelf.last = add->record.seq;
      add->holds = true;
    }
    if (!held.empty()) {
      log_.append(commits);
      outage_.worked(Clock::now());
    }
  } catch (const std::exception& error) {
    for (auto add = group.rbegin(); add != group.rend(); ++add) {
      if (std::exchange((*add)->holds, false)) (*add)->shelf->last = (*add)->record.seq - 1;
    }
    for (const auto& shelf : fresh) shelf->is_listed = false;
    complain(error.what());
    return look_at_outage();
  }
  if (!held.empty()) {
    if (listed_.empty()) tells_->arm(most_time);
    listed_.splice(listed_.end(), fresh);
    untold_ += size;
    writer_.is_behind_by(size);
    count_ += held.size();
    largest_ = std::max<std::uint64_t>(largest_, held.size());
    ++groups_;
    for (const auto& add : group) {
      if (!add->holds) continue;
      Pending::Adds its;
      its.splice(its.end(), held, held.begin());
      add->shelf->pending.add(std::move(its));
    }
  }
  if (is_full) {
    complain(writer_.fails() ? "what was committed cannot be put into the file, and there is too much of it"
                             : "the file has reached store.size; raise that limit, or shorten store.retention");
  }
  look_at_outage();
}

// If one answer throws, that is logged, and the others are still given.
void Committer::answer(Adds group) {
  while (!group.empty()) {
    const auto shelf = group.front()->shelf;
    Adds its;
    its.splice(its.end(), group, group.begin(), std::ranges::find_if(group, [&](const auto& add) { return add->shelf != shelf; }));
    guarded(an_answer, [&] {
      shelf->post([its = std::move(its)] {
        for (const auto& add : its) guarded(an_answer, [&] { add->answer(); });
      });
    });
  }
}

void Committer::tell_writer() {
  tells_->cancel();
  for (const auto& shelf : listed_) shelf->is_listed = false;
  untold_ = 0;
  writer_.write_all(std::exchange(listed_, {}), log_.end_segment());
}

// While the writer fails, more segments would only fill the directory.
void Committer::on_time() {
  if (writer_.fails()) return tells_->arm(most_time);
  guarded(a_step, [&] { tell_writer(); });
}

void Committer::complain(const char* what) {
  if (!outage_.failed(Clock::now())) return;
  log::error("store={} cannot be used now, messages are refused as unavailable: {}", options_.file.string(), what);
}

void Committer::look_at_outage() {
  if (outage_.ended(Clock::now())) log::info("store={} can be written again", options_.file.string());
  if (const auto end = outage_.end()) outage_over_->arm(std::chrono::ceil<std::chrono::milliseconds>(*end - Clock::now()));
}

}  // namespace hubbub::store
