// A room over a store that takes its time, and over one that fails: what members may rely on meanwhile and afterwards.
#include <gtest/gtest.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <string>

#include "core/rooms/slow_room.hpp"

namespace hubbub::rooms {
namespace {

using namespace std::chrono_literals;

constexpr auto retry = 1s;  // how long a room waits before it tries again to open its log

std::string first_type(const Actor& actor) { return actor.inbox.messages.at(0)["type"]; }

TEST_F(SlowRoom, shows_a_message_to_its_members_only_once_it_is_committed) {
  const auto john = come("john"), jane = come("jane");
  john->send("note", "a", 1);
  EXPECT_EQ(john->count("note") + jane->count("note"), 0U);
  answer();
  EXPECT_EQ(seqs(*john), Seqs{1});
  EXPECT_EQ(seqs(*jane), Seqs{1});
}

TEST_F(SlowRoom, goes_on_numbering_while_messages_are_being_committed) {
  const auto john = come("john"), jane = come("jane");
  for (int i = 0; i < 5; ++i) (i % 2 == 0 ? john : jane)->send("note", i);
  EXPECT_EQ(store.waiting(), 5U);
  answer(2);
  EXPECT_EQ(seqs(*jane), (Seqs{1, 2}));
  answer();
  EXPECT_EQ(seqs(*jane), (Seqs{3, 4, 5}));
}

TEST_F(SlowRoom, answers_unavailable_to_the_sender_of_what_could_not_be_stored_and_nobody_sees_it) {
  const auto john = come("john"), jane = come("jane");
  john->send("note", "kept");
  answer();
  store.fails_to_append = true;
  john->send("note", "lost", 7);
  answer();
  EXPECT_EQ(seqs(*john), Seqs{1});
  EXPECT_EQ(seqs(*jane), Seqs{1});
  const auto errors = john->take("error");
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0]["code"], "unavailable");
  EXPECT_EQ(errors[0]["ref"], 7);
  EXPECT_EQ(jane->count("error"), 0U);
  EXPECT_EQ(state(), Json{"kept"});
}

TEST_F(SlowRoom, gives_the_next_message_the_place_of_the_one_that_failed) {
  const auto john = come("john");
  store.fails_to_append = true;
  john->send("note", "lost");
  answer();
  store.fails_to_append = false;
  john->send("note", "next");
  answer();
  EXPECT_EQ(seqs(*john), Seqs{1});
  EXPECT_EQ(state(), Json{"next"});
}

