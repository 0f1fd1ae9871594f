// The messages for mistakes in config.yaml that are easy to make.
#include <gtest/gtest.h>

#include "start.hpp"

namespace hubbub::config {
namespace {

struct Mistake {
  std::string name;
  std::string yaml;
  std::string line;  // after "config.yaml:"
};

class Mistakes : public testing::TestWithParam<Mistake> {};

TEST_P(Mistakes, GiveOneLineThatSaysWhereAndWhatToDo) {
  EXPECT_EQ(problems_of(GetParam().yaml), Lines{"config.yaml:" + GetParam().line});
}

// clang-format off
INSTANTIATE_TEST_SUITE_P(Values, Mistakes, testing::Values(
    Mistake{"WordForANumber", "server:\n  port: abc\n", R"(2: server.port: must be a whole number from 0 to 65535, not "abc")"},
    Mistake{"QuotedNumber", "server:\n  port: \"80\"\n", R"(2: server.port: must be a whole number from 0 to 65535, not "80"; remove the quotes)"},
    Mistake{"QuotedSwitch", "websocket: {compression: 'true'}", R"(1: websocket.compression: must be true or false, not "true"; remove the quotes)"},
    Mistake{"Fraction", "server: {port: 80.5}", "1: server.port: must be a whole number from 0 to 65535, not 80.5"},
    Mistake{"Negative", "server: {port: -1}", "1: server.port: must be a whole number from 0 to 65535, not -1"},
    Mistake{"TooLarge", "server: {port: 65536}", "1: server.port: must be a whole number from 0 to 65535, not 65536"},
    Mistake{"BeyondSixtyFourBits", "server: {port: 99999999999999999999}", "1: server.port: must be a whole number from 0 to 65535, not 99999999999999999999"},
    Mistake{"Octal", "server: {port: 0100}", R"(1: server.port: must be a whole number from 0 to 65535, not "0100")"},
    Mistake{"Infinite", "server: {port: 1e999}", R"(1: server.port: must be a whole number from 0 to 65535, not "1e999")"},
    Mistake{"ListForANumber", "server:\n  port:\n    - 1\n", "2: server.port: must be a whole number from 0 to 65535, not a list"},
    Mistake{"SectionForANumber", "server:\n  port:\n    a: 1\n", "2: server.port: must be a whole number from 0 to 65535, not a section"},
    Mistake{"YesForTrue", "websocket: {compression: yes}", R"(1: websocket.compression: must be true or false, not "yes")"},
    Mistake{"NameForAnAddress", "server: {host: localhost}", R"(1: server.host: must be an IP address such as 127.0.0.1, 0.0.0.0 or "::", not "localhost")"},
    Mistake{"OctalThreads", "server: {threads: 010}", "1: server.threads: must be auto or a whole number from 1 to 256, not \"010\""},
    Mistake{"NoThreads", "server: {threads: 0}", "1: server.threads: must be auto or a whole number from 1 to 256, not 0"},
    Mistake{"EmptyPath", "store: {path: ''}", R"(1: store.path: must be the path of a file, not "")"},
    Mistake{"UnknownChoice", "log: {level: warning}", R"(1: log.level: must be one of trace, debug, info, warn, error or off, not "warning")"},
    Mistake{"TwoChoices", "store: {type: redis}", R"(1: store.type: must be sqlite or memory, not "redis")"},
    Mistake{"TimeWithoutUnit", "websocket: {ping_interval: 25}", "1: websocket.ping_interval: must be a time from 1s to 1h such as 25s, not 25"},
    Mistake{"TimeOutOfRange", "websocket: {ping_interval: 2h}", R"(1: websocket.ping_interval: must be a time from 1s to 1h such as 25s, not "2h")"},
    Mistake{"TimeInOtherWords", "websocket: {ping_interval: 5 min}", R"(1: websocket.ping_interval: must be a time from 1s to 1h such as 25s, not "5 min"; write 5m)"},
    Mistake{"TimeThatOverflows", "rooms: {grace: 99999999999999999d}", R"(1: rooms.grace: must be a time from 0s to 1d such as 30s, not "99999999999999999d")"},
    Mistake{"SizeWithoutUnit", "http: {body_limit: 65536}", "1: http.body_limit: must be a size from 0B to 64MiB such as 64KiB, not 65536"},
    Mistake{"SizeInKb", "http: {body_limit: 64kb}", R"(1: http.body_limit: must be a size from 0B to 64MiB such as 64KiB, not "64kb"; write 64KiB)"},
    Mistake{"SizeInK", "http: {body_limit: 64K}", R"(1: http.body_limit: must be a size from 0B to 64MiB such as 64KiB, not "64K"; write 64KiB)"},
    Mistake{"SizeInGbOutOfRange", "http: {body_limit: 2GB}", R"(1: http.body_limit: must be a size from 0B to 64MiB such as 64KiB, not "2GB")"},
    Mistake{"SizeThatOverflows", "http: {body_limit: 18446744073709551615GiB}", R"(1: http.body_limit: must be a size from 0B to 64MiB such as 64KiB, not "18446744073709551615GiB")"},
    Mistake{"NoSpaceAfterColon", "server:\n  port:5\n", R"(1: server: must be lines of "name: value", not "port:5")"},
    Mistake{"ListForASection", "server:\n  - port\n", R"(1: server: must be lines of "name: value", not a list)"},
    Mistake{"SwitchForASection", "websocket: false", R"(1: websocket: must be lines of "name: value", not false; write websocket: {enabled: false})"},
    Mistake{"ListForEverything", "- server\n", R"(1: must be lines of "name: value", not a list)"},
    Mistake{"NotAConfigurationAtAll", "hello\n", R"(1: must be lines of "name: value", not "hello")"}),
    [](const auto& mistake) { return mistake.param.name; });

INSTANTIATE_TEST_SUITE_P(Names, Mistakes, testing::Values(
    Mistake{"SwappedLetters", "server:\n  host: 127.0.0.1\n  prot: 80\n", R"(3: server.prot: unknown option; did you mean "port"?)"},
    Mistake{"Capitals", "server: {Port: 80}", R"(1: server.Port: unknown option; did you mean "port"?)"},
    Mistake{"Hyphen", "websocket: {max-message: 1KiB}", R"(1: websocket.max-message: unknown option; did you mean "max_message"?)"},
    Mistake{"Nested", "rooms:\n  presence:\n    anounce: 5\n", R"(3: rooms.presence.anounce: unknown option; did you mean "announce"?)"},
    Mistake{"Section", "websockets:\n  enabled: true\n", R"(1: websockets: unknown option; did you mean "websocket"?)"},
    Mistake{"NotIndented", "server:\nport: 80\n", R"(2: port: unknown option; did you mean "server.port"?)"},
    Mistake{"Unlike", "log: {file: hubbub.log}", "1: log.file: unknown option; known here: level"},
    Mistake{"UnlikeMany", "server: {tls: true}", "1: server.tls: unknown option; known here: host, port, threads, static, connections, shutdown_timeout"},
    Mistake{"Twice", "log:\n  level: info\n\nlog:\n  level: off\n", "4: log: is given twice, first on line 1; remove one"},
    Mistake{"TwiceNested", "rooms:\n  presence:\n    list: 5\n    list: 5\n", "4: rooms.presence.list: is given twice, first on line 3; remove one"},
    Mistake{"WithLineBreaks", "\"a\\nb\": 1", R"(1: "a\nb": unknown option; known here: server, http, websocket, rooms, store, log, plugins)"}),
    [](const auto& mistake) { return mistake.param.name; });

INSTANTIATE_TEST_SUITE_P(Syntax, Mistakes, testing::Values(
    Mistake{"AddressWithoutQuotes", "server:\n  host: ::\n", R"(2:10: is not valid YAML: a ":" that does not belong here; put text that contains one in quotes, and indent with spaces, not tabs)"},
    Mistake{"TabAsIndentation", "server:\n\tport: 80\n", R"(2:6: is not valid YAML: a ":" that does not belong here; put text that contains one in quotes, and indent with spaces, not tabs)"},
    Mistake{"TabAmongSpaces", "server:\n  port: 80\n\thost: x\n", "3:1: is not valid YAML: a tab in the indentation; indent with spaces"},
    Mistake{"Indentation", "server:\n  port: 80\n host: x\n", "3:2: is not valid YAML: this line is indented unlike the lines around it; indent the lines of a section equally"},
    Mistake{"OpenQuote", "server:\n  host: \"127.0.0.1\n  port: 80\n", "2: is not valid YAML: a quote that is not closed, here or below"},
    Mistake{"OpenBrace", "server: {port: 80\nlog:\n", "1: is not valid YAML: a { that is not closed"},
    Mistake{"OpenBracket", "server:\n  port: [80\n", "2: is not valid YAML: a [ that is not closed"},
    Mistake{"SpecialCharacter", "server:\n  host: @home\n", "2:9: is not valid YAML: text that begins with this character needs quotes"},
    Mistake{"UnknownAlias", "server:\n  port: *p\n", "2:9: is not valid YAML: the referenced anchor is not defined"},
    Mistake{"Tag", "server:\n  port: !!int 80\n", "2: YAML tags such as !!int or !name are not supported; remove it"},
    Mistake{"ListAsName", "? [a]\n: b\n", "1: a list or section where a name belongs; close each [ and {, and put text that begins with one in quotes"},
    Mistake{"NothingAsName", "server:\n  ~: 1\n", "2: a name must be plain text"},
    Mistake{"SecondDocument", "server:\n---\nlog:\n", "2: a second document begins here; a configuration is one document"},
    Mistake{"Latin1", "# 1\nserver:\n  static: caf\xE9\n", "3: is not valid UTF-8; save it as UTF-8"},
    Mistake{"ControlCharacter", std::string{"server:\n  port: 80\n\x04"}, "3: holds a control character; remove it"}),
    [](const auto& mistake) { return mistake.param.name; });
// clang-format on

}  // namespace
}  // namespace hubbub::config
