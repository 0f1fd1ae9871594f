#include "config/config.hpp"

#include <gtest/gtest.h>

#include <thread>

#include "config/own_files.hpp"
#include "start.hpp"

namespace hubbub::config {
namespace {

TEST(Config, NoFileIsTheDefaultsAndNoPlugins) {
  const Config config = load(std::nullopt, {});
  Server server;
  server.static_directory = own_pages();
  EXPECT_EQ(config.server, server);
  EXPECT_EQ(config.http, Http{});
  EXPECT_EQ(config.websocket, Websocket{});
  EXPECT_EQ(config.rooms, Rooms{});
  EXPECT_EQ(config.store, (Store{.path = config.store.path}));
  EXPECT_TRUE(config.store.path.is_absolute());
  EXPECT_EQ(config.log, Log{});
  EXPECT_EQ(config.plugins.directories, std::vector{own_plugins()});
  EXPECT_TRUE(config.plugins.enabled.empty());
}

TEST(Config, AnEmptyFileAndAFileOfCommentsAreTheDefaults) {
  for (const auto* yaml :
       {"", "\n\n", "# nothing\n  # here", "---\n", "server:\nhttp: ~\nrooms: null\nlog: {}\nplugins:\n"}) {
    EXPECT_EQ(config_of(yaml).websocket, Websocket{}) << yaml;
    EXPECT_TRUE(config_of(yaml).plugins.enabled.empty()) << yaml;
  }
}

TEST(Config, EveryOptionIsReadIntoItsOwnPlace) {
  const Config config = config_of(R"(
server: {host: "::", port: 0, threads: 3, static: pages, connections: 7, shutdown_timeout: 0s}
http: {header_limit: 1KiB, body_limit: 0B, timeout: 1s, content_security_policy: default-src 'self'}
websocket:
  enabled: false
  max_message: 128B
  max_depth: 1
  ping_interval: 1s
  pong_timeout: 2s
  message_timeout: 3s
  close_timeout: 100ms
  outbox: 4KiB
  compression: true
  rate: {messages: 1, burst: 2, size: 1KiB, burst_size: 2KiB, strikes: 3}
rooms: {members: 1, open: 2, grace: 1d, presence: {interval: 10ms, absence: 0s, announce: 0, list: 1}}
store: {type: memory, path: rooms.db, synchronous: full, size: 1MiB, retention: {messages: 1, size: 64KiB, age: 1m}, rooms: 3, snapshot_every: 2}
log: {level: off}
plugins: {directory: lib, watch: true, limits: {budget: 1ms, faults: 2, within: 3s, off: 4s, state: 5KiB, hang: 600ms}}
)");
  EXPECT_EQ(config.server.host, "::");
  EXPECT_EQ(config.server.port, 0);
  EXPECT_EQ(config.server.threads, 3U);
  EXPECT_EQ(config.server.static_directory.filename(), "pages");
  EXPECT_EQ(config.server.connections, 7U);
  EXPECT_EQ(config.server.shutdown_timeout, 0s);
  EXPECT_EQ(config.http, (Http{1 * KiB, 0, 1s, "default-src 'self'"}));
  EXPECT_EQ(config.websocket, (Websocket{false, 128, 1, 1s, 2s, 3s, 100ms, 4 * KiB, true, {1, 2, 1 * KiB, 2 * KiB, 3}}));
  EXPECT_EQ(config.rooms, (Rooms{1, 2, 24h, {10ms, 0s, 0, 1}}));
  EXPECT_EQ(config.store, (Store{"memory", config.store.path, "full", 1 * MiB, {1, 64 * KiB, 1min}, 3, 2}));
  EXPECT_EQ(config.store.path.filename(), "rooms.db");
  EXPECT_EQ(config.log.level, "off");
  EXPECT_EQ(config.plugins.directories.front().filename(), "lib");
  EXPECT_TRUE(config.plugins.watch);
  EXPECT_EQ(config.plugins.limits, (PluginLimits{1ms, 2, 3s, 4s, 5 * KiB, 600ms}));
}

TEST(Config, KnowsItsSourceAndWhenItWasRead) {
  const Start start{""};
  const auto before = std::chrono::system_clock::now();
  const auto config = start.config();
  EXPECT_EQ(config.file, start.file());
  EXPECT_LE(before, config.read);
  EXPECT_LE(config.read, std::chrono::system_clock::now());
  EXPECT_TRUE(load(std::nullopt, {}).file.empty());
}

TEST(Config, WithoutANamedFileIsTheBundledOneExceptForTheDirectories) {
  const auto config = load_own({{"HUBBUB_SERVER__PORT", "1"}});
  EXPECT_EQ(config.file, own_config());
  EXPECT_EQ(config.server.port, 1);
  EXPECT_EQ(config.store.path, std::filesystem::current_path() / "data/hubbub.db");
  EXPECT_GE(config.plugins.enabled.size(), 8U);
}

TEST(Config, TakesEveryPossibleNumberOfThreads) {
  EXPECT_EQ(config_of("server: {threads: auto}").server.threads, 0U);
  for (const unsigned count : {1U, 256U}) EXPECT_EQ(config_of("server: {threads: " + std::to_string(count) + "}").server.threads, count);
  for (const auto* wrong : {"0", "257", "-1", "1.0", "+1", "0x1", "Auto", "4294967297", "' 1'", "[1]"}) {
    EXPECT_EQ(problems_of(std::string{"server: {threads: "} + wrong + "}").size(), 1U) << wrong;
  }
}

TEST(Config, TakesAddressesOfTheInternetAndNoNames) {
  for (const auto* host : {"127.0.0.1", "0.0.0.0", "255.255.255.255", "'::'", "'::1'", "'2001:db8::ff00:42:8329'", "'::ffff:10.0.0.1'"}) {
    EXPECT_EQ(problems_of(std::string{"server: {host: "} + host + "}"), Lines{}) << host;
  }
  for (const auto* host : {"localhost", "127.0.0", "127.0.0.256", "'::g'", "'[::1]'", "'127.0.0.1:80'", "''", "80", "\"::\\0x\""}) {
    EXPECT_EQ(problems_of(std::string{"server: {host: "} + host + "}").size(), 1U) << host;
  }
}

TEST(Config, TakesAContentSecurityPolicyThatIsAValidHeader) {
  const auto problems = [](const std::string& policy) { return problems_of("http: {content_security_policy: \"" + policy + "\"}").size(); };
  for (const auto& policy : {std::string{}, std::string{" ~"}, std::string(4000, 'x')}) EXPECT_EQ(problems(policy), 0U) << policy.size();
  for (const auto& policy : {std::string(4001, 'x'), std::string{"a\\tb"}, std::string{"a\\nb"}, std::string{"caf\u00e9"}, std::string{"\\x7f"}}) EXPECT_EQ(problems(policy), 1U) << policy;
}

TEST(Config, WithMistakesStillHasEveryValueThatCouldBeRead) {
  const Start start{"server: {port: many, connections: 7}\nlog: {level: debug}\nplugins: {chat: {}, Draw: {}}\n"};
  try {
    start.config();
    FAIL();
  } catch (const Mistakes& mistakes) {
    EXPECT_EQ(mistakes.problems().size(), 2U);
    EXPECT_EQ(mistakes.config.server.port, Server{}.port);
    EXPECT_EQ(mistakes.config.server.connections, 7U);
    EXPECT_EQ(mistakes.config.log.level, "debug");
    ASSERT_EQ(mistakes.config.plugins.enabled.size(), 1U);
    EXPECT_EQ(mistakes.config.plugins.enabled[0].name, "chat");
  }
}

TEST(Config, RelativePathsStartAtTheDirectoryOfTheFile) {
  const Start start{"server: {static: lib/../pages}\nstore: {path: rooms/all.db}\nplugins: {directory: lib}\n"};
  EXPECT_EQ(start.config().server.static_directory, start.directory() / "pages");
  EXPECT_EQ(start.config().store.path, start.directory() / "rooms/all.db");
  EXPECT_EQ(start.config().plugins.directories, (std::vector{start.directory() / "lib", own_plugins()}));
  const Start absolute{"server: {static: /usr}\nplugins: {directory: /usr/lib}\n"};
  EXPECT_EQ(absolute.config().server.static_directory, "/usr");
  EXPECT_EQ(absolute.config().plugins.directories.front(), "/usr/lib");
}

TEST(Config, DirectoriesThatAreNotThereAndPlacesWhereNoFileCanBeAreMistakes) {
  EXPECT_EQ(problems_of("server:\n  static: page\nstore:\n  path: lib\nplugins:\n  directory: config.yaml\n"),
            (Lines{"config.yaml:2: server.static: there is no directory page; create it or name another",
                   "config.yaml:4: store.path: lib is a directory; name a file in it",
                   "config.yaml:6: plugins.directory: there is no directory config.yaml; create it or name another"}));
  EXPECT_EQ(problems_of("store: {path: config.yaml/a/rooms.db}"),
            Lines{"config.yaml:1: store.path: config.yaml is no directory, so no file can be in it; name another file"});
  EXPECT_EQ(problems_of("", {{"HUBBUB_PLUGINS__DIRECTORY", "/nowhere"}}),
            Lines{"environment HUBBUB_PLUGINS__DIRECTORY: there is no directory /nowhere; create it or name another"});
  // The store creates missing directories; and with memory it has no file.
  for (const auto* yaml : {"store: {path: a/b/rooms.db}", "store: {path: pages/rooms.db}", "store: {path: lib, type: memory}"}) EXPECT_EQ(problems_of(yaml), Lines{}) << yaml;
}

TEST(Config, AFileThatCannotBeReadIsOneProblemThatSaysWhy) {
  const Start start{""};
  const auto problem = [&](const std::filesystem::path& file) -> Lines {
    try {
      load(file, {});
      return {};
    } catch (const Error& e) {
      return start.without_directory(e.problems());
    }
  };
  EXPECT_EQ(problem(start.directory() / "gone.yaml"), Lines{"gone.yaml: cannot be read: no such file or directory"});
  EXPECT_EQ(problem(start.directory() / ""), Lines{": is a directory; name a file"});
  EXPECT_EQ(problems_of(std::string(1024 * 1024 + 1, '#')),
            Lines{"config.yaml: is larger than 1MiB"});
  EXPECT_EQ(problems_of(std::string(1024 * 1024, '#')), Lines{});
}

TEST(Config, AllProblemsOfAStartComeTogetherInTheOrderOfTheFileThenOfTheEnvironment) {
  const Lines expected{"config.yaml:2: log.level: must be one of trace, debug, info, warn, error or off, not \"loud\"",
                       "config.yaml:4: server.port: must be a whole number from 0 to 65535, not 70000",
                       "config.yaml:5: server.port: is given twice, first on line 4; remove one",
                       "config.yaml:6: server.hots: unknown option; did you mean \"host\"?",
                       "environment HUBBUB_HTTP__TIMEOUT: must be a time from 1s to 1h such as 30s, not 5",
                       "environment WS_ENABLED: must be true or false, not \"perhaps\""};
  const Start start{"log:\n  level: loud\nserver:\n  port: 70000\n  port: 1\n  hots: x\n",
                    {{"WS_ENABLED", "perhaps"}, {"HUBBUB_HTTP__TIMEOUT", "5"}}};
  EXPECT_EQ(start.problems(), expected);
  try {
    start.config();
  } catch (const std::runtime_error& e) {
    const std::string what = e.what();
    EXPECT_EQ(std::count(what.begin(), what.end(), '\n'), 5);
  }
}

TEST(Plugins, AreLoadedInTheOrderOfTheFileUnlessDisabled) {
  const Config config =
      config_of("plugins:\n  draw: {}\n  chat:\n  off: {enabled: false, whatever: [1]}\n  a_1: {enabled: true}\n");
  std::vector<std::string> names;
  for (const auto& plugin : config.plugins.enabled) names.push_back(plugin.name);
  EXPECT_EQ(names, (std::vector<std::string>{"draw", "chat", "a_1"}));
}

TEST(Plugins, AreGivenTheirOwnOptionsWithTheSameQualityOfMessages) {
  const Start start{"plugins:\n  chat:\n    history: 5\n    max_lenght: 3\n    style: [1, two]\n",
                    {{"HUBBUB_PLUGINS__CHAT__LIMIT", "many"}}};
  const Config config = start.config();
  ASSERT_EQ(config.plugins.enabled.size(), 1U);
  OptionsReader reader = config.plugins.enabled[0].reader();
  EXPECT_EQ(reader.integer("history", 50, 0, 1000), 5);
  EXPECT_EQ(reader.integer("max_length", 2000, 1, 65536), 2000);
  EXPECT_EQ(reader.integer("limit", 1, 0, 9), 1);
  EXPECT_EQ(reader.json("style", {}), Json::parse(R"([1, "two"])"));
  reader.refuse("style", "two names");
  EXPECT_EQ(start.without_directory(reader.problems()),
            (Lines{"config.yaml:4: plugins.chat.max_lenght: unknown option; did you mean \"max_length\"?",
                   "config.yaml:5: plugins.chat.style: must be two names, not a list",
                   "environment HUBBUB_PLUGINS__CHAT__LIMIT: must be a whole number from 0 to 9, not \"many\""}));
}

TEST(Plugins, CanEachBeReadOnSeveralThreadsAtOnce) {
  const PluginSection plugin = config_of("plugins: {chat: {history: 7, x: 1}}").plugins.enabled.at(0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([plugin] {
      OptionsReader reader = plugin.reader();
      EXPECT_EQ(reader.integer("history", 50, 0, 1000), 7);
      EXPECT_EQ(reader.problems().size(), 1U);
    });
  }
  for (auto& thread : threads) thread.join();
}

TEST(Plugins, ALibraryThatIsNoPluginIsRefused) {
  EXPECT_EQ(
      problems_of("plugins:\n  Chat: {}\n  1st: {}\n  chat: false\n  draw: [1]\n  dice: {enabled: 1}\n"),
      (Lines{"config.yaml:2: plugins.Chat: a plugin's name is lower-case letters, digits and underscores, beginning "
             "with a letter",
             "config.yaml:3: plugins.1st: a plugin's name is lower-case letters, digits and underscores, beginning "
             "with a letter",
             "config.yaml:4: plugins.chat: must be lines of \"name: value\", not false; write chat: {enabled: false}",
             "config.yaml:5: plugins.draw: must be lines of \"name: value\", not a list",
             "config.yaml:6: plugins.dice.enabled: must be true or false, not 1"}));
  EXPECT_EQ(problems_of("plugins: [chat]"),
            Lines{"config.yaml:1: plugins: must be lines of \"name: value\", not a list"});
}

TEST(Config, KnowsTheFilesThatPluginsHaveRead) {
  const Start start{"plugins:\n  a:\n    list: [one.txt, sub/../two.txt]\n"};
  const auto config = start.config();
  EXPECT_TRUE(config.files->paths().empty());
  auto reader = config.plugins.enabled.at(0).reader();
  reader.files("list");
  EXPECT_EQ(config.files->paths(), (std::vector{start.directory() / "one.txt", start.directory() / "two.txt"}));
}

}  // namespace
}  // namespace hubbub::config