TEST_F(SlowRoom, fails_with_a_message_all_that_were_decided_after_it) {
  const auto john = come("john"), jane = come("jane");
  for (const auto* text : {"a", "b", "c", "d"}) john->send("note", text, text);
  answer(1);
  store.fails_to_append = true;
  answer(1);
  store.fails_to_append = false;
  answer();
  EXPECT_EQ(seqs(*jane), Seqs{1});
  const auto errors = john->take("error");
  ASSERT_EQ(errors.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(errors[i]["ref"], std::string(1, static_cast<char>('b' + i)));
  EXPECT_EQ(state(), Json{"a"});
}

TEST_F(SlowRoom, decides_what_comes_while_it_fetches_its_state_again_against_that_state) {
  const auto john = come("john"), jane = come("jane");
  john->send("note", "lost");
  store.fails_to_append = true;
  answer(1);
  store.fails_to_append = false;
  jane->send("note", "waits", 1);
  jane->send("note", "too", 2);
  EXPECT_EQ(jane->count("note"), 0U);
  answer();
  EXPECT_EQ(seqs(*john), (Seqs{1, 2}));
  EXPECT_EQ(seqs(*jane), (Seqs{1, 2}));
  EXPECT_EQ(state(), (Json{"waits", "too"}));
}

TEST_F(SlowRoom, shows_a_newcomer_each_message_once_whatever_is_being_committed) {
  const auto john = come("john");
  john->send("note", "before");
  Actor jane{stage, "jane"};
  john->send("note", "after");
  EXPECT_TRUE(jane.inbox.messages.empty());
  answer();
  EXPECT_EQ(jane.take("welcome").at(0)["content"]["seq"], 1);
  EXPECT_EQ(jane.take("answer").at(0)["content"], Json{"before"});
  EXPECT_EQ(seqs(jane), Seqs{2});
}

TEST_F(SlowRoom, greets_a_newcomer_without_what_failed_meanwhile) {
  const auto john = come("john");
  john->send("note", "lost");
  Actor jane{stage, "jane"};
  store.fails_to_append = true;
  answer();
  store.fails_to_append = false;
  EXPECT_EQ(jane.take("welcome").size(), 1U);
  EXPECT_EQ(jane.take("answer"), (std::vector<Json>{{{"type", "answer"}, {"content", Json::array()}, {"room", "general"}, {"nickname", "System"}}}));
  john->send("note", "kept");
  answer();
  EXPECT_EQ(seqs(jane), Seqs{1});
}

TEST_F(SlowRoom, resumes_in_the_middle_of_commits_without_gap_or_repetition) {
  const auto john = come("john");
  const auto epoch = epoch_of(*john);
  for (int i = 0; i < 3; ++i) john->send("note", i);
  answer();
  john->send("note", 3);  // being committed when jane comes
  Actor jane{stage, "jane", 0, JoinRequest::Position{epoch, 1}};
  john->send("note", 4);
  answer(1);
  john->send("note", 5);
  answer();
  EXPECT_EQ(jane.take("welcome").at(0)["content"]["recovered"], true);
  EXPECT_EQ(seqs(jane), (Seqs{2, 3, 4, 5, 6}));
}

struct SlowRoomOfMany : SlowRoom {
  SlowRoomOfMany() {
    for (int i = 0; i < 10; ++i) jane->send("note", i);
    answer();
    jane->inbox.messages.clear();
  }
  // All at once, after these messages.
  void resume(const Seqs& after) {
    for (const auto seq : after) back.emplace_back(stage, "bob", 0, JoinRequest::Position{epoch, seq});
  }

  std::unique_ptr<Actor> jane = come("jane");
  std::string epoch = epoch_of(*jane);
  std::deque<Actor> back;
};

TEST_F(SlowRoomOfMany, waits_for_few_readings_however_many_resume_at_once) {
  const Seqs after{5, 2, 9, 6, 3, 0, 7, 4, 1, 8};
  for (int i = 0; i < 3; ++i) resume(after);
  jane->send("note", "meanwhile");
  EXPECT_EQ(store.waiting(), 2U) << "for one reading, and for the message";
  answer(2);
  EXPECT_EQ(seqs(*jane), Seqs{11});
  answer(2);
  EXPECT_EQ(store.waiting(), 0U) << "one each for the first, and for the first of those that the others did not help";
  for (std::size_t i = 0; i < back.size(); ++i) {
    Seqs missed;
    for (auto seq = after[i % 10] + 1; seq <= 11; ++seq) missed.push_back(seq);
    EXPECT_EQ(seqs(back[i]), missed);
  }
}

TEST_F(SlowRoomOfMany, resumes_with_whoever_waits_for_a_reading_that_fails_for_another) {
  resume({5, 7});
  store.fails_to_read = true;
  answer(1);
  store.fails_to_read = false;
  answer();
  EXPECT_EQ(back[0].take("welcome").at(0)["content"]["recovered"], false);
  EXPECT_EQ(back[1].take("welcome").at(0)["content"]["recovered"], true);
  EXPECT_EQ(seqs(back[1]), (Seqs{8, 9, 10}));
}

TEST_F(SlowRoomOfMany, waits_for_one_reading_of_somebody_who_resumes_again_and_again) {
  for (int i = 0; i < 20; ++i) {
    resume({0});
    back.back().leave();
  }
  EXPECT_EQ(store.waiting(), 1U);
  resume({8});
  answer();
  EXPECT_EQ(seqs(back.back()), (Seqs{9, 10}));
}

TEST_F(SlowRoom, greets_instead_of_resuming_where_the_log_cannot_be_read) {
  const auto john = come("john");
  const auto epoch = epoch_of(*john);
  john->send("note", "a");
  answer();
  store.fails_to_read = true;
  const auto jane = come("jane", JoinRequest::Position{epoch, 0});
  EXPECT_EQ(jane->take("welcome").at(0)["content"]["recovered"], false);
  EXPECT_EQ(jane->take("answer").at(0)["content"], Json{"a"});
  EXPECT_EQ(jane->count("note"), 0U);
}

TEST_F(SlowRoom, says_welcome_before_anything_else_even_to_those_who_speak_at_once) {
  const auto john = come("john");
  john->send("note", "pending");
  Actor jane{stage, "jane"};
  jane.send("ask", nullptr, 1);
  jane.send("note", "refuse", 2);
  jane.send("note", "hers", 3);
  answer();
  EXPECT_EQ(first_type(jane), "welcome");
  EXPECT_EQ(jane.take("error").size(), 1U);
  EXPECT_EQ(jane.take("answer").size(), 2U);  // the greeting, and what was asked for
  EXPECT_EQ(seqs(jane), Seqs{2});
  EXPECT_EQ(seqs(*john), (Seqs{1, 2}));
}

TEST_F(SlowRoom, logs_once_what_is_repeated_while_it_is_being_committed) {
  const auto john = come("john"), jane = come("jane");
  for (int i = 0; i < 3; ++i) john->send("note", "once", "r");
  EXPECT_EQ(store.waiting(), 1U);
  answer();
  EXPECT_EQ(seqs(*john), Seqs{1});
  EXPECT_EQ(seqs(*jane), Seqs{1});
}

TEST_F(SlowRoom, acknowledges_to_the_next_connection_what_the_last_one_had_sent) {
  const auto john = come("john");
  john->send("note", "once", "r");
  john->leave();
  const auto back = come_back("john", john->key());
  auto& again = *back;
  again.send("note", "once", "r");
  answer();
  const auto notes = again.take("note");
  ASSERT_EQ(notes.size(), 1U);
  EXPECT_EQ(notes[0]["ref"], "r");
  EXPECT_EQ(notes[0]["seq"], 1);
  EXPECT_EQ(state(), Json{"once"});
}

TEST_F(SlowRoom, stores_for_the_next_connection_what_failed_for_the_last_one) {
  const auto john = come("john");
  john->send("note", "once", "r");
  john->leave();
  const auto back = come_back("john", john->key());
  auto& again = *back;
  again.send("note", "once", "r");
  store.fails_to_append = true;
  answer(1);
  store.fails_to_append = false;
  answer();
  EXPECT_EQ(seqs(again), Seqs{1});
  EXPECT_EQ(state(), Json{"once"});
}

TEST_F(SlowRoom, refuses_a_ref_that_stands_for_something_else_whether_that_is_committed_or_not) {
  const auto john = come("john"), jane = come("jane");
  const auto refused = [&] {
    answer();
    const auto errors = john->take("error");
    return errors.size() == 1 && errors[0]["code"] == "invalid" && errors[0]["ref"] == "r";
  };
  john->send("note", "once", "r");
  john->send("note", "other", "r");
  EXPECT_TRUE(refused());
  john->send("note", "other", "r");
  EXPECT_TRUE(refused());
  john->send("sum", {{"a", 1}, {"b", 2}}, "r");
  EXPECT_TRUE(refused());
  john->send("note", "once", "r");
  answer();
  EXPECT_EQ(seqs(*john), (Seqs{1, 1}));
  EXPECT_EQ(seqs(*jane), Seqs{1});
}

TEST_F(SlowRoom, knows_a_ref_only_from_the_client_that_has_the_key) {
  const auto john = come("john"), mallory = come("john");  // an id is free to take
  for (int ref = 1; ref <= 3; ++ref) mallory->send("note", "nothing", ref);
  for (int ref = 1; ref <= 3; ++ref) john->send("note", "said", ref);
  answer();
  for (int ref = 1; ref <= 3; ++ref) john->send("note", "said", ref);
  mallory->send("note", "said", 1);
  answer();
  EXPECT_EQ(state(), (Json{"nothing", "nothing", "nothing", "said", "said", "said"}));
  EXPECT_EQ(mallory->take("error").at(0)["code"], "invalid");
  john->leave();
  const auto back = come_back("john", john->key());
  const auto another = come_back("bob", john->key());
  back->send("note", "said", 1);
  another->send("note", "bob's", 1);
  answer();
  EXPECT_EQ(back->take("error").size() + another->take("error").size(), 0U);
  EXPECT_EQ(seqs(*back), (Seqs{7, 4})) << "what bob says does not wait until the log is read for john";
}

TEST_F(SlowRoom, looks_for_what_somebody_said_before_only_when_that_may_be_said_again) {
  const auto john = come("john");
  john->send("note", "once", "r");
  answer();
  auto back = come_back("john", john->key());
  EXPECT_EQ(back->count("welcome"), 1U) << "coming in waits for nothing";
  EXPECT_EQ(store.waiting(), 0U);
  back->send("note", "without a ref");
  EXPECT_EQ(store.waiting(), 1U);
  answer();
  john->send("note", "a client without a past has nothing to look for", "s");
  EXPECT_EQ(store.waiting(), 1U);
  answer();
  back->send("note", "once", "r");
  back->send("note", "new", "t");
  back->send("ask", nullptr, "u");
  back->send("nobody's", nullptr, "v");
  EXPECT_EQ(store.waiting(), 1U) << "once for all";
  answer();
  EXPECT_EQ(seqs(*back), (Seqs{2, 3, 1, 4}));
  EXPECT_EQ(back->take("answer").size(), 2U);
  EXPECT_EQ(back->take("error").size(), 1U);
}

TEST_F(SlowRoom, hears_out_who_comes_back_says_something_again_and_leaves_at_once) {
  const auto john = come("john");
  john->send("note", "once", "r");
  answer();
  for (const auto* ref : {"r", "s"}) {
    const auto back = come_back("john", john->key());
    back->send("note", "once", ref);
    back->leave();
    answer();
  }
  EXPECT_EQ(state(), (Json{"once", "once"}));
}

struct SlowRoomOfTalkers : SlowRoom {
  SlowRoomOfTalkers()
      : SlowRoom{{{"HUBBUB_WEBSOCKET__RATE__BURST", "1000000"}, {"HUBBUB_WEBSOCKET__RATE__BURST_SIZE", "1GiB"}}} {}
  // Messages of 60,000 bytes, and how many of them are refused at once.
  std::size_t refused(Actor& actor, int messages) {
    for (int i = 0; i < messages; ++i) actor.send("note", std::string(60'000, 'x'), i);
    stage.run();
    return actor.take("error").size();
  }
};

TEST_F(SlowRoomOfTalkers, keeps_no_more_than_its_bytes_for_a_store_that_does_not_answer) {
  const auto john = come("john");
  const auto more = refused(*john, 1300);
  EXPECT_GT(more, 100U);
  EXPECT_LT(more, 300U);
  answer(10'000);
  EXPECT_EQ(john->take("note").size(), 1300 - more);
  for (int i = 0; i < 2; ++i) {
    john->send("note", "lost");
    store.fails_to_append = true;
    answer(1);
    store.fails_to_append = false;
    const auto while_it_is_read = refused(*john, 1300);
    EXPECT_GT(while_it_is_read, 100U);
    EXPECT_LT(while_it_is_read, 300U) << "what waited the last time has been heard";
    answer(10'000);
    john->inbox.messages.clear();
  }
  john->send("note", "kept", "again");
  answer();
  EXPECT_EQ(john->take("note").back()["content"], "kept");
}

// What does not rest on the state need not wait for it, if too much waits: the connection's outbox holds it then.
TEST_F(SlowRoomOfTalkers, keeps_no_more_answers_than_messages_for_a_store_that_does_not_answer) {
  const auto john = come("john"), mallory = come("mallory");
  john->send("note", "being stored");
  for (int i = 0; i < 12'000; ++i) mallory->send("nobody's", nullptr, i);
  stage.run();
  EXPECT_EQ(mallory->take("error").size(), 2'001U);
  answer(1);
  EXPECT_EQ(mallory->take("error").size(), 9'999U);
  mallory->send("nobody's", nullptr, "and again");
  stage.run();
  EXPECT_EQ(mallory->take("error").at(0)["ref"], "and again");
}

TEST_F(SlowRoomOfTalkers, keeps_one_closing_of_whoever_goes_on_sending_binary_frames_while_the_store_does_not_answer) {
  const auto john = come("john"), mallory = come("mallory");
  mallory->send("note", "being stored");
  for (int i = 0; i < 12'000; ++i) mallory->send_binary();
  john->send("note", "mine");
  stage.run();
  EXPECT_EQ(john->count("error"), 0U);
  answer();
  EXPECT_EQ(john->take("note").size(), 2U);
  EXPECT_EQ(mallory->inbox.closed, CloseCode::unsupported);
}

TEST_F(SlowRoomOfTalkers, wakes_no_plugin_that_would_say_still_more_while_the_store_does_not_answer) {
  const auto john = come("john");
  john->send("wake", 1000);
  stage.run();
  for (int i = 0; i < 10'000; ++i) john->send("note", "being stored");
  stage.run();
  const auto being_stored = store.waiting();
  stage.advance(2s);
  EXPECT_EQ(store.waiting(), being_stored);
  answer(20'000);
  john->inbox.messages.clear();
  stage.advance(200ms);
  answer();
  ASSERT_EQ(john->count("note"), 1U);
  EXPECT_TRUE(john->take("note")[0]["content"].get<std::string>().starts_with("woken at"));
}

TEST_F(SlowRoomOfTalkers, keeps_no_more_newcomers_than_messages_for_a_store_that_does_not_answer) {
  const auto john = come("john");
  john->send("note", "being stored");
  for (int i = 0; i < 9'999; ++i) Actor{stage, "mallory"};
  john->leave();
  Actor bob{stage, "bob"};
  stage.run();
  EXPECT_EQ(bob.inbox.closed, CloseCode::overloaded);
  answer();
  stage.advance(stage.config.rooms.grace);
  EXPECT_EQ(stage.world.open_rooms(), 0U) << "nobody came in";
  EXPECT_EQ(come("bob")->count("welcome"), 1U);
}

TEST_F(SlowRoom, answers_unavailable_where_it_cannot_look_for_what_was_said_before_and_looks_again) {
  const auto john = come("john");
  john->send("note", "once", "r");
  answer();
  const auto back = come_back("john", john->key());
  store.fails_to_recall = true;
  back->send("note", "once", "r");
  back->send("note", "twice", "s");
  back->send("note", "without a ref");
  answer();
  const auto errors = back->take("error");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0]["code"], "unavailable");
  EXPECT_EQ(errors[1]["ref"], "s");
  store.fails_to_recall = false;
  back->send("note", "once", "r");
  answer();
  EXPECT_EQ(seqs(*back), (Seqs{2, 1}));
}

TEST_F(SlowRoom, looks_again_for_what_was_said_before_once_its_state_is_read_again) {
  const auto john = come("john");
  john->send("note", "once", "r");
  answer();
  const auto back = come_back("john", john->key());
  john->send("note", "lost");
  store.fails_to_append = true;
  back->send("note", "once", "r");  // while that is being committed
  answer();
  store.fails_to_append = false;
  answer();
  EXPECT_EQ(back->take("error").size(), 0U);
  EXPECT_EQ(seqs(*back), Seqs{1});
}

TEST_F(SlowRoom, tells_in_a_reply_only_what_is_committed) {
  const auto john = come("john"), jane = come("jane");
  jane->take("answer");
  john->send("note", "a");
  jane->send("ask", nullptr, "q");
  EXPECT_EQ(jane->count("answer"), 0U);
  answer();
  ASSERT_EQ(jane->count("answer"), 1U);
  EXPECT_EQ(first_type(*jane), "welcome");
  EXPECT_EQ(jane->inbox.messages.back()["type"], "answer") << "the message comes before the reply that tells of it";
  EXPECT_EQ(jane->take("answer")[0]["content"], Json{"a"});
  john->send("note", "lost");
  jane->send("ask", nullptr, "r");
  store.fails_to_append = true;
  answer();
  EXPECT_EQ(jane->count("answer"), 0U);
  EXPECT_EQ(jane->take("error").at(0)["ref"], "r");
}

TEST_F(SlowRoom, does_not_mind_who_leaves_meanwhile) {
  const auto john = come("john"), jane = come("jane");
  const auto epoch = epoch_of(*john);
  john->send("note", "a");
  john->leave();
  Actor gone{stage, "gone"};
  gone.leave();
  Actor resumed{stage, "resumed", 0, JoinRequest::Position{epoch, 0}};
  resumed.leave();
  answer();
  EXPECT_EQ(seqs(*jane), Seqs{1});
  jane->send("note", "lost");
  jane->leave();
  store.fails_to_append = true;
  answer();
  store.fails_to_append = false;
  EXPECT_EQ(state(), Json{"a"});
}

TEST_F(SlowRoom, hears_out_who_says_something_and_leaves_at_once) {
  Actor john{stage, "john"};  // while the log is being opened
  john.send("note", "a");
  john.leave();
  answer();
  Actor jane{stage, "jane"};
  jane.send("note", "b");
  jane.leave();
  answer();
  EXPECT_EQ(state(), (Json{"a", "b"}));
}

TEST_F(SlowRoom, says_welcome_before_it_refuses_what_came_too_early) {
  Actor john{stage, "john", 1};
  john.send("nobody's", 1);
  john.send("note", "fine");
  john.send("note", "refuse");
  answer();
  EXPECT_EQ(first_type(john), "welcome");
  const auto errors = john.take("error");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0]["code"], "unknown_type") << "answers come in the order of what they answer";
  EXPECT_EQ(errors[1]["code"], "invalid");
  EXPECT_EQ(seqs(john), Seqs{1});
}

TEST_F(SlowRoom, opens_by_itself_when_its_log_can_be_read_again) {
  store.fails_to_open = true;
  Actor john{stage, "john"};
  answer();
  for (int i = 0; i < 5; ++i) {
    stage.advance(retry);
    answer();
  }
  EXPECT_EQ(john.count("welcome"), 0U);
  store.fails_to_open = false;
  store.fails_to_read = true;
  stage.advance(retry);
  answer();
  EXPECT_EQ(john.count("welcome"), 0U);
  store.fails_to_read = false;
  stage.advance(retry);
  answer();
  EXPECT_EQ(john.count("welcome"), 1U);
  john.send("note", "at last");
  answer();
  EXPECT_EQ(seqs(john), Seqs{1});
}

TEST_F(SlowRoom, answers_unavailable_as_long_as_its_log_cannot_be_read) {
  const auto john = come("john");
  store.fails_to_append = store.fails_to_open = true;
  john->send("note", "lost", 1);
  answer();
  john->send("note", "refused at once", 2);
  EXPECT_EQ(john->take("error").size(), 2U);
  stage.advance(retry);  // opening again
  john->send("note", "refused when that fails", 3);
  john->send("ask", nullptr, 4);
  answer();
  const auto errors = john->take("error");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0]["code"], "unavailable");
  EXPECT_EQ(errors[0]["ref"], 3);
  EXPECT_EQ(errors[1]["ref"], 4);
  store.fails_to_append = store.fails_to_open = false;
  stage.advance(retry);
  answer();
  john->send("note", "kept", 5);
  answer();
  EXPECT_EQ(seqs(*john), Seqs{1});
  EXPECT_EQ(state(), Json{"kept"});
}

TEST_F(SlowRoom, lets_in_those_who_came_while_it_was_unavailable_in_their_order) {
  const auto john = come("john");
  store.fails_to_append = store.fails_to_open = true;
  john->send("note", "lost");
  answer();
  Actor jane{stage, "jane"}, bob{stage, "bob"}, gone{stage, "gone"};
  gone.leave();
  stage.advance(retry);
  answer();
  EXPECT_EQ(jane.count("welcome") + bob.count("welcome"), 0U);
  store.fails_to_append = store.fails_to_open = false;
  stage.advance(retry);
  answer();
  stage.advance(1s);
  EXPECT_EQ(jane.take("welcome").size(), 1U);
  EXPECT_EQ(jane.take("answer").at(0)["content"], Json::array());
  EXPECT_EQ(john->take("users_update").back()["content"], (Json{"john", "jane", "bob"}));
}

TEST_F(SlowRoom, greets_nobody_with_a_state_that_is_about_to_be_undone) {
  Actor john{stage, "john"};
  john.send("note", "throw in apply", 1);
  Actor jane{stage, "jane"};
  answer();  // all of this happens as soon as the log has been opened
  EXPECT_EQ(john.take("error").at(0)["code"], "internal");
  EXPECT_EQ(jane.take("welcome").size(), 1U);
  EXPECT_EQ(jane.take("answer").at(0)["content"], Json::array());
}

TEST_F(SlowRoom, undoes_a_failing_apply_after_what_is_being_committed_has_its_end) {
  const auto john = come("john"), jane = come("jane");
  john->send("note", "a", 1);
  john->send("note", "throw in apply", 2);
  john->send("note", "b", 3);
  answer();
  EXPECT_EQ(seqs(*jane), (Seqs{1, 2}));
  EXPECT_EQ(john->take("error").at(0)["ref"], 2);
  EXPECT_EQ(state(), (Json{"a", "b"}));
}

TEST_F(SlowRoom, outlives_a_store_that_throws_whatever_it_was_asked_for) {
  store.throws = true;
  Actor early{stage, "early"};
  EXPECT_EQ(early.inbox.closed, CloseCode::overloaded) << "the room cannot even be made";
  stage.home().enter([&] { stage.hub.use(stage.registry), stage.hub.close(); });
  store.throws = false;
  const auto john = come("john");
  store.throws = true;
  john->send("note", "lost", 1);
  Actor jane{stage, "jane"};
  stage.advance(retry);
  john->send("ask", nullptr, 2);
  store.throws = false;
  stage.advance(retry);
  answer();
  const auto errors = john->take("error");
  ASSERT_EQ(errors.size(), 2U);
  EXPECT_EQ(errors[0]["code"], "unavailable");
  EXPECT_EQ(errors[0]["ref"], 1);
  EXPECT_EQ(errors[1]["ref"], 2);
  EXPECT_EQ(jane.take("welcome").size(), 1U);
  john->send("note", "kept");
  answer();
  EXPECT_EQ(seqs(jane), Seqs{1});
  EXPECT_EQ(state(), Json{"kept"});
}

TEST_F(SlowRoom, does_not_bother_a_shard_on_which_nobody_is_any_more) {
  const auto john = come("john");
  {
    Actor jane{stage, "jane", 1};
    answer();
    EXPECT_EQ(jane.count("welcome"), 1U);
  }
  stage.advance(1s);
  john->send("note", "a");
  stage.home().enter([this] { store.answer_one(); });
  EXPECT_EQ(seqs(*john), Seqs{1});
  EXPECT_FALSE(stage.shards[1].run_one());
}

TEST_F(SlowRoom, whoever_came_before_something_was_said_to_a_room_that_was_being_opened_is_in_it_first) {
  Actor john{stage, "john", 0, {}, "a room"};
  Actor jane{stage, "jane", 0, {}, "a room"};
  john.send("note", "said while the room was being opened");
  answer(), answer(), answer();
  EXPECT_EQ(jane.take("welcome").at(0)["content"]["seq"], 0);
  EXPECT_EQ(jane.count("note"), 1U);
}

class SlowRoomWithSnapshots : public SlowRoom {
 protected:
  SlowRoomWithSnapshots() : SlowRoom{{{"HUBBUB_STORE__SNAPSHOT_EVERY", "3"}}} {}
};

TEST_F(SlowRoomWithSnapshots, keeps_no_snapshot_of_what_failed) {
  const auto john = come("john");
  for (const auto* text : {"a", "b", "lost", "lost too"}) john->send("note", text);
  answer(2);
  store.fails_to_append = true;
  answer();
  store.fails_to_append = false;
  EXPECT_EQ(state(), (Json{"a", "b"}));
  for (const auto* text : {"c", "d"}) john->send("note", text);
  answer();
  store.fails_to_append = true;  // makes the room fetch its state, from the snapshot after three
  john->send("note", "lost");
  answer();
  store.fails_to_append = false;
  EXPECT_EQ(state(), (Json{"a", "b", "c", "d"}));
}

class SlowRoomWithStrikes : public SlowRoom {
 protected:
  SlowRoomWithStrikes() : SlowRoom{{{"HUBBUB_WEBSOCKET__RATE__BURST", "1"}, {"HUBBUB_WEBSOCKET__RATE__STRIKES", "3"}}} {}
};

TEST_F(SlowRoomWithStrikes, answers_everything_before_it_closes_who_broke_the_limits) {
  Actor john{stage, "john", 1};
  for (int i = 0; i < 10; ++i) john.send("note", i);
  answer();
  EXPECT_EQ(john.inbox.closed, CloseCode::kept_breaking_limits);
  EXPECT_EQ(seqs(john), Seqs{1});
  EXPECT_EQ(john.take("error").size(), 2U);
}

class SlowRoomWithoutGrace : public SlowRoom {
 protected:
  explicit SlowRoomWithoutGrace(config::Environment environment = {}) : SlowRoom{with(std::move(environment))} {}

  static config::Environment with(config::Environment environment) {
    environment.emplace("HUBBUB_ROOMS__GRACE", "1ms");
    return environment;
  }
};

TEST_F(SlowRoomWithoutGrace, stays_while_a_message_of_the_last_member_is_being_committed) {
  const auto john = come("john");
  john->send("note", "a");
  john->leave();
  stage.advance(1s);
  answer();
  stage.advance(1s);
  EXPECT_EQ(state(), Json{"a"});
}

TEST_F(SlowRoomWithoutGrace, stays_when_somebody_comes_and_goes_just_as_it_is_closing) {
  const auto john = come("john");
  john->send("note", "before");
  answer();
  john->leave();
  store.when_put = [&] {  // the room's last word; a visitor from another shard was quicker
    Actor jane{stage, "jane", 1};
    jane.send("note", "a");
  };
  stage.advance(1ms);
  store.when_put = nullptr;
  answer();
  stage.advance(1s);
  EXPECT_EQ(state(), (Json{"before", "a"}));
}

TEST_F(SlowRoomWithoutGrace, is_given_up_when_it_cannot_be_opened_and_nobody_waits) {
  store.fails_to_open = true;
  Actor john{stage, "john"};
  answer();
  john.leave();
  for (int i = 0; i < 3; ++i) {
    stage.advance(retry);
    answer();
  }
  for (int i = 0; i < 10; ++i) {
    stage.advance(retry);
    EXPECT_EQ(store.waiting(), 0U);
  }
}

class FullRoom : public SlowRoomWithoutGrace {
 protected:
  FullRoom() : SlowRoomWithoutGrace{{{"HUBBUB_ROOMS__MEMBERS", "1"}}} {}
};

TEST_F(FullRoom, refuses_one_more_and_hears_no_more_of_it_even_after_the_room_has_closed) {
  const auto john = come("john");
  const auto jane = come("jane");
  EXPECT_EQ(jane->inbox.closed, CloseCode::overloaded);
  jane->send("note", "hello?");
  answer();
  EXPECT_EQ(john->count("note"), 0U);
  john->leave();
  stage.advance(1s);
  jane->send("note", "anybody?");
  jane->leave();
  answer();
  EXPECT_FALSE(come("bob")->inbox.closed);
}

}  // namespace
}  // namespace hubbub::rooms
